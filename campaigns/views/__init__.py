"""Pages of the low floor."""
