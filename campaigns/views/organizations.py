"""Organizations: which there are, what one of them endorses, and who acts for it."""

from collections.abc import Callable
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_safe

from campaigns import endorsing
from campaigns.actions import officers
from campaigns.actions.officers import OfficerRefused
from campaigns.endorsing import EndorsedKind
from campaigns.models import Endorsement, FormerOrganization, OfficerClaim, Organization
from campaigns.organization_forms import OfficerForm, OrganizationFilterForm
from hub import actions as ground
from hub import links
from hub.actions import CodeRefused
from hub.forms import CODE_SENTENCES, CodeForm
from hub.images import pictures_of
from hub.paging import COUNT_TO, PAGE, address, page_number, page_of, pager
from hub.places import country_name
from hub.views.personal import private, remember

EACH = 50  # endorsements of each kind on an organization's page
REFUSED = {
    "nowhere": _("It has no site of its own that could prove this. Ask a moderator instead."),
    "elsewhere": _("This address isn't at the organization's own site."),
}


# --- Finding -----------------------------------------------------------------------------------------
@require_safe
def organization_list(request: HttpRequest) -> HttpResponse:
    """Organizations by name, of a country, of a kind."""
    form = OrganizationFilterForm(request.GET)
    valid = form.is_valid()
    context: dict[str, Any] = {
        "bad": not valid,
        "form": form,
        "chosen": {name: request.GET.get(name, "") for name in form.fields},
        "countries": form.fields["country"].choices[1:],  # type: ignore[attr-defined]
        "levels": Organization.Level.choices,
    }
    if not valid:
        return render(request, "campaigns/organization_list.html", context, status=422)
    organizations = Organization.objects.visible_to(request.user).listed()
    for name in ("country", "level"):
        if form.cleaned_data[name]:
            organizations = organizations.filter(**{name: form.cleaned_data[name]})
    number = page_number(request)
    rows = page_of(organizations.order_by("name", "id"), number)
    context |= {
        "organizations": rows[:PAGE],
        "status": _status(organizations, rows, number),
        "chips": _chips(request, form),
    } | pager(request, number, rows)
    return render(request, "campaigns/organization_list.html", context)


def _status(organizations: Any, rows: list[Organization], number: int) -> str:
    at_the_end = len(rows) <= PAGE and (rows or number == 1)
    total = (number - 1) * PAGE + len(rows) if at_the_end else organizations[: COUNT_TO + 1].count()
    if total > COUNT_TO:
        return gettext("More than 1,000 organizations")
    return ngettext("%(n)d organization", "%(n)d organizations", total) % {"n": total}


def _chips(request: HttpRequest, form: OrganizationFilterForm) -> list[tuple[str, str]]:
    """Filters in use as (text, address without it)."""
    chosen, chips = form.cleaned_data, []
    if chosen["country"]:
        chips.append((country_name(chosen["country"]), address(request, country="")))
    if chosen["level"]:
        chips.append((str(Organization.Level(chosen["level"]).label), address(request, level="")))
    return chips


@require_safe
def organization_detail(request: HttpRequest, slug: str) -> HttpResponse:
    """What it is, how that was verified, and what it endorses. The address of one that was merged into
    another leads there."""
    organization = _find(request, slug)
    if organization.slug != slug:
        return HttpResponseRedirect(reverse("organizations:detail", args=[organization.slug]))
    language = translation.get_language() or "en"
    context = {
        "organization": organization,
        "logo": pictures_of([organization.pk]).get(organization.pk, [None])[0],
        "site_host": urlsplit(organization.site).hostname or organization.site,
        "endorsed": [
            entry
            for kind in endorsing.kinds.values()
            for entry in _endorsed(kind, organization, request.user, language)
        ],
        "page_url": links.site_url(request.path),
        "may_claim": bool(officers.own_domain(organization)),
        "yours": request.GET.get("yours") == "1",
    }
    return render(request, "campaigns/organization_detail.html", context)


def _find(request: HttpRequest, slug: str) -> Organization:
    visible = Organization.objects.visible_to(request.user)
    organization = visible.filter(slug=slug).first()
    if organization is None:
        former = FormerOrganization.objects.filter(slug=slug).values("organization")
        organization = visible.filter(pk__in=former).first()
    if organization is None:
        raise Http404
    return organization


