"""Endorsing: the form, the list, the model resolution, and an endorsement's own page behind its link."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_safe

from campaigns import endorsers, endorsing
from campaigns.actions import endorsements as actions
from campaigns.actions import newer_texts
from campaigns.actions.endorsements import EndorseRefused
from campaigns.endorsement_forms import EndorseForm, EndorsementChangeForm
from campaigns.endorsing import EndorsedKind, Found
from campaigns.models import AppealEndorsement, Endorsement
from hub import actions as ground
from hub import contact, links, moderation
from hub.actions import CodeRefused
from hub.forms import CODE_SENTENCES, CodeForm
from hub.models import Review, User
from hub.paging import page_number, page_of, pager
from hub.slugs import is_slug
from hub.views.personal import cookie_name, forget_remembered, private, remember

LISTED = 100  # endorsers on a page
# Why nobody can endorse it, by the reason of EndorseRefused.
CLOSED = {
    "unpublished": _("This is not on the site at the moment, so nobody can endorse it."),
    "closed": _("This is closed: nobody can sign or endorse it any more."),
    "over": _("This is over: nobody can endorse it any more."),
    "cancelled": _("This is cancelled: nobody can endorse it any more."),
    "twice": _("This organization endorses it already. One endorsement of each is enough."),
    "newer": _("The text has changed again since you opened this page. Please read it once more."),
    "decided": _("A moderator has decided meanwhile. Nothing was changed."),
    "withdrawn": _("It was withdrawn by whoever submitted it. Nothing was changed."),
}


def find(request: HttpRequest, kind_name: str, slug: str) -> tuple[EndorsedKind, Any]:
    """The thing behind an address. Raises Http404."""
    kind = endorsing.kinds.get(kind_name)
    thing = kind.find(request.user, slug) if kind is not None and is_slug(slug) else None
    if kind is None or thing is None:
        raise Http404
    return kind, thing


def _language() -> str:
    return translation.get_language() or "en"


def _titled(kind: EndorsedKind, thing: Any) -> dict[str, Any]:
    """What every page of endorsements says of the thing, and whose it is."""
    title = kind.title_of(thing, _language())
    return {
        "kind": kind,
        "thing": thing,
        "campaign": thing.campaign,
        "title": title,
        "lang": "" if title.language == _language() else title.language,
    }


# --- The form --------------------------------------------------------------------------------------
@require_http_methods(["GET", "HEAD", "POST"])
@private
def endorse(request: HttpRequest, kind: str, slug: str) -> HttpResponse:
    """The form, and sending it. After it the visitor stands on the endorsement's own page at once."""
    endorsed, thing = find(request, kind, slug)
    now, by = timezone.now(), request.user if isinstance(request.user, User) else None
    reason = endorsed.closed(thing, now)
    if reason:
        return _closed(request, endorsed, thing, reason, 422 if request.method == "POST" else 410)
    form = EndorseForm(
        request.POST if request.method == "POST" else None,
        roles=endorsed.roles(thing),
        member=by is not None,
    )
    if request.method != "POST" or not form.is_valid():
        return _form_page(request, endorsed, thing, form, 422 if form.is_bound else 200)
    remembered = contact.remembered_mailbox(request.COOKIES.get(cookie_name(contact.REMEMBER_COOKIE)))
    try:
        made = actions.endorse(
            endorsed,
            thing,
            form.answers(),
            form_token=form.cleaned_data["form_token"],
            email=form.cleaned_data.get("email", ""),
            language=_language(),
            remembered=remembered,
            by=by,
            at=now,
        )
    except EndorseRefused as refused:
        if refused.reason != "twice":
            return _closed(request, endorsed, thing, refused.reason, 422)
        form.add_error("name", CLOSED["twice"])
        return _form_page(request, endorsed, thing, form, 422)
    if made is None:
        return HttpResponseRedirect(reverse("endorse:list", args=[kind, slug]))
    return HttpResponseRedirect(_own_page(made, by, remembered))


def _own_page(endorsement: Endorsement, by: User | None, remembered: Any) -> str:
    """The mailed link for whoever has proven the mailbox before, else the browser's own."""
    mailbox, proven = endorsement.mailbox, False
    if mailbox is not None and endorsement.confirmed_at is not None:
        proven = mailbox.is_of(by.email) if by else remembered is not None and remembered == mailbox
    return reverse("endorsement", args=[endorsement.mail_token if proven else endorsement.token])


