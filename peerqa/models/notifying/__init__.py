"""How a member is reached by mail, and what was sent."""
