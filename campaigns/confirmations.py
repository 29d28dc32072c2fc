"""What of campaigns waits for a mailbox to be confirmed."""

from campaigns import endorsement_confirmations  # noqa: F401  endorsements, in a file of their own
