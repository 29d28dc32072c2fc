"""Doors to what campaigns say and ask."""
