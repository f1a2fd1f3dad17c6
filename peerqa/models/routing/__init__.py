"""Tables about who is asked whether they know, and when."""
