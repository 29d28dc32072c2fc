"""What campaigns keep about people, and for how long."""

from campaigns import (
    endorsement_data,  # noqa: F401  each in a file of its own
    personal_of_members,  # noqa: F401
    personal_of_signers,  # noqa: F401
)
