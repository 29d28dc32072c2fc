"""The operator's door to documents people sign: every change goes through the actions."""

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet, Sum
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import get_language, ngettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from campaigns.actions import appeals as actions
from campaigns.actions.appeals import AppealRefused, Reply
from campaigns.actions.asking import still_to_ask
from campaigns.actions.demands import carry_demands
from campaigns.appeal_forms import DAY, MINOR, NO_ADDRESS, PARTS, SUBSTANTIAL, AppealForm, PaperForm
from campaigns.demand_texts import words_in_force
from campaigns.models import Appeal, AppealReply, PaperSheet
from campaigns.permissions import runs_campaign
from campaigns.staff_admin import CampaignStaffAdmin, staff
from hub.permissions import is_moderator

ACTS = {
    "publish": (actions.publish_appeal, _("“{title}” is published.")),
    "unpublish": (actions.unpublish_appeal, _("“{title}” is a draft again.")),
    "close": (actions.close_appeal, _("Nobody can sign “{title}” any more.")),
    "reopen": (actions.reopen_appeal, _("“{title}” can be signed again.")),
}


class ReplyInline(admin.StackedInline):
    """Answers to the document that stand elsewhere; one field below the other, so that a phone has room."""

    model = AppealReply
    verbose_name = pgettext_lazy("table", "appeal reply")
    verbose_name_plural = pgettext_lazy("table", "appeal replies")
    extra = 1
    fields = ("title", "url", "language", "on")

    def _may(self, request: HttpRequest, obj: Appeal | None = None) -> bool:
        """Whoever may change the document changes its answers."""
        return obj is None or runs_campaign(request.user, obj.campaign)

    has_add_permission = has_change_permission = has_delete_permission = _may

    def has_view_permission(self, request: HttpRequest, obj: Appeal | None = None) -> bool:
        return is_moderator(request.user) or self._may(request, obj)

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """An address without a scheme is taken for https; a day is chosen in the browser's own field."""
        if db_field.name == "url":
            kwargs |= {"assume_scheme": "https", "error_messages": {"invalid": NO_ADDRESS}}
        elif db_field.name == "on":
            kwargs |= {"widget": DAY, "help_text": _("When it was published.")}
        return super().formfield_for_dbfield(db_field, request, **kwargs)


