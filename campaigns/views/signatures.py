"""Signing: the form, and the signature's own page behind its secret link."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods

from campaigns import signers
from campaigns.actions import signatures
from campaigns.actions.signatures import SignRefused, closed_reason, newer_than
from campaigns.forms import ShownForm, SignForm
from campaigns.models import Appeal, AppealVersion, Signature, SignatureLink
from campaigns.views.appeals import Document, find, find_versions
from hub import actions as ground
from hub import contact, links, qr
from hub.actions import CodeRefused
from hub.forms import CODE_SENTENCES, CodeForm
from hub.models import User
from hub.texts import in_language
from hub.views.personal import (
    cookie_name,
    exchange_kept,
    forget_remembered,
    keep_tokens,
    kept_tokens,
    private,
    remember,
)


@require_http_methods(["GET", "HEAD", "POST"])
@private
def sign(request: HttpRequest, slug: str) -> HttpResponse:
    """The form, and sending it. After it the visitor stands on their own page at once."""
    member = request.user if isinstance(request.user, User) else None
    if request.method == "POST":
        return _send(request, slug, member)
    document = find(request, slug)
    reason = closed_reason(document.appeal)
    if reason:
        return _closed(request, document, reason, 410)
    form = SignForm(member=member is not None, initial={"version": document.version.number})
    return _form(request, document, form)


def _send(request: HttpRequest, slug: str, member: User | None) -> HttpResponse:
    versions = find_versions(request, slug)
    reason = closed_reason(versions[0].appeal)
    if reason:
        return _closed(request, find(request, slug), reason, 422)
    form = SignForm(request.POST, member=member is not None)
    read = _version_read(versions, form)
    if not form.is_valid():
        return _form(request, find(request, slug), form, status=422)
    data = form.cleaned_data
    remembered = contact.remembered_mailbox(request.COOKIES.get(cookie_name(contact.REMEMBER_COOKIE)))
    try:
        signature = signatures.sign(
            read.pk,
            form_token=data["form_token"],
            shown=data["shown"],
            signed_as=form.signed_as,
            email=data.get("email", ""),
            language=translation.get_language() or "en",
            remembered=remembered,
            member=member,
            at=timezone.now(),
        )
    except SignRefused as refused:
        return _refused(request, slug, refused.reason)
    if signature is None:
        return HttpResponseRedirect(reverse("appeals:detail", args=[slug]))
    return HttpResponseRedirect(_own_page(signature, member, remembered))


def _version_read(versions: list[AppealVersion], form: SignForm) -> AppealVersion:
    """The version whose words stood above the form; a number that is none of its versions means the
    newest."""
    number = _number(form.data.get("version", ""))
    return next((version for version in versions if version.number == number), versions[0])


def _number(text: str) -> int:
    """The number of a version as a form holds it; 0, which none has, for anything else."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 5 else 0


def _own_page(signature: Signature, member: User | None, remembered: Any) -> str:
    """The mailed link for whoever has proven the mailbox before, else the browser's own."""
    mailbox = signature.mailbox
    proven = mailbox is not None and signature.confirmed_at is not None
    if member is not None:
        proven = proven and mailbox is not None and mailbox.is_of(member.email)
    else:
        proven = proven and remembered is not None and remembered == mailbox
    return reverse("signature", args=[signature.mail_token if proven else signature.token])


def _form(
    request: HttpRequest, document: Document, form: SignForm, *, status: int = 200, newer: bool = False
) -> HttpResponse:
    context = {
        "document": document,
        "appeal": document.appeal,
        "campaign": document.campaign,
        "lang": document.lang,
        "form": form,
        "newer": newer,
    }
    return render(request, "campaigns/sign.html", context, status=status)


def _refused(request: HttpRequest, slug: str, reason: str) -> HttpResponse:
    """The document was closed, taken off or rewritten since the form was opened. Rewritten, it is shown
    again above the form, with everything that was typed."""
    document = find(request, slug)
    if reason != "newer":
        return _closed(request, document, reason, 422)
    data = request.POST.copy()
    data["version"] = str(document.version.number)
    form = SignForm(data, member=request.user.is_authenticated)
    form.is_valid()
    return _form(request, document, form, status=422, newer=True)


