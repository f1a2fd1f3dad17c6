"""Finding by filters: what is typed, what it means, and searches that are kept."""
