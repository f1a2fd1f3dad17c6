"""What teachers place in their courses: deep linking, placements, copied courses."""