def _closed(request: HttpRequest, document: Document, reason: str, status: int) -> HttpResponse:
    context = {"document": document, "campaign": document.campaign, "lang": document.lang, "reason": reason}
    return render(request, "campaigns/sign_closed.html", context, status=status)


# --- The signature's own page ------------------------------------------------------------------
def look_up(token: str) -> tuple[Signature, bool] | None:
    """The signature behind a link, and whether the link proves its mailbox; None if there is none."""
    token_hash = links.token_hash(token)
    rows = Signature.objects.select_related("appeal__campaign", "version", "mailbox")
    signature = rows.filter(mail_link_hash=token_hash).first()
    if signature is not None:
        return signature, True
    signature = rows.filter(link_hash=token_hash).first()
    if signature is not None:
        return signature, False
    merged = SignatureLink.objects.filter(token_hash=token_hash).first()
    return (rows.get(pk=merged.signature_id), merged.proves) if merged else None


def kept_signatures(tokens: list[str]) -> list[dict[str, Any]]:
    """The signatures that links kept by a phone lead to, as entries of its page."""
    by_hash = {links.token_hash(token): token for token in tokens}
    language = translation.get_language() or "en"
    rows = (
        Signature.objects.filter(Q(mail_link_hash__in=by_hash) | Q(link_hash__in=by_hash, confirmed_at=None))
        .filter(appeal__status=Appeal.Status.PUBLISHED)
        .select_related("version")
        .prefetch_related("version__texts")
        .order_by("made_at")
    )
    found = []
    for signature in rows:
        token = by_hash.get(bytes(signature.mail_link_hash)) or by_hash[bytes(signature.link_hash)]
        text = signature.version.text_in(language)
        found.append(
            {
                "token": token,
                "url": reverse("signature", args=[token]),
                "title": text.title if text else "",
                "language": text.language if text else language,
                "when": gettext("Signed") if signature.confirmed_at else gettext("Not confirmed yet"),
            }
        )
    return found


@require_http_methods(["GET", "HEAD", "POST"])
@private
def signature_page(request: HttpRequest, token: str) -> HttpResponse:
    """One's own signature: confirm by code, show more or less, sign the newer text, withdraw, keep.

    The link a browser got after the form opens it only until its mailbox is confirmed: then the mailed
    link does, so that typing somebody's address never opens their page.
    """
    found = look_up(token)
    if found is None:
        raise Http404
    signature, proven = found
    act = request.POST.get("act", "") if request.method == "POST" else ""
    if act != "withdraw" and signature.appeal.status != Appeal.Status.PUBLISHED:
        context = {"signature": signature, "campaign": signature.appeal.campaign}
        return render(request, "campaigns/signature_off.html", context)
    if signature.confirmed_at and not proven:
        context = {"text": _words(signature), "campaign": signature.appeal.campaign}
        return render(request, "campaigns/signature_spent.html", context)
    if request.method != "POST" and proven and token != signature.mail_token:
        return _again(signature.mail_token)  # of one that became part of this one
    if request.method != "POST" and not proven and token != signature.token:
        return _again(signature.token)
    if act in ACTS:
        return ACTS[act](request, signature, token, timezone.now())
    return _page(request, signature, token, timezone.now())


def _words(signature: Signature) -> Any:
    """The words this signature stands under."""
    return signature.version.text_in(translation.get_language() or "en")


def _page(
    request: HttpRequest, signature: Signature, token: str, now: datetime, *, status: int = 200, **extra: Any
) -> HttpResponse:
    expired = signature.confirmed_at is None and signature.made_at <= now - contact.ADDRESS_KEPT
    own_url = links.site_url(reverse("signature", args=[token]))
    newer = newer_than(signature.version) if signature.confirmed_at else None
    language = translation.get_language() or "en"
    closed = closed_reason(signature.appeal)
    said = {"shown": signature.shown, **signers.said(signature)}
    context = {
        "signature": signature,
        "appeal": signature.appeal,
        "campaign": signature.appeal.campaign,
        "text": _words(signature),
        "lines": signature.lines,
        "state": "signed" if signature.confirmed_at else "expired" if expired else "pending",
        "closed": closed,
        "newer": newer if not closed else None,
        "newer_text": in_language(newer.texts.all(), language) if newer and not closed else None,
        "own_url": own_url,
        "appeal_url": links.site_url(reverse("appeals:detail", args=[signature.appeal.slug])),
        "qr": qr.svg(own_url) if signature.confirmed_at else "",
        "kept": token in kept_tokens(request),
        "may_resend": True,
        "masked": signature.mailbox.masked if signature.mailbox and token == signature.token else "",
        "code_form": CodeForm(),
        "change_form": ShownForm(initial=said, auto_id="change_%s"),
        "saved": request.method != "POST" and request.GET.get("saved") == "1",
        **extra,
    }
    return render(request, "campaigns/signature_page.html", context, status=status)


