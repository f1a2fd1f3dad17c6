"""Tables about what help was worth, and to whom."""
