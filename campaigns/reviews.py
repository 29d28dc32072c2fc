"""What of campaigns can be moderated."""

from campaigns import endorsement_reviews  # noqa: F401  endorsements, in a file of their own
