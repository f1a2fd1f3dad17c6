"""Pages for finding: kept searches, and what nobody knows yet."""
