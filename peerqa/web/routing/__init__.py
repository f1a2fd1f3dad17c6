"""Pages about who is asked."""
