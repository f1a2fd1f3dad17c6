"""What belongs to asking beside the question itself."""