@admin.register(Appeal)
class AppealAdmin(CampaignStaffAdmin):
    """Write, publish, close documents, and count what was signed on paper."""

    names = (pgettext_lazy("table", "appeal"), pgettext_lazy("table", "appeals"))
    form = AppealForm
    inlines = (ReplyInline,)
    change_form_template = "admin/campaigns/appeal/change_form.html"
    list_display = ("title", "kind", "issued_on", "status", "signable", "signed")
    list_filter = ("status", "kind", "campaign")
    search_fields = ("slug", "versions__texts__title")
    ordering = ("-published_at",)
    list_per_page = 50

    def get_fieldsets(self, request: HttpRequest, obj: Appeal | None = None) -> Any:
        """The document, then its words, a part for each language."""
        changes = obj and obj.published_at and self.has_change_permission(request, obj)
        kind_of_change = ("change",) if changes else ()
        texts = [
            (name, {"fields": tuple(f"{part}_{code}" for part in PARTS)}) for code, name in settings.LANGUAGES
        ]
        return [
            (None, {"fields": (*AppealForm.FIELDS, "demands", "seen")}),
            *texts,
            *self._last(kind_of_change),
        ]

    def _last(self, fields: tuple[str, ...]) -> list[Any]:
        return [(_("Kind of change"), {"fields": fields})] if fields else []

    def view_on_site(self, appeal: Appeal) -> str:
        """The document's page; of a draft what only moderators and administrators see."""
        return reverse("appeals:detail", args=[appeal.slug])

    def get_queryset(self, request: HttpRequest) -> QuerySet[Appeal]:
        found = super().get_queryset(request).prefetch_related("versions__texts")
        return self.titled(found).annotate(signed_online=Sum("versions__signed"))

    def titled(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        return rows.with_title(get_language() or "en")  # type: ignore[attr-defined]

    @admin.display(description=_("Title"), ordering="title_shown")
    def title(self, appeal: Appeal) -> str:
        newest = max(appeal.versions.all(), key=lambda version: version.number, default=None)
        return str((newest and newest.text_in(get_language() or "en")) or appeal)

    @admin.display(description=_("Signed online"), ordering="signed_online")
    def signed(self, appeal: Any) -> int:
        return appeal.signed_online or 0

    # --- Saving --------------------------------------------------------------------------------
    def save_model(self, request: HttpRequest, obj: Appeal, form: AppealForm, change: bool) -> None:
        by, now = staff(request), timezone.now()
        if not change:
            saved = actions.create_appeal(form.details(), by=by, at=now)
        else:
            kind, seen = form.cleaned_data["change"], form.cleaned_data["seen"] or form.initial["seen"]
            substantial = {MINOR: False, SUBSTANTIAL: True}.get(kind)
            saved = actions.edit_appeal(
                obj, form.details(), seen=seen, substantial=substantial, by=by, at=now
            )
            obj.asks = substantial and actions.current(saved).number > seen  # type: ignore[attr-defined]
        carry_demands(saved, form.cleaned_data["demands"], by=by, at=now)
        obj.__dict__.pop("_prefetched_objects_cache", None)  # the words as they were
        obj.__dict__.update(saved.__dict__)
        obj.title_shown = self.title(obj)  # type: ignore[attr-defined]  # as it is by now

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        replies = [
            Reply(row["title"], row["url"], row["language"], row["on"])
            for formset in formsets
            for row in formset.cleaned_data
            if row and not row.get("DELETE")
        ]
        actions.set_replies(form.instance, replies, by=staff(request), at=timezone.now())

    def construct_change_message(self, request: Any, form: Any, formsets: Any, add: bool = False) -> Any:
        """What changed stands in the audit log; the inlines were not saved by Django."""
        return super().construct_change_message(request, form, [], add)

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        try:
            return super().changeform_view(request, *args, **kwargs)
        except AppealRefused:  # somebody saved another version this very moment
            sentence = _("Somebody has changed the text since you opened it. Nothing was saved.")
            self.message_user(request, sentence, messages.ERROR)
            return HttpResponseRedirect(request.get_full_path())

    def response_add(
        self, request: HttpRequest, obj: Appeal, post_url_continue: str | None = None
    ) -> HttpResponse:
        self._act_from_button(request, obj)
        return super().response_add(request, obj, post_url_continue)

    def response_change(self, request: HttpRequest, obj: Appeal) -> HttpResponse:
        self._act_from_button(request, obj)
        asked = still_to_ask(obj) if getattr(obj, "asks", False) else 0
        if asked:  # after the button: of a document that was closed or taken off nobody is asked
            sentence = ngettext(
                "The new text is saved. %(n)d person is asked by mail whether they stand behind it too.",
                "The new text is saved. %(n)d people are asked by mail whether they stand behind it too.",
                asked,
            )
            self.say(request, sentence % {"n": asked})
        return super().response_change(request, obj)

    def _act_from_button(self, request: HttpRequest, obj: Appeal) -> None:
        for name, (action, done) in ACTS.items():
            if f"_{name}" in request.POST:
                action(obj, by=staff(request), at=timezone.now())
                self.say(request, str(done).format(title=self.title(obj)))

    # --- Beside the form -----------------------------------------------------------------------
    def get_urls(self) -> list[URLPattern]:
        own = [
            path("preview/", self.admin_site.admin_view(self.preview), name="appeal_preview"),
            path("<uuid:pk>/paper/", self.admin_site.admin_view(self.paper), name="appeal_paper"),
        ]
        return own + super().get_urls()

    def preview(self, request: HttpRequest) -> HttpResponse:
        """The document in the form as it would look. Nothing is saved. Whoever opens its address with nothing
        to show, is led back to the form."""
        appeal = self.get_object(request, unquote(request.GET.get("appeal", "")))
        may = self.has_change_permission(request, appeal)
        if request.method != "POST":
            return HttpResponseRedirect(self._form_of(appeal, may=may))
        if not may:
            raise PermissionDenied
        form = self.get_form(request, appeal)(request.POST, instance=appeal)
        form.is_valid()  # what is sound of it is shown, whatever else is wrong
        texts = [
            {"language": code, **{part: request.POST.get(f"{part}_{code}", "")[:50_000] for part in PARTS}}
            for code, _name in settings.LANGUAGES
        ]
        said, language = form.cleaned_data, get_language() or "en"
        context = {
            "texts": [text for text in texts if any(text[part] for part in PARTS)],
            "kind": dict(Appeal.Kind.choices).get(said.get("kind", ""), ""),
            "said": said,
            "demands": words_in_force(said.get("demands", ()), language),
            "languages": [],  # a form's address has one, whatever the language
        }
        return render(request, "campaigns/appeal_preview.html", context)

    def _form_of(self, appeal: Appeal | None, *, may: bool) -> str:
        if appeal is not None:
            return reverse("admin:campaigns_appeal_change", args=[appeal.pk])
        return reverse("admin:campaigns_appeal_add" if may else "admin:campaigns_appeal_changelist")

    def paper(self, request: HttpRequest, pk: Any) -> HttpResponse:
        """Sheets of paper that were counted: add one, take one out."""
        appeal = get_object_or_404(self.get_queryset(request), pk=pk)
        if not self.has_change_permission(request, appeal):
            raise PermissionDenied
        form = PaperForm(
            request.POST if request.POST.get("act") == "add" else None,
            appeal=appeal,
            initial={"version": actions.current(appeal).number},
        )
        done = self._paper_act(request, appeal, form)
        if done:
            return HttpResponseRedirect(request.path)
        context = {
            **self.admin_site.each_context(request),
            "title": _("Signatures on paper"),
            "opts": self.opts,
            "original": appeal,
            "form": form,
            "sheets": appeal.paper_sheets.select_related("version").order_by("-added_at"),
            "media": forms.Media(),
        }
        status = 422 if form.is_bound else 200
        return TemplateResponse(request, "admin/campaigns/appeal/paper.html", context, status=status)

    def _paper_act(self, request: HttpRequest, appeal: Appeal, form: PaperForm) -> bool:
        by, now = staff(request), timezone.now()
        if form.is_bound and form.is_valid():
            count, number = form.cleaned_data["count"], form.cleaned_data["version"]
            actions.add_paper(appeal, count, seen=number, by=by, at=now)
            return True
        if request.POST.get("act") == "remove":
            wanted = request.POST.get("sheet", "")
            for sheet in PaperSheet.objects.filter(appeal=appeal):
                if str(sheet.pk) == wanted:
                    actions.remove_paper(sheet, by=by, at=now)
            return True
        return False
