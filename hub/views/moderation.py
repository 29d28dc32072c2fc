"""The moderators' queue: what waits, one item with everything needed to decide, and the decision."""

from collections import Counter
from collections.abc import Callable, Iterable
from datetime import datetime
from functools import wraps
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.dateparse import parse_datetime
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_safe

from events.models import Update
from hub import moderation, review_threads
from hub.models import Review, User
from hub.moderation import ReviewKind, ReviewRefused
from hub.paging import PAGE, page_number, page_of, pager
from hub.permissions import is_moderator
from hub.threads import ThreadRefused
from hub.views.account import second_factor_first
from hub.views.personal import private
from hub.views.threads import REFUSED, SayForm, words_field
from hub.zones import zone_for

URGENT = moderation.WITHIN / 2  # before it is needed an item is marked

DONE = {
    "publish": _("Published: {title}"),
    "trust": _("Published, and from now on this person publishes at once: {title}"),
    "return": _("Returned with your reason: {title}"),
    "reject": _("Rejected with your reason: {title}"),
}


class ReasonForm(forms.Form):
    """Why something is returned or rejected: from the list of its kind, in own words, or both."""

    reason = forms.ChoiceField(required=False, label=_("Reason"))
    words = forms.CharField(
        required=False,
        max_length=1000,
        label=_("In your own words"),
        help_text=_("Whoever submitted it reads this."),
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def __init__(self, *args: Any, kind: ReviewKind, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.reasons = kind.reasons
        reason: Any = self.fields["reason"]
        reason.choices = [("", _("No reason from the list")), *self.reasons]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if not (data.get("reason") or data.get("words", "").strip()):
            self.add_error("reason", _("Choose a reason or write one."))
        return data

    def text(self, language: str) -> str:
        """The whole reason; what comes from the list in the submitter's language."""
        with translation.override(language):
            chosen = str(dict(self.reasons).get(self.cleaned_data["reason"], ""))
        return "\n\n".join(part for part in (chosen, self.cleaned_data["words"].strip()) if part)


class AskForm(SayForm):
    """A word to whoever submitted it."""

    text = words_field(_("Ask whoever submitted it"))


def for_moderators(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """A page that does not exist for anybody but moderators and administrators, and that asks them for
    their second factor."""

    @wraps(view)
    def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not is_moderator(request.user):
            raise Http404
        return second_factor_first(request) or private(view)(request, *args, **kwargs)

    return wrapped


@require_safe
@for_moderators
def queue(request: HttpRequest) -> HttpResponse:
    """What waits, the most urgent first."""
    now = timezone.now()
    number = page_number(request)
    rows = page_of(moderation.visible_to(request.user).waiting(), number)
    context = {"items": _items(rows[:PAGE], request.user, now), **pager(request, number, rows)}
    context["short_words"] = number == 1 and Update.objects.filter(looked_at=None).exists()
    return render(request, "hub/moderation/queue.html", context)


def _items(rows: list[Review], user: Any, now: datetime) -> list[dict[str, Any]]:
    """The lines of the list: one more query for each kind of thing on it, and one for what was asked."""
    titles: dict[UUID, Any] = {}
    marks = review_threads.marks(rows)
    for name in {review.kind for review in rows}:
        ids = [review.object_id for review in rows if review.kind == name]
        titles |= moderation.kinds[name].titles(ids)
    zone = zone_for(user, _most_common(thing.zone for thing in titles.values()))
    return [
        {
            "review": review,
            "thing": titles.get(review.object_id),
            "zone": zone,
            "mark": marks.get(review.pk, ""),
            "kind": moderation.kinds[review.kind].label,
            "claimed": _claimed(review, user, now),
            "late": review.needed_by <= now,
            "urgent": review.needed_by <= now + URGENT,
        }
        for review in rows
    ]


def _most_common(zones: Iterable[str]) -> str:
    """One zone for the whole list, or its hours couldn't be compared."""
    counted = Counter(zone for zone in zones if zone)
    return min(counted, key=lambda zone: (-counted[zone], zone), default="")


def _claimed(review: Review, user: Any, now: datetime) -> str:
    """Who is at it: "" nobody, "you" or "other"."""
    if review.claimed_until is None or review.claimed_until <= now:
        return ""
    return "you" if review.claimed_by_id == user.pk else "other"


@require_http_methods(["GET", "HEAD", "POST"])
@for_moderators
def item(request: HttpRequest, pk: UUID) -> HttpResponse:
    """One submission: the thing as it will look, what an edit changes, and the decision."""
    review = moderation.visible_to(request.user).select_related("mailbox").filter(pk=pk).first()
    if review is None:
        raise Http404
    assert isinstance(request.user, User)
    now = timezone.now()
    if request.method != "POST":
        return _page(request, review, now)
    act = request.POST.get("act", "")
    if act == "ask":
        return _ask(request, review, now)
    form = ReasonForm(request.POST, kind=moderation.kinds[review.kind])
    title = _title(review) if act in DONE else ""
    if act in ("return", "reject") and not form.is_valid():
        return _page(request, review, now, status=422, form=form)
    try:
        _act(act, review, form, request.user, now, _seen(request))
    except ReviewRefused as refused:
        return _refused(request, review, now, refused)
    if act not in DONE:
        return HttpResponseRedirect(reverse("review", args=[pk]))
    messages.success(request, format_html(str(DONE[act]), title=title))
    return HttpResponseRedirect(_next_page(review, request.user, now))


def _title(review: Review) -> str:
    """What the message after a decision calls the thing."""
    thing = moderation.kinds[review.kind].titles([review.object_id]).get(review.object_id)
    return format_html('<span lang="{}">{}</span>', thing.language, thing.title) if thing else ""


def _seen(request: HttpRequest) -> datetime | None:
    """As of when the moderator looked at it. Raises ReviewRefused for a moment that doesn't exist."""
    try:
        return parse_datetime(request.POST.get("seen", ""))
    except ValueError:
        raise ReviewRefused("changed") from None


def _ask(request: HttpRequest, review: Review, now: datetime) -> HttpResponse:
    """Write to whoever submitted it."""
    assert isinstance(request.user, User)
    form = AskForm(request.POST)
    if form.is_valid():
        token, text = form.cleaned_data["form_token"], form.cleaned_data["text"]
        try:
            review_threads.ask_submitter(review, text=text, form_token=token, by=request.user, at=now)
        except ReviewRefused as refused:
            return _refused(request, review, now, refused)
        except ThreadRefused as refused:
            form.add_error(None, REFUSED[refused.reason])
        else:
            return HttpResponseRedirect(reverse("review", args=[review.pk]) + "#thread")
    return _page(request, review, now, status=422, ask_form=form, form=form)


def _act(act: str, review: Review, form: ReasonForm, by: User, at: datetime, seen: datetime | None) -> None:
    match act:
        case "claim":
            moderation.claim(review, by=by, at=at)
        case "publish":
            moderation.publish(review, by=by, at=at, seen=seen)
        case "trust":
            moderation.publish_and_trust(review, by=by, at=at, seen=seen)
        case "return":
            moderation.send_back(review, reason=form.text(review.language), by=by, at=at, seen=seen)
        case "reject":
            moderation.reject(review, reason=form.text(review.language), by=by, at=at, seen=seen)


def _refused(request: HttpRequest, review: Review, now: datetime, refused: ReviewRefused) -> HttpResponse:
    """A sentence, and nothing changed."""
    review.refresh_from_db()
    status = 403 if refused.reason == "own" else 409
    return _page(request, review, now, status=status, refused=moderation.SENTENCES[refused.reason])


def _next_page(decided: Review, user: User, now: datetime) -> str:
    """The next item that somebody else doesn't look at; the list when nothing is left."""
    free = Q(claimed_until=None) | Q(claimed_until__lte=now) | Q(claimed_by=user)
    others = moderation.visible_to(user).waiting().filter(free).exclude(submitter=user)
    following = others.filter(needed_by__gte=decided.needed_by).first() or others.first()
    return reverse("review", args=[following.pk]) if following else reverse("moderation")


def _page(
    request: HttpRequest, review: Review, now: datetime, *, status: int = 200, **extra: Any
) -> HttpResponse:
    kind = moderation.kinds[review.kind]
    titled = kind.titles([review.object_id]).get(review.object_id)
    context = {
        "review": review,
        "kind": kind,
        "thing": kind.show(review),
        "zone": zone_for(request.user, titled.zone if titled else ""),
        "earlier": moderation.earlier(review),
        "open": not review.decision,
        "own": moderation.is_own(review, request.user),  # type: ignore[arg-type]  # for moderators only
        "claimed": _claimed(review, request.user, now),
        "late": review.needed_by <= now,
        "account": review.submitter_id is not None,
        "can_trust": kind.earns_trust
        and review.mailbox is not None
        and not moderation.is_trusted(review.mailbox),
        "reason_form": extra["form"] if isinstance(extra.get("form"), ReasonForm) else ReasonForm(kind=kind),
        "thread": review_threads.thread_of(review),
        "ask_form": AskForm(auto_id="ask_%s"),
        **extra,
    }
    return render(request, "hub/moderation/item.html", context, status=status)
