"""Use cases around asking: drafts, pictures, questions that name nobody."""
