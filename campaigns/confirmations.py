"""Which acts wait for a mailbox: signatures, endorsements and officers' claims."""

from campaigns import endorsement_confirmations, signature_confirmations  # noqa: F401  each in a file of its own