def _endorsed(
    kind: EndorsedKind, organization: Organization, user: Any, language: str
) -> list[dict[str, Any]]:
    """What of one kind it endorses that this reader may see, the last first."""
    rows = kind.rows().visible_to(user).filter(organization=organization).order_by("-published_at")[:EACH]
    return [
        {
            "title": titled.title,
            "lang": "" if titled.language == language else titled.language,
            "path": titled.path,
            "role": row.get_role_display() if row.role != Endorsement.Role.ENDORSER else "",
            "adopted_by": row.get_adopted_by_display(),
            "adopted_on": row.adopted_on,
            "motion": row.motion,
        }
        for row, titled in kind.titled(rows, language)
        if kind.in_lists(row.thing) and kind.closed(row.thing, timezone.now()) != "unpublished"
    ]


# --- Who acts for it -----------------------------------------------------------------------------------
@require_http_methods(["GET", "HEAD", "POST"])
@private
def officer(request: HttpRequest, slug: str) -> HttpResponse:
    """Say that one acts for an organization, with an address at its own site."""
    organization = _find(request, slug)
    form = OfficerForm(request.POST if request.method == "POST" else None)
    domain = officers.own_domain(organization)
    if form.is_bound and form.is_valid():
        try:
            claim = officers.claim(
                organization,
                form_token=form.cleaned_data["form_token"],
                email=form.cleaned_data["email"],
                language=translation.get_language() or "en",
                at=timezone.now(),
            )
        except OfficerRefused as refused:
            form.add_error("email", REFUSED[refused.reason])
        else:
            detail = reverse("organizations:detail", args=[organization.slug])
            return HttpResponseRedirect(reverse("officer", args=[claim.token]) if claim else detail)
    context = {"organization": organization, "domain": domain, "form": form}
    return render(
        request, "campaigns/organization_officer.html", context, status=422 if form.is_bound else 200
    )


@require_http_methods(["GET", "HEAD", "POST"])
@private
def officer_page(request: HttpRequest, token: str) -> HttpResponse:
    """A claim that waits for its mailbox."""
    claims = OfficerClaim.objects.select_related("organization", "mailbox")
    claim = claims.filter(link_hash=links.token_hash(token)).first()
    if claim is None:
        raise Http404
    act = OFFICER_ACTS.get(request.POST.get("act", "")) if request.method == "POST" else None
    return act(request, claim, timezone.now()) if act else _officer_page(request, claim)


def _officer_page(
    request: HttpRequest, claim: OfficerClaim, *, status: int = 200, **extra: Any
) -> HttpResponse:
    context = {
        "organization": claim.organization,
        "code_form": CodeForm(),
        "masked": claim.mailbox.masked,
        "may_resend": True,
        **extra,
    }
    return render(request, "campaigns/organization_officer_page.html", context, status=status)


def _code(request: HttpRequest, claim: OfficerClaim, now: datetime) -> HttpResponse:
    form = CodeForm(request.POST)
    if form.is_valid():
        try:
            path = ground.confirm_by_code(
                claim.mailbox, form.cleaned_data["code"], kind=officers.ACT_KIND, act_id=claim.pk, at=now
            )
        except CodeRefused as refused:
            form.add_error("code", CODE_SENTENCES[refused.reason])
        else:
            response = HttpResponseRedirect(f"{path}?yours=1" if path else reverse("organizations:list"))
            if form.cleaned_data["remember"]:
                remember(response, claim.mailbox)
            return response
    return _officer_page(request, claim, status=422, code_form=form, form=form)


def _resend(request: HttpRequest, claim: OfficerClaim, now: datetime) -> HttpResponse:
    ground.ask_to_confirm(claim.mailbox, kind=officers.ACT_KIND, act_id=claim.pk, at=now)
    return _officer_page(request, claim, resent=True)


def _withdraw(request: HttpRequest, claim: OfficerClaim, now: datetime) -> HttpResponse:
    slug = claim.organization.slug
    officers.withdraw_claim(claim.pk)
    return HttpResponseRedirect(reverse("organizations:detail", args=[slug]))


OFFICER_ACTS: dict[str, Callable[[HttpRequest, OfficerClaim, datetime], HttpResponse]] = {
    "code": _code,
    "resend": _resend,
    "withdraw": _withdraw,
}
