"""May this person? One condition a line, asked anew at each request."""

from typing import Any

from django.db.models import QuerySet

from campaigns.models import Campaign, Coordinator
from hub.permissions import is_administrator


def campaigns_run_by(user: Any) -> QuerySet[Campaign]:
    """The campaigns somebody coordinates; all of them for administrators."""
    if is_administrator(user):
        return Campaign.objects.all()
    if not (user.is_authenticated and user.is_active):
        return Campaign.objects.none()
    return Campaign.objects.filter(coordinators__user=user)


def runs_campaign(user: Any, campaign: Campaign) -> bool:
    """Administrators run every campaign, its coordinators theirs."""
    if is_administrator(user):
        return True
    if not (user.is_authenticated and user.is_active):
        return False
    return Coordinator.objects.filter(user=user, campaign=campaign).exists()


def runs_any_campaign(user: Any) -> bool:
    """Whether somebody coordinates a campaign, or administers the hub. Asks the database once for each
    request's user object."""
    if is_administrator(user):
        return True
    if not (user.is_authenticated and user.is_active):
        return False
    if not hasattr(user, "_runs_any_campaign"):
        user._runs_any_campaign = Coordinator.objects.filter(user=user).exists()
    return user._runs_any_campaign
