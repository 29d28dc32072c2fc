"""What mail campaigns send."""

from campaigns import endorsement_messages, signature_messages  # noqa: F401  each in a file of its own
