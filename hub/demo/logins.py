"""The demo's accounts, whose password is public: the demo answers its own machine only."""

from datetime import datetime

from hub import accounts
from hub.models import User

ADMIN_EMAIL = "admin@example.org"
MODERATOR_EMAIL = "moderator@example.org"
COORDINATOR_EMAIL = "coordinator@example.org"
MEMBER_EMAIL = "member@example.org"
DEMO_LOGINS = (ADMIN_EMAIL, MODERATOR_EMAIL, COORDINATOR_EMAIL, MEMBER_EMAIL)
PASSWORD = "labor-party-demo"  # noqa: S105  public on purpose: the demo answers loopback hosts only
NAMES = ("Demo Administrator", "Demo Moderator", "Demo Coordinator", "Demo Member")


def make_logins(now: datetime) -> dict[str, User]:
    """The accounts by address, those that are missing made anew."""
    found = {}
    for address, name in zip(DEMO_LOGINS, NAMES, strict=True):
        user = User.objects.filter(email=address).first()
        if user is None:
            make = User.objects.create_superuser if address == ADMIN_EMAIL else User.objects.create_user
            user = make(address, PASSWORD, display_name=name)
        found[address] = user
    accounts.give_role(found[MODERATOR_EMAIL], "moderator", reason="demo data", by=None, at=now)
    return found
