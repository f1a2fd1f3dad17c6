"""Tables of moderation: what was done, and what was complained of."""