def _again(token: str) -> HttpResponseRedirect:
    return HttpResponseRedirect(reverse("signature", args=[token]))


def _code(request: HttpRequest, signature: Signature, token: str, now: datetime) -> HttpResponse:
    form = CodeForm(request.POST)
    if signature.mailbox is None or signature.confirmed_at:
        return _again(token)
    if form.is_valid():
        try:
            path = ground.confirm_by_code(
                signature.mailbox,
                form.cleaned_data["code"],
                kind=signatures.ACT_KIND,
                act_id=signature.pk,
                at=now,
            )
        except CodeRefused as refused:
            form.add_error("code", CODE_SENTENCES[refused.reason])
        else:
            response = HttpResponseRedirect(path or reverse("appeals:detail", args=[signature.appeal.slug]))
            if form.cleaned_data["remember"]:
                remember(response, signature.mailbox)
            if path:
                exchange_kept(request, response, [(token, path)])
            return response
    return _page(request, signature, token, now, status=422, code_form=form, form=form)


def _resend(request: HttpRequest, signature: Signature, token: str, now: datetime) -> HttpResponse:
    if signature.mailbox is not None and not signature.confirmed_at:
        ground.ask_to_confirm(signature.mailbox, kind=signatures.ACT_KIND, act_id=signature.pk, at=now)
    return _page(request, signature, token, now, resent=True)


def _change(request: HttpRequest, signature: Signature, token: str, now: datetime) -> HttpResponse:
    form = ShownForm(request.POST, auto_id="change_%s")
    if not form.is_valid():
        return _page(request, signature, token, now, status=422, change_form=form, form=form)
    shown = form.cleaned_data["shown"]
    signatures.change(signature.pk, shown=shown, signed_as=form.signed_as, at=now)
    return HttpResponseRedirect(reverse("signature", args=[token]) + "?saved=1")


def _sign_newer(request: HttpRequest, signature: Signature, token: str, now: datetime) -> HttpResponse:
    try:
        signatures.sign_newer(signature.pk, seen=_number(request.POST.get("version", "")), at=now)
    except SignRefused as refused:
        signature.appeal.refresh_from_db()
        return _page(request, signature, token, now, status=422, refused=refused.reason)
    return HttpResponseRedirect(reverse("signature", args=[token]) + "?saved=1")


def _withdraw(request: HttpRequest, signature: Signature, token: str, now: datetime) -> HttpResponse:
    signatures.withdraw(signature.pk, never_write=request.POST.get("never_write") == "on", at=now)
    response = HttpResponseRedirect(reverse("erased"))
    keep_tokens(request, response, [kept for kept in kept_tokens(request) if kept != token])
    forget_remembered(response)
    return response


def _keep(request: HttpRequest, signature: Signature, token: str, now: datetime) -> HttpResponse:
    response = _again(token)
    others = [kept for kept in kept_tokens(request) if kept != token]
    keep_tokens(request, response, [token, *others])
    return response


def _forget(request: HttpRequest, signature: Signature, token: str, now: datetime) -> HttpResponse:
    response = _again(token)
    keep_tokens(request, response, [kept for kept in kept_tokens(request) if kept != token])
    return response


ACTS: dict[str, Callable[[HttpRequest, Signature, str, datetime], HttpResponse]] = {
    "code": _code,
    "resend": _resend,
    "change": _change,
    "newer": _sign_newer,
    "withdraw": _withdraw,
    "keep": _keep,
    "forget": _forget,
}
