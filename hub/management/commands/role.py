"""`manage.py role`: give an account a role, or take it."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from campaigns.actions.coordinators import appoint_campaign_coordinator, dismiss_campaign_coordinator
from campaigns.models import Campaign
from hub import accounts
from hub.models import User

COORDINATOR = "campaign-coordinator"


class Command(BaseCommand):
    """Give an account a role, or take it; what was done and why stands in the audit log."""

    help = "Give an account a role, or take it."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("address", help="the account's exact e-mail address")
        parser.add_argument("role", choices=(*accounts.ROLES, COORDINATOR))
        parser.add_argument("--campaign", default="", help=f"of {COORDINATOR}: the campaign's address")
        parser.add_argument("--take", action="store_true", help=f"of {COORDINATOR}: take the role")
        parser.add_argument("--reason", required=True, help="why, without naming anybody")

    def handle(self, *args: Any, address: str, role: str, reason: str, **options: Any) -> None:
        user = User.objects.filter(email=address).first()
        if user is None:
            raise CommandError("No account has this address.")
        if not reason.strip() or len(reason) > 200:
            raise CommandError("Say why in at most 200 characters: --reason.")
        facts: dict[str, Any] = {"reason": reason.strip(), "by": None, "at": timezone.now()}
        if role == COORDINATOR:
            self._coordinator(user, options["campaign"], take=options["take"], **facts)
            return
        if options["campaign"] or options["take"]:
            raise CommandError(f"--campaign and --take belong to the role {COORDINATOR}.")
        try:
            accounts.give_role(user, role, **facts)
        except accounts.RoleRefused:
            raise CommandError("It is the only administrator: appoint another one first.") from None
        self.stdout.write(f"Its role is {role} now.")

    def _coordinator(self, user: User, slug: str, *, take: bool, **facts: Any) -> None:
        campaign = Campaign.objects.filter(slug=slug).first()
        if campaign is None:
            known = ", ".join(Campaign.objects.order_by("slug").values_list("slug", flat=True))
            raise CommandError(f"Say of which campaign: --campaign. There are: {known or 'none yet'}.")
        act = dismiss_campaign_coordinator if take else appoint_campaign_coordinator
        act(campaign, user, **facts)
        now = "coordinates this campaign no more" if take else "is a coordinator of this campaign now"
        self.stdout.write(f"It {now}.")
