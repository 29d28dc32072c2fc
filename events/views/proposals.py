"""Proposing an event: one form, the answers to read over, then the host's own page at once."""

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone, translation
from django.views.decorators.http import require_http_methods

from events.actions import proposals
from events.actions.events import EventRefused
from events.forms.proposals import ProposalForm
from events.models import DayOfAction, Event
from hub import contact
from hub.forms import VisitorForm
from hub.models import Mailbox, User
from hub.slugs import is_slug
from hub.views.personal import cookie_name, private


@require_http_methods(["GET", "HEAD", "POST"])
@private
def propose(request: HttpRequest) -> HttpResponse:
    """The form; its answers to be checked; sending them. Nothing is stored before the last step: the
    answers travel in the page."""
    day = _day(request)
    if request.method != "POST":
        form = ProposalForm(user=request.user, day=day, committee=request.GET.get("committee", ""))
        return _form_page(request, form, VisitorForm())
    form, guard = ProposalForm(request.POST, user=request.user, day=day), VisitorForm(request.POST)
    if request.POST.get("step") == "change":
        return _form_page(request, form, guard)
    if not form.is_valid():
        return _form_page(request, form, guard, status=422)
    if request.POST.get("step") != "send":
        return _check_page(request, form, guard)
    if not guard.is_valid():
        return _check_page(request, form, guard, status=422)
    return _send(request, form, guard)


def _day(request: HttpRequest) -> DayOfAction | None:
    """The day of action it is for, while that is not over."""
    slug = request.POST.get("day") or request.GET.get("day") or ""
    days = DayOfAction.objects.visible_to(request.user).ahead(timezone.now().date())
    return days.filter(slug=slug).prefetch_related("texts").first() if is_slug(slug) else None


def _send(request: HttpRequest, form: ProposalForm, guard: VisitorForm) -> HttpResponse:
    by = request.user if isinstance(request.user, User) else None
    remembered = contact.remembered_mailbox(request.COOKIES.get(cookie_name(contact.REMEMBER_COOKIE)))
    try:
        event = proposals.propose_event(
            form.details(),
            form_token=guard.cleaned_data["form_token"],
            email=form.cleaned_data.get("email", ""),
            by=by,
            remembered=remembered,
            language=translation.get_language() or "en",
            at=timezone.now(),
        )
    except EventRefused:  # a role was taken away this very moment
        form = ProposalForm(request.POST, user=request.user, day=form.day_of_action)
        form.is_valid()
        return _form_page(request, form, guard, status=422)
    if event is None:
        return HttpResponseRedirect(reverse("events:propose"))
    return HttpResponseRedirect(own_page(event, by, remembered))


def own_page(event: Event, by: User | None, remembered: Mailbox | None) -> str:
    """Where its host goes on: for coordinators their event's edit page; the permanent page for whoever has
    proven the mailbox before, as an account or a remembered phone; else the form's own."""
    if event.committee_id:
        return reverse("events:edit", args=[event.slug])
    host = event.host
    proven = host is not None and (host.is_of(by.email) if by else host == remembered)
    return reverse("host", args=[event.host_token if proven else event.host_form_token])


def _form_page(
    request: HttpRequest, form: ProposalForm, guard: VisitorForm, *, status: int = 200
) -> HttpResponse:
    return render(request, "events/propose.html", _context(form, guard), status=status)


def _check_page(
    request: HttpRequest, form: ProposalForm, guard: VisitorForm, *, status: int = 200
) -> HttpResponse:
    context = _context(form, guard) | {"proposal": form, "answers": form.answers()}
    context["form"] = guard if status == 422 else None
    return render(request, "events/propose_check.html", context, status=status)


def _context(form: ProposalForm, guard: VisitorForm) -> dict[str, Any]:
    day, language = form.day_of_action, translation.get_language() or "en"
    return {
        "form": form,
        "guard": guard,
        "day": day,
        "day_text": day.text_in(language) if day else None,
        "fixed_campaign": form.campaigns[0] if len(form.campaigns) == 1 else None,
    }
