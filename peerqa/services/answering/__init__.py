"""Working on questions and answers together."""
