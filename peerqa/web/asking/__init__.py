"""Pages around asking."""
