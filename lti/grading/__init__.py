"""Scores in gradebooks: columns, deliveries, and the pages of both."""
