"""Who is logged in: allauth's ways in, and the account with what pages for staff ask of it."""

from typing import Any

from allauth.account.auth_backends import AuthenticationBackend
from allauth.mfa.models import Authenticator
from django.db.models import Exists, OuterRef

from hub.models import User
from hub.permissions import MODERATORS


class AccountBackend(AuthenticationBackend):
    """Reads an account at each request together with its role and its second factor, so that neither costs
    a query of its own."""

    def get_user(self, user_id: Any) -> User | None:
        """The account of a session, while it may log in."""
        groups = User.groups.through.objects.filter(user=OuterRef("pk"), group__name=MODERATORS)
        authenticators = Authenticator.objects.filter(user=OuterRef("pk"), type=Authenticator.Type.TOTP)
        found = User.objects.filter(pk=user_id).annotate(
            in_moderators=Exists(groups), had_authenticator=Exists(authenticators)
        )
        user = found.order_by().first()
        return user if user is not None and self.user_can_authenticate(user) else None
