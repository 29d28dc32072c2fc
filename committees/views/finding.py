"""Which committee an address means, for whom, and what they may do there."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse

from committees.models import Committee, Membership
from committees.permissions import is_coordinator
from hub.models import User
from hub.views.account import second_factor_first
from hub.views.personal import private


def find(request: HttpRequest, slug: str) -> Committee:
    """The committee behind an address. Raises Http404."""
    committee = Committee.objects.visible_to(request.user).filter(slug=slug).first()
    if committee is None:
        raise Http404
    return committee


def account(request: HttpRequest) -> User:
    """The account behind a request that `for_accounts` let through."""
    assert isinstance(request.user, User)
    return request.user


def own_membership(request: HttpRequest, committee: Committee) -> Membership | None:
    """One's own row in a committee, a request too."""
    if not request.user.is_authenticated:
        return None
    return Membership.objects.filter(committee=committee, user=request.user).first()


CommitteeView = Callable[..., HttpResponse]  # takes the request and the committee


def for_accounts(view: CommitteeView) -> Any:
    """A page of a committee for accounts: what isn't seen is missing, the anonymous are sent to log in.
    It is private, as everything that depends on who reads it."""

    @wraps(view)
    @private
    def wrapped(request: HttpRequest, slug: str, **kwargs: Any) -> HttpResponse:
        committee = find(request, slug)
        if not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path())
        return view(request, committee, **kwargs)

    return wrapped


def for_coordinators(view: CommitteeView) -> Any:
    """A page with names: for those who coordinate this committee now and log in with a second step.
    Moderators and administrators don't."""

    @for_accounts
    @wraps(view)
    def wrapped(request: HttpRequest, committee: Committee, **kwargs: Any) -> HttpResponse:
        if not is_coordinator(request.user, committee):
            raise PermissionDenied
        return second_factor_first(request) or view(request, committee, **kwargs)

    return wrapped
