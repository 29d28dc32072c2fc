"""Joining: the form, a newcomer's own page behind its link, and what comes after."""

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone, translation
from django.views.decorators.http import require_http_methods, require_safe

from committees.actions import joining
from committees.actions.joining import JoinRefused
from committees.forms import MemberForm, NewcomerForm
from committees.models import Application, Committee
from committees.views.finding import account, find, own_membership
from hub import actions as ground
from hub import links
from hub.actions import CodeRefused
from hub.forms import CODE_SENTENCES, CodeForm
from hub.models import User
from hub.permissions import has_authenticator, works_in_admin
from hub.views.account import enter
from hub.views.personal import private, remember


@require_http_methods(["GET", "HEAD", "POST"])
@private
def join(request: HttpRequest, slug: str) -> HttpResponse:
    """The form, and sending it: a newcomer lands on their own page at once, a member on the committee's."""
    committee = find(request, slug)
    status = 422 if request.method == "POST" else 410
    if not committee.takes_members:
        return _refused(request, committee, "closed", status)
    if request.user.is_authenticated:
        return _join_as_member(request, committee)
    form = NewcomerForm(request.POST if request.method == "POST" else None, committee=committee)
    if request.method != "POST" or not form.is_valid():
        return _form(request, committee, form)
    data = form.cleaned_data
    try:
        application = joining.apply(
            committee.pk,
            form_token=data["form_token"],
            name=data["name"],
            email=data["email"],
            answer=data.get("answer", ""),
            language=translation.get_language() or "en",
            at=timezone.now(),
        )
    except JoinRefused as refused:
        return _refused(request, committee, refused.reason, 422)
    if application is None:
        return HttpResponseRedirect(reverse("committees:joined", args=[committee.slug]))
    return HttpResponseRedirect(reverse("application", args=[application.token]))


def _join_as_member(request: HttpRequest, committee: Committee) -> HttpResponse:
    user, page = account(request), reverse("committees:detail", args=[committee.slug])
    if request.method != "POST":
        if own_membership(request, committee) is not None:
            return HttpResponseRedirect(page)
        if joining.is_refused(committee, user.email, timezone.now()):
            return _refused(request, committee, "closed", 410)
        return _form(request, committee, MemberForm(committee=committee, initial={"name": user.display_name}))
    form = MemberForm(request.POST, committee=committee)
    if not form.is_valid():
        return _form(request, committee, form)
    data = form.cleaned_data
    try:
        joining.join(
            committee.pk,
            user,
            form_token=data["form_token"],
            name=data["name"],
            answer=data.get("answer", ""),
            shows_name=data["shows_name"],
            takes_mail=data["takes_mail"],
            at=timezone.now(),
        )
    except JoinRefused as refused:
        return _refused(request, committee, refused.reason, 422)
    return HttpResponseRedirect(page)


def _form(request: HttpRequest, committee: Committee, form: NewcomerForm | MemberForm) -> HttpResponse:
    status = 422 if form.is_bound else 200
    return render(request, "committees/join.html", {"committee": committee, "form": form}, status=status)


def _refused(request: HttpRequest, committee: Committee, reason: str, status: int) -> HttpResponse:
    context = {"committee": committee, "reason": reason}
    return render(request, "committees/join_refused.html", context, status=status)


@require_safe
@private
def joined(request: HttpRequest, slug: str) -> HttpResponse:
    """After confirming, where nobody was logged in: the same words for everybody."""
    return render(request, "committees/joined.html", {"committee": find(request, slug)})


@require_http_methods(["GET", "HEAD", "POST"])
@private
def application(request: HttpRequest, token: str) -> HttpResponse:
    """A newcomer's own page: "we wrote to you", and the field for the code. Once confirmed the link has
    done its work, whoever has it: typing somebody's address opens nothing of theirs. The words are the same
    for one that was confirmed, was withdrawn or never was."""
    found = (
        Application.objects.select_related("committee", "mailbox")
        .filter(link_hash=links.token_hash(token))
        .first()
    )
    if found is None or found.committee.is_hidden or found.committee.status != Committee.Status.PUBLISHED:
        return render(request, "hub/spent_link.html", status=410)
    if not found.committee.takes_newcomers:
        return _refused(request, found.committee, "closed", 422 if request.method == "POST" else 410)
    act = request.POST.get("act", "") if request.method == "POST" else ""
    if act == "code":
        return _code(request, found)
    if act == "withdraw":
        joining.wipe_application(found.pk)
        return HttpResponseRedirect(reverse("erased"))
    if act == "resend":
        ground.ask_to_confirm(found.mailbox, kind=joining.ACT_KIND, act_id=found.pk, at=timezone.now())
        return _application_page(request, found, resent=True)
    return _application_page(request, found)


def _application_page(
    request: HttpRequest, found: Application, *, status: int = 200, **extra: Any
) -> HttpResponse:
    own_url = links.site_url(reverse("application", args=[found.token]))
    context = {"committee": found.committee, "code_form": CodeForm(), "own_url": own_url, **extra}
    return render(request, "committees/application.html", context, status=status)


def _code(request: HttpRequest, found: Application) -> HttpResponse:
    form = CodeForm(request.POST)
    if form.is_valid():
        try:
            path = ground.confirm_by_code(
                found.mailbox,
                form.cleaned_data["code"],
                kind=joining.ACT_KIND,
                act_id=found.pk,
                at=timezone.now(),
            )
        except CodeRefused as refused:
            form.add_error("code", CODE_SENTENCES[refused.reason])
        else:
            if path is None:
                return _refused(request, found.committee, "closed", 422)
            if _log_in(request, found.mailbox.address):
                path = reverse("committees:detail", args=[found.committee.slug])
            response = HttpResponseRedirect(path)
            if form.cleaned_data["remember"]:
                remember(response, found.mailbox)
            return response
    return _application_page(request, found, status=422, code_form=form, form=form)


def _log_in(request: HttpRequest, address: str) -> bool:
    """Let the browser that typed the code into the account, as a mailed log-in code would: not where a
    second step is set up, nor where the account may do more than its own, nor over somebody logged in."""
    user = User.objects.filter(email=address, is_active=True).first()
    if user is None or request.user.is_authenticated:
        return False
    if user.is_staff or works_in_admin(user) or has_authenticator(user):
        return False
    enter(request, user)
    return True
