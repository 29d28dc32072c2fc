"""A conversation behind its link: read it, answer, prove the mailbox by code, erase it."""

from datetime import datetime
from typing import Any

from django import forms
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from hub import actions, contact, threads
from hub.actions import CodeRefused
from hub.forms import CODE_SENTENCES, CodeForm, VisitorForm, email_field
from hub.models import Mailbox, Thread, User
from hub.threads import Found, ThreadRefused
from hub.views.account import second_factor_first
from hub.views.personal import cookie_name, private, remember
from hub.zones import zone_for

REFUSED = {
    "gone": _("Nobody can be asked about this any more."),
    "many": _("That is enough for one day. Write again tomorrow."),
}


def words_field(label: Any) -> forms.CharField:
    """What one side writes."""
    return forms.CharField(
        max_length=threads.TEXT_MAX,
        label=label,
        help_text=_("Up to 2,000 characters. Only the two sides can read it; it is kept encrypted."),
        error_messages={"required": _("Write what you want to say.")},
        widget=forms.Textarea(attrs={"rows": 5}),
    )


class SayForm(VisitorForm):
    """The next words of one side."""

    text = words_field(_("Write to the other side"))


class QuestionForm(VisitorForm):
    """A first question. Accounts are known by their address already."""

    text = words_field(_("Your question"))
    email = email_field(
        help_text=_("To tell you of the answer. Whoever answers doesn't see it."),
        error_messages={
            "required": _("Write your e-mail address: without it you would not hear of the answer.")
        },
    )

    def __init__(self, *args: Any, by: User | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if by is not None:
            del self.fields["email"]


def account(request: HttpRequest) -> User | None:
    """Whose account this request comes from."""
    return request.user if isinstance(request.user, User) and request.user.is_active else None


def question(
    request: HttpRequest, kind: str, about_id: Any, *, answerer: Any, context: dict[str, Any]
) -> HttpResponse:
    """The form for a first question about a thing, and sending it; for the views of the floors above."""
    by, now = account(request), timezone.now()
    form = QuestionForm(request.POST if request.method == "POST" else None, by=by)
    if form.is_bound and form.is_valid():
        cookie = request.COOKIES.get(cookie_name(contact.REMEMBER_COOKIE))
        remembered = contact.remembered_mailbox(cookie)
        try:
            thread = threads.ask(
                kind,
                about_id,
                form_token=form.cleaned_data["form_token"],
                email=form.cleaned_data.get("email", ""),
                text=form.cleaned_data["text"],
                language=translation.get_language() or "en",
                answerer=answerer,
                remembered=remembered,
                by=by,
                at=now,
            )
        except ThreadRefused as refused:
            form.add_error(None, REFUSED[refused.reason])
        else:
            if thread is None:
                return HttpResponseRedirect(context["topic"].path)
            token = thread.asker_token if _is_asker(thread, by, remembered) else thread.browser_token
            return HttpResponseRedirect(reverse("thread", args=[token]))
    status = 422 if form.is_bound else 200
    return render(request, "hub/ask.html", {**context, "form": form}, status=status)


def _is_asker(thread: Thread, by: User | None, remembered: Mailbox | None) -> bool:
    """Whether this request proves the mailbox of whoever asked: the same form may have been sent before, by
    somebody else or with another address."""
    if thread.asker is None or thread.opened_at is None:
        return False
    return thread.asker.is_of(by.email) if by else thread.asker == remembered


@require_http_methods(["GET", "HEAD", "POST"])
@private
def thread(request: HttpRequest, token: str) -> HttpResponse:
    """One's side of a thread. Accounts that answer for a thing need their role at each request."""
    found = threads.find(token)
    if found is None:
        raise Http404
    if not found.is_asker and found.thread.answerer_id is None:
        by = account(request)
        if by is None:
            return HttpResponseRedirect(f"{reverse('login')}?next={request.path}")
        if not threads.kinds[found.thread.kind].may_answer(by, found.thread.about_id):
            raise Http404
        if refused := second_factor_first(request):
            return refused
        if desk := threads.kinds[found.thread.kind].desk(found.thread.about_id):
            return HttpResponseRedirect(desk)
    if found.is_asker and found.thread.opened_at and not found.proven:
        return render(request, "hub/thread_spent.html")
    act = ACTS.get(request.POST.get("act", "")) if request.method == "POST" else None
    return act(request, found, token, timezone.now()) if act else _page(request, found, token)


def _page(request: HttpRequest, found: Found, token: str, *, status: int = 200, **extra: Any) -> HttpResponse:
    topic = threads.topic_of(found.thread, for_asker=found.is_asker)
    context = {
        "thread": found.thread,
        "topic": topic,
        "zone": zone_for(request.user, topic.zone if topic else ""),
        "posts": [(post, post.by_asker == found.is_asker) for post in found.thread.posts.all()],
        "is_asker": found.is_asker,
        "sent": found.thread.opened_at and not found.thread.posts.exclude(by_asker=found.is_asker).exists(),
        "must_confirm": found.thread.opened_at is None,
        "say_form": SayForm(),
        "code_form": CodeForm(),
        **extra,
    }
    return render(request, "hub/thread.html", context, status=status)


def _say(request: HttpRequest, found: Found, token: str, now: datetime) -> HttpResponse:
    form = SayForm(request.POST)
    if form.is_valid():
        try:
            threads.say(
                found.thread.pk,
                by_asker=found.is_asker,
                text=form.cleaned_data["text"],
                form_token=form.cleaned_data["form_token"],
                by=account(request),
                at=now,
            )
        except ThreadRefused as refused:
            form.add_error(None, REFUSED[refused.reason])
        else:
            return _again(token)
    return _page(request, found, token, status=422, say_form=form, form=form)


def _code(request: HttpRequest, found: Found, token: str, now: datetime) -> HttpResponse:
    form, row = CodeForm(request.POST), found.thread
    if row.opened_at or row.asker is None:
        return _again(token)
    if form.is_valid():
        try:
            path = actions.confirm_by_code(
                row.asker, form.cleaned_data["code"], kind=threads.ACT_KIND, act_id=row.pk, at=now
            )
        except CodeRefused as refused:
            form.add_error("code", CODE_SENTENCES[refused.reason])
        else:
            response = HttpResponseRedirect(path or reverse("home"))
            if form.cleaned_data["remember"]:
                remember(response, row.asker)
            return response
    return _page(request, found, token, status=422, code_form=form, form=form)


def _resend(request: HttpRequest, found: Found, token: str, now: datetime) -> HttpResponse:
    row: Thread = found.thread
    if row.asker is not None and row.opened_at is None:
        actions.ask_to_confirm(row.asker, kind=threads.ACT_KIND, act_id=row.pk, at=now)
    return _page(request, found, token, resent=True)


def _erase(request: HttpRequest, found: Found, token: str, now: datetime) -> HttpResponse:
    if found.is_asker:
        threads.erase(found.thread.pk, at=now)
        return HttpResponseRedirect(reverse("erased"))
    return _again(token)


def _again(token: str) -> HttpResponseRedirect:
    return HttpResponseRedirect(reverse("thread", args=[token]))


ACTS = {"say": _say, "code": _code, "resend": _resend, "erase": _erase}
