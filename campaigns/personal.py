"""What campaigns keep about people, and for how long."""

from campaigns import personal_of_members, personal_of_signers  # noqa: F401  each in a file of its own
