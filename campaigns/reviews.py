"""What of campaigns can be moderated."""

from campaigns import endorsement_reviews, signature_reviews  # noqa: F401  each in a file of its own
