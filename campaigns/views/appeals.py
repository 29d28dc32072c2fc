"""Documents people sign: what they say, in which versions and languages, and who has signed."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.db.models import Case, Exists, F, IntegerField, OuterRef, QuerySet, Subquery, Sum, When
from django.db.models.functions import Coalesce
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone, translation
from django.views.decorators.http import require_http_methods, require_safe

from campaigns.actions import signatures
from campaigns.actions.signatures import closed_reason
from campaigns.demand_texts import words_in_force
from campaigns.endorsers import endorsements_block
from campaigns.models import (
    Appeal,
    AppealEndorsement,
    AppealReply,
    AppealText,
    AppealVersion,
    Campaign,
    Demand,
    PaperSheet,
    Signature,
)
from campaigns.querysets import AppealQuerySet
from hub import links, qr
from hub.paging import PAGE, page_number, page_of, pager
from hub.permissions import is_moderator
from hub.prepared import Parameter, Prepared
from hub.texts import foreign, in_language
from hub.views.personal import private

NAMES = 50  # on a page of the list


@dataclass
class Document:
    """A document as a page shows it: one version's words in the reader's language, or another."""

    appeal: Appeal
    version: AppealVersion
    texts: list[AppealText]
    text: AppealText

    @property
    def campaign(self) -> Campaign:
        """Whose it is: read along, so that each of its pages can wear that colour."""
        return self.appeal.campaign

    @property
    def lang(self) -> str:
        """The language to mark its words with; empty where it is the page's."""
        return foreign(self.text, translation.get_language() or "en")


def _words_of(appeals: QuerySet[Any]) -> QuerySet[AppealText]:
    """What this document says in its newest version, in every language, and with it its campaign."""
    newest = AppealVersion.objects.filter(appeal__in=appeals).order_by("-number")
    texts = AppealText.objects.filter(version=newest.values("pk")[:1])
    return texts.select_related("version__appeal__campaign").order_by("language")


def _counted(texts: QuerySet[AppealText]) -> QuerySet[AppealText]:
    """With how many have signed, and whether there is what else its page shows."""
    its = {"appeal": OuterRef("version__appeal")}
    return texts.annotate(
        signed=_signed(),
        has_replies=Exists(AppealReply.objects.filter(**its)),
        has_demands=Exists(Appeal.demands.through.objects.filter(**its)),
        has_endorsements=Exists(AppealEndorsement.objects.listed().filter(**its)),
    )


def _signed() -> Any:
    """How many have signed the document of a text, on paper too: of counters, so it costs the same for ten
    and for a million."""
    online, on_paper = (
        rows.filter(appeal=OuterRef("version__appeal")).order_by().values("appeal").values_list(Sum(counter))
        for rows, counter in ((AppealVersion.objects.all(), "signed"), (PaperSheet.objects.all(), "count"))
    )
    return Coalesce(Subquery(online, output_field=IntegerField()), 0) + Coalesce(
        Subquery(on_paper, output_field=IntegerField()), 0
    )


def _versions_of(appeals: AppealQuerySet) -> QuerySet[AppealVersion]:
    versions = AppealVersion.objects.filter(appeal__in=appeals).select_related("appeal")
    needed = ("number", "appeal__status", "appeal__signable", "appeal__closed_at")
    return versions.only(*needed).order_by("-number")


def _public() -> AppealQuerySet:
    slug = Parameter("slug", Appeal._meta.get_field("slug"))
    return Appeal.objects.visible_to(AnonymousUser()).filter(slug=slug)


_WORDS = Prepared(lambda: _words_of(_public()))
_COUNTED = Prepared(lambda: _counted(_words_of(_public())))
_VERSIONS = Prepared(lambda: _versions_of(_public()))


def find(request: HttpRequest, slug: str, *, counted: bool = False) -> Document:
    """The document behind an address in its newest version, in one query; `counted`, its words come with
    what its page says beside them. Raises Http404."""
    if request.user.is_authenticated:
        words = _words_of(Appeal.objects.visible_to(request.user).filter(slug=slug))
        return _document(_counted(words) if counted else words)
    return _document((_COUNTED if counted else _WORDS).rows(slug=slug))


def find_versions(request: HttpRequest, slug: str) -> list[AppealVersion]:
    """The document's versions without their words, which may be long, the newest first. Raises Http404."""
    if request.user.is_authenticated:
        found = list(_versions_of(Appeal.objects.visible_to(request.user).filter(slug=slug)))
    else:
        found = _VERSIONS.rows(slug=slug)
    if not found:
        raise Http404
    return found


def find_version(request: HttpRequest, slug: str, number: int) -> Document:
    """The same in the version with this number."""
    texts = AppealText.objects.filter(
        version__appeal__in=Appeal.objects.visible_to(request.user).filter(slug=slug), version__number=number
    )
    return _document(texts.select_related("version__appeal__campaign").order_by("language"))


def _document(texts: Iterable[AppealText]) -> Document:
    found = list(texts)
    text = in_language(found, translation.get_language() or "en")
    if text is None:
        raise Http404
    return Document(text.version.appeal, text.version, found, text)