def _form_page(
    request: HttpRequest, kind: EndorsedKind, thing: Any, form: EndorseForm, status: int
) -> HttpResponse:
    context = {**_titled(kind, thing), "form": form}
    return render(request, "campaigns/endorse.html", context, status=status)


def _closed(request: HttpRequest, kind: EndorsedKind, thing: Any, reason: str, status: int) -> HttpResponse:
    context = {**_titled(kind, thing), "sentence": CLOSED[reason], "listed": reason != "unpublished"}
    return render(request, "campaigns/endorse_closed.html", context, status=status)


# --- Pages for everybody -----------------------------------------------------------------------------
@require_safe
def endorser_list(request: HttpRequest, kind: str, slug: str) -> HttpResponse:
    """Everybody who endorses it, by country and by how far they reach."""
    endorsed, thing = find(request, kind, slug)
    counts = endorsers.countries(endorsed, thing.pk)
    number = page_number(request)
    rows = page_of(endorsers.in_order(endorsed, thing.pk, counts), number, LISTED) if counts else []
    shown = rows[:LISTED]
    context = {
        **_titled(endorsed, thing),
        "countries": endorsers.by_country(shown, endorsers.newest_number(endorsed, thing, shown)),
        "total": sum(counts.values()),
        "closed": endorsed.closed(thing, timezone.now()),
        **pager(request, number, rows, LISTED),
    }
    return render(request, "campaigns/endorser_list.html", context)


@require_safe
def resolution(request: HttpRequest, kind: str, slug: str) -> HttpResponse:
    """A motion for a meeting that has not voted yet, to be printed."""
    endorsed, thing = find(request, kind, slug)
    now = timezone.now()
    reason = endorsed.closed(thing, now)
    if reason:
        return _closed(request, endorsed, thing, reason, 410)
    aim = thing.campaign.text_in(_language())
    context = {
        **_titled(endorsed, thing),
        "aim": aim,
        "aim_words": aim.summary.rstrip(" .") if aim else "",  # the sentence goes on behind it
        "organizes": Endorsement.Role.CO_ORGANIZER in endorsed.roles(thing),
        "form_url": links.site_url(reverse("endorse:form", args=[kind, slug])),
    }
    return render(request, "campaigns/endorse_resolution.html", context)


# --- The endorsement's own page ------------------------------------------------------------------------
@require_http_methods(["GET", "HEAD", "POST"])
@private
def endorsement_page(request: HttpRequest, token: str) -> HttpResponse:
    """One's own endorsement: confirm it by code, correct it, give it to a newer text, withdraw it.

    The link a browser got after the form opens it only until its mailbox is confirmed: then the mailed one
    does.
    """
    found = endorsing.find_by_link(token)
    if found is None:
        raise Http404
    own = found.endorsement
    if own.confirmed_at and not found.proven:
        return render(request, "campaigns/endorsement_spent.html", _titled(found.kind, own.thing))
    right = own.mail_token if found.proven else own.token
    if request.method != "POST" and token != right:
        return HttpResponseRedirect(reverse("endorsement", args=[right]))
    act = ACTS.get(request.POST.get("act", "")) if request.method == "POST" else None
    return act(request, found, timezone.now()) if act else _page(request, found, timezone.now())


def state_of(found: Found, now: datetime) -> str:
    """In one word: pending, double, expired, submitted, returned, published, rejected, archived or
    withdrawn."""
    own = found.endorsement
    if own.withdrawn_at is not None:
        return "withdrawn"
    if own.confirmed_at is not None:
        return own.status
    if own.made_at <= now - contact.ADDRESS_KEPT:
        return "expired"
    others = (
        type(own)
        .objects.standing()
        .filter(organization=own.organization_id, **{f"{own.OF}_id": own.thing_id})
    )
    return "double" if others.exists() else "pending"


