"""What members keep to find again."""