def put_first(user: Any, campaign: Campaign) -> dict[str, Any] | None:
    """The document that a campaign asks people to sign, in one query: an appeal before a letter or a call,
    the newest first. None while there is none that takes signatures."""
    open_ones = Appeal.objects.visible_to(user).filter(
        campaign=campaign, status=Appeal.Status.PUBLISHED, signable=True, closed_at=None
    )
    appeals_first = Case(When(kind=Appeal.Kind.APPEAL, then=0), default=1)
    first = open_ones.order_by(appeals_first, F("issued_on").desc(nulls_last=True), "-published_at", "id")
    words = _words_of(first.values("pk")[:1]).defer("body").annotate(signed=_signed())
    text: Any = in_language(words, translation.get_language() or "en")
    if text is None:
        return None
    return {
        "slug": text.version.appeal.slug,
        "kind": text.version.appeal.get_kind_display(),
        "title": text.title,
        "lang": foreign(text, translation.get_language() or "en"),
        "total": text.signed,
    }


@require_safe
def appeal_list(request: HttpRequest) -> HttpResponse:
    """Every document, the newest first."""
    language, number = translation.get_language() or "en", page_number(request)
    rows = page_of(Appeal.objects.visible_to(request.user).for_list_page(), number)
    newest = {appeal.newest: appeal for appeal in rows[:PAGE]}
    texts: dict[Any, list[AppealText]] = {}
    for text in AppealText.objects.filter(version__in=list(newest)).defer("body"):
        texts.setdefault(text.version_id, []).append(text)
    entries = []
    for version_id, appeal in newest.items():
        words = in_language(texts.get(version_id, []), language)
        entries.append({"appeal": appeal, "text": words, "lang": foreign(words, language)})
    context = {"entries": entries} | pager(request, number, rows)
    return render(request, "campaigns/appeal_list.html", context)


@require_safe
def appeal_detail(request: HttpRequest, slug: str) -> HttpResponse:
    """What it says, how many have signed, and the one button."""
    document = find(request, slug, counted=True)
    text: Any = document.text
    appeal, total = document.appeal, text.signed
    page_url = links.site_url(request.path)
    context = {
        "document": document,
        "appeal": appeal,
        "campaign": document.campaign,
        "text": text,
        "lang": document.lang,
        "closed": closed_reason(appeal),
        "total": total,
        "goal": appeal.goal if appeal.goal and appeal.goal > total else None,
        "replies": appeal.replies.all() if text.has_replies else [],
        "demands": _demands(request, appeal) if text.has_demands else [],
        **endorsements_block("appeal", appeal, timezone.now(), any_there=text.has_endorsements),
        "page_url": page_url,
        "qr": qr.of_page(page_url),
    }
    return render(request, "campaigns/appeal_detail.html", context)


def _demands(request: HttpRequest, appeal: Appeal) -> list[tuple[str, int | None, str, str]]:
    """Slug, number (of one that holds), title and, where it isn't the page's, language of the demands it
    carries."""
    language = translation.get_language() or "en"
    demands = Demand.objects.visible_to(request.user).filter(appeals=appeal)
    return [
        (words.version.demand.slug, words.version.demand.order, words.title, foreign(words, language))
        for words in words_in_force(demands, language)
    ]


@require_safe
def side_by_side(request: HttpRequest, slug: str) -> HttpResponse:
    """The same version in all its languages, beside each other."""
    document = find(request, slug)
    context = {"document": document, "campaign": document.campaign}
    return render(request, "campaigns/appeal_languages.html", context)


@require_safe
def sheet(request: HttpRequest, slug: str) -> HttpResponse:
    """The document on paper, with lines to sign on."""
    document = find(request, slug)
    url = links.url("appeals:detail", document.appeal.slug)
    context = {
        "document": document,
        "campaign": document.campaign,
        "lang": document.lang,
        "closed": closed_reason(document.appeal),
        "url": url,
        "qr": qr.of_page(url),
        "lines": range(12),
    }
    return render(request, "campaigns/appeal_sheet.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@private
def names(request: HttpRequest, slug: str) -> HttpResponse:
    """Those who chose to be shown, the newest first. No search engine lists it. Moderators take a line off
    here that shouldn't stand: a name that is somebody else's, or an insult."""
    document: Any = find(request, slug, counted=True)
    number = page_number(request)
    if request.method == "POST":
        return _take_off(request, document.appeal)
    rows = page_of(Signature.objects.filter(appeal=document.appeal).shown(), number, NAMES)
    context = {
        "document": document,
        "campaign": document.campaign,
        "lang": document.lang,
        "signers": [(signer.lines, signer.pk) for signer in rows[:NAMES]],
        "may_take_off": is_moderator(request.user),
        "taken_off": request.GET.get("off") == "1",
        "total": document.text.signed,
    } | pager(request, number, rows, NAMES)
    return render(request, "campaigns/appeal_names.html", context)


def _take_off(request: HttpRequest, appeal: Appeal) -> HttpResponse:
    if not is_moderator(request.user):
        raise PermissionDenied
    try:
        line = UUID(request.POST.get("line", ""))
    except ValueError as error:
        raise Http404 from error
    signature = get_object_or_404(Signature.objects.filter(appeal=appeal).confirmed(), pk=line)
    signatures.take_off_line(signature.pk, by=request.user, at=timezone.now())  # type: ignore[arg-type]
    return HttpResponseRedirect(reverse("appeals:names", args=[appeal.slug]) + "?off=1")
