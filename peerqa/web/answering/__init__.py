"""Pages for working on questions and answers together."""