def _page(
    request: HttpRequest, found: Found, now: datetime, *, status: int = 200, **extra: Any
) -> HttpResponse:
    kind, own = found.kind, found.endorsement
    state, closed = state_of(found, now), kind.closed(own.thing, now)
    may_renew = isinstance(own, AppealEndorsement) and own.stands and not closed
    newer = newer_texts.newer_than(own) if may_renew else None
    may_change = state in ("pending", "submitted", "returned") and not closed
    context = {
        **_titled(kind, own.thing),
        "off": closed == "unpublished",
        "endorsement": own,
        "organization": own.organization,
        "state": state,
        "decided": _decided(found) if state in ("returned", "rejected") else None,
        "closed": CLOSED.get(closed, ""),
        "own_url": links.url("endorsement", own.mail_token if found.proven else own.token),
        "masked": own.mailbox.masked if own.mailbox and not found.proven else "",
        "code_form": CodeForm(),
        "may_resend": True,
        "newer": newer,
        "newer_text": newer.text_in(_language()) if newer else None,
        "next_step": kind.next_step(own) if found.proven else "",
        "change_form": _change_form(found) if may_change else None,
        "saved": request.method != "POST" and request.GET.get("saved") == "1",
        **extra,
    }
    return render(request, "campaigns/endorsement_page.html", context, status=status)


def _decided(found: Found) -> Review | None:
    """What a moderator has decided of it, for as long as the reason is kept. The link that was mailed alone
    opens it then."""
    review = moderation.latest(found.kind.act_kind, found.endorsement.pk)
    return review if found.proven and review is not None and review.reason else None


def _change_form(found: Found, data: Any = None) -> EndorsementChangeForm:
    return EndorsementChangeForm(
        data, roles=found.kind.roles(found.endorsement.thing), endorsement=found.endorsement
    )


def _again(token: str, saved: bool = False) -> HttpResponseRedirect:
    return HttpResponseRedirect(reverse("endorsement", args=[token]) + ("?saved=1" if saved else ""))


def _code(request: HttpRequest, found: Found, now: datetime) -> HttpResponse:
    own, form = found.endorsement, CodeForm(request.POST)
    if own.mailbox is None or own.confirmed_at:
        return _again(own.mail_token if found.proven else own.token)
    if form.is_valid():
        try:
            path = ground.confirm_by_code(
                own.mailbox, form.cleaned_data["code"], kind=found.kind.act_kind, act_id=own.pk, at=now
            )
        except CodeRefused as refused:
            form.add_error("code", CODE_SENTENCES[refused.reason])
        else:
            response = HttpResponseRedirect(path or reverse("organizations:list"))
            if form.cleaned_data["remember"]:
                remember(response, own.mailbox)
            return response
    return _page(request, found, now, status=422, code_form=form, form=form)


def _resend(request: HttpRequest, found: Found, now: datetime) -> HttpResponse:
    own = found.endorsement
    if own.mailbox is not None and not own.confirmed_at:
        ground.ask_to_confirm(own.mailbox, kind=found.kind.act_kind, act_id=own.pk, at=now)
    return _page(request, found, now, resent=True)


def _change(request: HttpRequest, found: Found, now: datetime) -> HttpResponse:
    own, form = found.endorsement, _change_form(found, request.POST)
    if not form.is_valid():
        return _page(request, found, now, status=422, change_form=form, form=form)
    details = None if form.knows_organization else form.organization_details()
    try:
        actions.change(found.kind, own.pk, form.decision(), details, by=None, at=now)
    except EndorseRefused as refused:
        return _page(request, _fresh(found), now, status=422, refused=CLOSED[refused.reason])
    return _again(own.mail_token if found.proven else own.token, saved=True)


def _newer(request: HttpRequest, found: Found, now: datetime) -> HttpResponse:
    own, seen = found.endorsement, request.POST.get("version", "")
    if found.proven and isinstance(own, AppealEndorsement):
        try:
            number = int(seen) if seen.isascii() and seen.isdigit() and len(seen) < 5 else 0
            newer_texts.endorse_newer(own.pk, seen=number, at=now)
        except EndorseRefused as refused:
            return _page(request, _fresh(found), now, status=422, refused=CLOSED[refused.reason])
    return _again(own.mail_token if found.proven else own.token, saved=True)


def _withdraw(request: HttpRequest, found: Found, now: datetime) -> HttpResponse:
    own = found.endorsement
    actions.withdraw(found.kind, own.pk, by=None, at=now)
    gone = own.confirmed_at is None
    response = HttpResponseRedirect(
        reverse("erased") if gone else reverse("endorsement", args=[own.mail_token])
    )
    forget_remembered(response)
    return response


def _fresh(found: Found) -> Found:
    return found._replace(endorsement=found.kind.rows().get(pk=found.endorsement.pk))


ACTS: dict[str, Callable[[HttpRequest, Found, datetime], HttpResponse]] = {
    "code": _code,
    "resend": _resend,
    "change": _change,
    "newer": _newer,
    "withdraw": _withdraw,
}
