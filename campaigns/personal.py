"""What campaigns keep about people, and for how long."""

from campaigns import personal_of_members  # noqa: F401  accounts, in a file of their own
