"""Pages and buttons for keeping answers right."""
