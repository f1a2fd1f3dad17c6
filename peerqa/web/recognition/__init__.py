"""Pages about what help was worth."""
