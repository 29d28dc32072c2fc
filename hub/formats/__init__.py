"""How dates and times are written in each language, the same as `events/when.py` writes an event's."""
