"""What mail campaigns send."""

from campaigns import endorsement_messages  # noqa: F401  endorsements, in a file of their own
