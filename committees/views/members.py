"""The roster, for coordinators; one's own place in a committee; leaving."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from committees.actions import committees as appointing
from committees.actions import joining, members
from committees.actions.joining import RequestGone
from committees.actions.members import MemberRefused
from committees.forms import DeclineForm, RemoveForm, RoleForm, SettingsForm
from committees.models import Committee, Membership, Refusal
from committees.permissions import membership_in
from committees.views.finding import account, for_accounts, for_coordinators, own_membership
from hub.paging import PAGE, page_number, page_of, pager


def _roster_url(committee: Committee) -> str:
    return reverse("committees:members", args=[committee.slug])


@require_safe
@for_coordinators
def roster(request: HttpRequest, committee: Committee) -> HttpResponse:
    """Names, roles, since when; requests and their answers first. Every look is recorded."""
    number = page_number(request)
    everybody = Membership.objects.filter(committee=committee).for_roster()
    rows = page_of(everybody, number)
    shown = rows[:PAGE]
    members.look_at_members(committee, by=account(request), at=timezone.now(), count=len(shown))
    context = {
        "committee": committee,
        "requests": [row for row in shown if row.state == Membership.State.PENDING],
        "members": [row for row in shown if row.state == Membership.State.ACTIVE],
        "refusals": Refusal.objects.filter(committee=committee).order_by("-made_at", "pk")[:PAGE],
        "own_id": request.user.pk,
        "late": request.GET.get("late") == "1",
    } | pager(request, number, rows)
    return render(request, "committees/roster.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@for_coordinators
def member(request: HttpRequest, committee: Committee, membership_id: UUID) -> HttpResponse:
    """One member or request: approve, decline with a word, give a role, remove with a reason."""
    found = Membership.objects.filter(committee=committee, pk=membership_id).select_related("user").first()
    act = ACTS.get(request.POST.get("act", "")) if request.method == "POST" else None
    if found is None:
        if act is not None:  # it was there when the page was opened
            return HttpResponseRedirect(f"{_roster_url(committee)}?late=1")
        raise Http404
    try:
        if act is not None:
            return act(request, committee, found)
    except RequestGone:
        return HttpResponseRedirect(f"{_roster_url(committee)}?late=1")
    except MemberRefused as refused:
        return _member_page(request, committee, found, status=422, refused=refused.reason)
    members.look_at_members(committee, by=account(request), at=timezone.now(), count=1, subject=found.user)
    return _member_page(request, committee, found)


def _member_page(
    request: HttpRequest, committee: Committee, found: Membership, *, status: int = 200, **extra: Any
) -> HttpResponse:
    context = {
        "committee": committee,
        "member": found,
        "is_own": found.user_id == request.user.pk,
        "decline_form": DeclineForm(),
        "remove_form": RemoveForm(),
        "role_form": RoleForm(initial={"role": found.role}),
        **extra,
    }
    return render(request, "committees/member.html", context, status=status)


def _approve(request: HttpRequest, committee: Committee, found: Membership) -> HttpResponse:
    joining.approve(found.pk, by=account(request), at=timezone.now())
    messages.success(request, gettext("Approved. We write to them."))
    return HttpResponseRedirect(_roster_url(committee))


def _decline(request: HttpRequest, committee: Committee, found: Membership) -> HttpResponse:
    form = DeclineForm(request.POST)
    if not form.is_valid():
        return _member_page(request, committee, found, status=422, decline_form=form, form=form)
    joining.decline(found.pk, word=form.cleaned_data["word"], by=account(request), at=timezone.now())
    messages.success(request, gettext("Declined. We write to them."))
    return HttpResponseRedirect(_roster_url(committee))


def _change_role(request: HttpRequest, committee: Committee, found: Membership) -> HttpResponse:
    form = RoleForm(request.POST)
    if not form.is_valid():
        return _member_page(request, committee, found, status=422, role_form=form, form=form)
    members.change_role(found.pk, form.cleaned_data["role"], by=account(request), at=timezone.now())
    messages.success(request, gettext("The role is saved."))
    if found.user_id == request.user.pk:  # no coordinator any more: the roster is no page of theirs
        return HttpResponseRedirect(reverse("committees:detail", args=[committee.slug]))
    return HttpResponseRedirect(_roster_url(committee))


def _remove(request: HttpRequest, committee: Committee, found: Membership) -> HttpResponse:
    form = RemoveForm(request.POST)
    if not form.is_valid():
        return _member_page(request, committee, found, status=422, remove_form=form, form=form)
    members.remove(found.pk, reason=form.cleaned_data["reason"], by=account(request), at=timezone.now())
    messages.success(request, gettext("Removed. We write to them."))
    return HttpResponseRedirect(_roster_url(committee))


ACTS = {"approve": _approve, "decline": _decline, "role": _change_role, "remove": _remove}


@require_POST
@for_coordinators
def lift_refusal(request: HttpRequest, committee: Committee, refusal_id: UUID) -> HttpResponse:
    """Let whoever was removed ask again."""
    refusal = Refusal.objects.filter(committee=committee, pk=refusal_id).first()
    if refusal is not None:
        members.lift_refusal(refusal, by=account(request), at=timezone.now())
        messages.success(request, gettext("They can ask again."))
    return HttpResponseRedirect(_roster_url(committee))


@require_http_methods(["GET", "HEAD", "POST"])
@for_accounts
def own_settings(request: HttpRequest, committee: Committee) -> HttpResponse:
    """One's own name here, what one agrees to, and the way out."""
    membership = membership_in(request.user, committee)
    if membership is None:
        raise PermissionDenied
    if request.method == "POST":
        form = SettingsForm(request.POST)
        if form.is_valid():
            members.save_own_settings(membership, at=timezone.now(), **form.cleaned_data)
            messages.success(request, gettext("Saved."))
            return HttpResponseRedirect(reverse("committees:detail", args=[committee.slug]))
    else:
        form = SettingsForm(
            initial={
                "name": membership.display_name,
                "shows_name": membership.shows_name,
                "takes_mail": membership.takes_mail,
            }
        )
    context = {"committee": committee, "membership": membership, "form": form}
    status = 422 if form.is_bound else 200
    return render(request, "committees/own_settings.html", context, status=status)


@require_POST
@for_accounts
def accept(request: HttpRequest, committee: Committee) -> HttpResponse:
    """Take on what a moderator appointed one to."""
    if membership_in(request.user, committee) is None:
        raise PermissionDenied
    appointing.accept_appointment(committee, account(request), at=timezone.now())
    return HttpResponseRedirect(reverse("committees:detail", args=[committee.slug]))


@require_POST
@for_accounts
def leave(request: HttpRequest, committee: Committee) -> HttpResponse:
    """Leave, or take one's request back. Whoever left a hidden committee no longer sees it."""
    own = own_membership(request, committee)
    if own is None:
        raise PermissionDenied
    members.leave(committee, account(request), at=timezone.now())
    if own.state == Membership.State.PENDING:
        messages.success(request, gettext("Your request is taken back."))
        return HttpResponseRedirect(reverse("me"))
    return HttpResponseRedirect(reverse("committees:left"))


@require_safe
def left(request: HttpRequest) -> HttpResponse:
    """After leaving: which committee it was is not said again."""
    return render(request, "committees/left.html")
