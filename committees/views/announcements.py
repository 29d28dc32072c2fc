"""What a committee announces: read by its members; written, looked at, tried and sent by coordinators."""

from collections.abc import Callable
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_safe

from committees.actions import announcements as actions
from committees.actions.announcements import AnnouncementRefused
from committees.announcement_messages import preview
from committees.forms import AnnouncementForm
from committees.models import Announcement, Committee
from committees.permissions import is_coordinator, membership_in
from committees.views.finding import account, for_accounts, for_coordinators
from hub.forms import VisitorForm
from hub.paging import PAGE, page_number, page_of, pager
from hub.views.jobs import sent_already

CHANGED = _("Another coordinator has changed it meanwhile. Look at it again: nothing was sent.")


@require_safe
@for_accounts
def announcements(request: HttpRequest, committee: Committee) -> HttpResponse:
    """A page of what was announced, the newest first, for those who belong to it; drafts for coordinators."""
    if membership_in(request.user, committee) is None:
        raise PermissionDenied
    coordinates = is_coordinator(request.user, committee)
    own = Announcement.objects.visible_to(request.user).filter(committee=committee)
    number = page_number(request)
    sent = own.filter(sent_at__isnull=False) if coordinates else own.sent()
    found = page_of(sent.order_by("-sent_at", "pk"), number)
    context = {
        "committee": committee,
        "announcements": found[:PAGE],
        "coordinates": coordinates,
        "drafts": own.drafts()[:PAGE] if coordinates and number == 1 else [],
    } | pager(request, number, found)
    return render(request, "committees/announcements.html", context)


# --- Writing -------------------------------------------------------------------------------------
@require_http_methods(["GET", "HEAD", "POST"])
@for_coordinators
def write(request: HttpRequest, committee: Committee) -> HttpResponse:
    """The words; then they are looked at as they will be mailed."""
    posted = request.POST if request.method == "POST" else None
    initial = {"language": committee.language}
    form, guard = AnnouncementForm(posted, initial=initial), VisitorForm(posted, known=True)
    if posted is None:
        return _form_page(request, committee, form, guard)
    if not form.is_valid() or not guard.is_valid():
        return _form_page(request, committee, form, guard, status=422)
    try:
        draft = actions.write_announcement(
            committee,
            form_token=guard.cleaned_data["form_token"],
            by=account(request),
            at=timezone.now(),
            **form.cleaned_data,
        )
    except AnnouncementRefused:
        raise PermissionDenied from None
    if draft is None:
        return HttpResponseRedirect(reverse("committees:announcements", args=[committee.slug]))
    return HttpResponseRedirect(_address(draft))


@require_http_methods(["GET", "HEAD", "POST"])
@for_coordinators
def edit(request: HttpRequest, committee: Committee, pk: UUID) -> HttpResponse:
    """Other words for a draft."""
    found = _find(committee, pk)
    if not found.is_draft:
        return sent_already(request, found.pk)
    said = {name: getattr(found, name) for name in ("subject", "text", "language")}
    form = AnnouncementForm(request.POST if request.method == "POST" else None, initial=said)
    if not form.is_valid():
        return _form_page(request, committee, form, draft=found, status=422 if form.is_bound else 200)
    try:
        actions.change_draft(found.pk, by=account(request), at=timezone.now(), **form.cleaned_data)
    except AnnouncementRefused as refused:
        return _refused(request, found, refused)
    return HttpResponseRedirect(_address(found))


def _form_page(
    request: HttpRequest,
    committee: Committee,
    form: AnnouncementForm,
    guard: VisitorForm | None = None,
    *,
    draft: Announcement | None = None,
    status: int = 200,
) -> HttpResponse:
    if guard is not None and guard.is_bound and not form.errors:
        for error in (*guard.non_field_errors(), *guard.errors.get("website", [])):
            form.add_error(None, error)
    context = {"committee": committee, "form": form, "guard": guard, "draft": draft}
    return render(request, "committees/announcement_form.html", context, status=status)


# --- Looking at it, trying, sending --------------------------------------------------------------
@require_http_methods(["GET", "HEAD", "POST"])
@for_coordinators
def draft(request: HttpRequest, committee: Committee, pk: UUID) -> HttpResponse:
    """A draft as it will be mailed, and to how many; a test to oneself, sending, throwing away."""
    found = _find(committee, pk)
    if not found.is_draft:
        return sent_already(request, found.pk)
    act = ACTS.get(request.POST.get("act", "")) if request.method == "POST" else None
    if act is None:
        return _draft_page(request, found)
    try:
        return act(request, found)
    except AnnouncementRefused as refused:
        return _refused(request, found, refused)


def _test(request: HttpRequest, found: Announcement) -> HttpResponse:
    actions.send_test(found.pk, by=account(request), at=timezone.now())
    messages.success(request, gettext("The test is on its way to the mailbox of your account."))
    return HttpResponseRedirect(_address(found))


def _send(request: HttpRequest, found: Announcement) -> HttpResponse:
    guard = VisitorForm(request.POST)
    if not guard.is_valid():
        return _draft_page(request, found, guard=guard, status=422)
    actions.send(
        found.pk,
        form_token=guard.cleaned_data["form_token"],
        seen=request.POST.get("seen", ""),
        by=account(request),
        at=timezone.now(),
    )
    return HttpResponseRedirect(reverse("job", args=[found.pk]))


def _discard(request: HttpRequest, found: Announcement) -> HttpResponse:
    actions.discard_draft(found.pk, by=account(request), at=timezone.now())
    messages.success(request, gettext("The draft is deleted."))
    return HttpResponseRedirect(reverse("committees:announcements", args=[found.committee.slug]))


ACTS: dict[str, Callable[[HttpRequest, Announcement], HttpResponse]] = {
    "test": _test,
    "send": _send,
    "discard": _discard,
}


def _draft_page(
    request: HttpRequest,
    found: Announcement,
    *,
    guard: VisitorForm | None = None,
    refused: object = "",
    status: int = 200,
) -> HttpResponse:
    now = timezone.now()
    language = translation.get_language() or "en"
    context = {
        "committee": found.committee,
        "draft": found,
        "guard": guard or VisitorForm(known=True),
        "form": guard,
        "refused": refused,
        "seen": actions.state_of(found),
        "people": actions.how_many(found.committee),
        "by_mail": actions.goes_by_mail(found.committee, now),
        "mail": preview(found, language),
    }
    return render(request, "committees/announcement_draft.html", context, status=status)


def _find(committee: Committee, pk: UUID) -> Announcement:
    found = Announcement.objects.select_related("committee").filter(committee=committee, pk=pk).first()
    if found is None:
        raise Http404
    return found


def _address(found: Announcement) -> str:
    return reverse("committees:draft", args=[found.committee.slug, found.pk])


def _refused(request: HttpRequest, found: Announcement, refused: AnnouncementRefused) -> HttpResponse:
    if refused.reason == "right":
        raise PermissionDenied
    if refused.reason == "gone":
        raise Http404
    if refused.reason == "sent":
        return sent_already(request, found.pk)
    return _draft_page(request, _find(found.committee, found.pk), refused=CHANGED, status=422)
