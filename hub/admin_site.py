"""The admin as a place that does not exist for those it isn't for."""

from typing import Any

from django.conf import settings
from django.contrib.admin import AdminSite
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import path
from django.utils import translation
from django.utils.translation import gettext_lazy

from hub import ledger
from hub.models import User
from hub.permissions import is_administrator, works_in_admin
from hub.views.account import second_factor_first
from hub.views.counts import counts
from hub.views.ledger import mail_ledger


class HubAdminSite(AdminSite):
    """Stock admin; its every page, the log-in page too, is 404 for all but moderators, administrators and
    campaign coordinators, who need their second factor. They log in at /account/login/."""

    site_title = gettext_lazy("Hub admin")
    site_header = settings.SITE_NAME
    index_title = gettext_lazy("What is on this hub")
    enable_nav_sidebar = False  # three lists, and theirs need the width

    def has_permission(self, request: HttpRequest) -> bool:
        """What moderators may do there, the permissions of their group say; campaign coordinators what
        `campaigns.staff_admin` lets them."""
        return works_in_admin(request.user)

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        """Django's; an administrator also reads there that mail is held."""
        held = is_administrator(request.user) and ledger.held() is not None
        return super().index(request, {**(extra_context or {}), "mail_is_held": held})

    def get_urls(self) -> list[Any]:
        """Django's, and pages that are about no model."""
        return [
            path("counts/", self.admin_view(counts), name="counts"),
            path("mail/", self.admin_view(mail_ledger), name="ledger"),
            *super().get_urls(),
        ]

    def admin_view(self, view: Any, cacheable: bool = False) -> Any:
        """As Django's, but a stranger gets the 404 of a missing page instead of a log-in form. Its addresses
        name no language, so it speaks the account's."""
        inner = super().admin_view(view, cacheable)

        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if not self.has_permission(request):
                raise Http404
            assert isinstance(request.user, User)
            # Not for this call alone: the page is rendered after it. The next request sets its own.
            translation.activate(request.user.language_or_default)
            request.LANGUAGE_CODE = translation.get_language()
            if any("\0" in value for value in request.GET.values()):
                raise Http404  # no filter finds it, and PostgreSQL doesn't even look
            return second_factor_first(request) or inner(request, *args, **kwargs)

        return guarded

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """There is no log-in page under /admin/."""
        if not self.has_permission(request):
            raise Http404
        return super().login(request, extra_context)
