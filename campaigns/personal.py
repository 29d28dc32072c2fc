"""What campaigns keep about people, and for how long."""

from campaigns import endorsement_data  # noqa: F401  endorsements, in a file of their own
