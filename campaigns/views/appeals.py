"""Documents people sign: what they say, in which versions and languages, and who has signed."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Case, F, IntegerField, OuterRef, Subquery, Sum, When
from django.db.models.functions import Coalesce
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone, translation
from django.views.decorators.http import require_safe

from campaigns.actions.signatures import closed_reason
from campaigns.demand_texts import words_in_force
from campaigns.endorsers import endorsements_block
from campaigns.models import Appeal, AppealText, AppealVersion, Campaign, Demand, PaperSheet, Signature
from hub import links, qr
from hub.paging import PAGE, page_number, page_of, pager
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
    def lang(self) -> str:
        """The language to mark its words with; empty where it is the page's."""
        return foreign(self.text, translation.get_language() or "en")


def find(request: HttpRequest, slug: str, number: int | None = None) -> Document:
    """The document behind an address, in its newest version or the one with this number, in one query.
    Raises Http404."""
    appeals = Appeal.objects.visible_to(request.user).filter(slug=slug)
    texts = AppealText.objects.filter(version__appeal__in=appeals)
    if number is None:
        newest = AppealVersion.objects.filter(appeal__in=appeals).order_by("-number")
        texts = texts.filter(version=newest.values("pk")[:1])
    else:
        texts = texts.filter(version__number=number)
    found = list(texts.select_related("version__appeal__campaign").order_by("language"))
    text = in_language(found, translation.get_language() or "en")
    if text is None:
        raise Http404
    return Document(text.version.appeal, text.version, found, text)


def signed(appeal: Appeal) -> int:
    """How many have signed, on paper too: of counters, so it costs the same for ten and for a million."""
    return Appeal.objects.filter(pk=appeal.pk).values_list(total("pk"), flat=True).get()


def total(appeal: str) -> Any:
    """How many have signed, as an expression in a query whose rows name the document by this path."""
    online, on_paper = (
        Subquery(
            rows.filter(appeal=OuterRef(appeal)).order_by().values("appeal").values_list(Sum(counter)),
            output_field=IntegerField(),
        )
        for rows, counter in ((AppealVersion.objects.all(), "signed"), (PaperSheet.objects.all(), "count"))
    )
    return Coalesce(online, 0) + Coalesce(on_paper, 0)


def put_first(user: Any, campaign: Campaign) -> dict[str, Any] | None:
    """The document that a campaign asks people to sign, in one query: an appeal before a letter or a call,
    the newest first. None while there is none that takes signatures."""
    language = translation.get_language() or "en"
    open_ones = Appeal.objects.visible_to(user).filter(
        campaign=campaign, status=Appeal.Status.PUBLISHED, signable=True, closed_at=None
    )
    appeals_first = Case(When(kind=Appeal.Kind.APPEAL, then=0), default=1)
    first = open_ones.order_by(appeals_first, F("issued_on").desc(nulls_last=True), "-published_at", "id")
    versions = AppealVersion.objects.filter(appeal=Subquery(first.values("pk")[:1])).order_by("-number")
    texts = AppealText.objects.filter(version=Subquery(versions.values("pk")[:1])).defer("body")
    text: Any = in_language(
        texts.select_related("version__appeal").annotate(total=total("version__appeal")), language
    )
    if text is None:
        return None
    return {
        "slug": text.version.appeal.slug,
        "kind": text.version.appeal.get_kind_display(),
        "title": text.title,
        "summary": text.summary,
        "lang": foreign(text, language),
        "total": text.total,
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
    document = find(request, slug)
    return render(request, "campaigns/appeal_detail.html", page_context(request, document))


def page_context(request: HttpRequest, document: Document) -> dict[str, Any]:
    """What the document's page shows."""
    appeal = document.appeal
    total = signed(appeal)
    page_url = links.site_url(request.path)
    return {
        "document": document,
        "appeal": appeal,
        "campaign": appeal.campaign,
        "text": document.text,
        "lang": document.lang,
        "closed": closed_reason(appeal),
        "total": total,
        "goal": appeal.goal if appeal.goal and appeal.goal > total else None,
        "replies": appeal.replies.all(),
        "demands": _demands(request, appeal),
        **endorsements_block("appeal", appeal, timezone.now()),
        "page_url": page_url,
        "qr": qr.svg(page_url),
    }


def _demands(request: HttpRequest, appeal: Appeal) -> list[tuple[str, str, str]]:
    """Slug, title and, where it isn't the page's, language of the demands it carries."""
    language = translation.get_language() or "en"
    demands = Demand.objects.visible_to(request.user).filter(appeals=appeal)
    return [
        (words.version.demand.slug, words.title, foreign(words, language))
        for words in words_in_force(demands, language)
    ]


@require_safe
def side_by_side(request: HttpRequest, slug: str) -> HttpResponse:
    """The same version in all its languages, beside each other."""
    document = find(request, slug)
    return render(request, "campaigns/appeal_languages.html", {"document": document})


@require_safe
def sheet(request: HttpRequest, slug: str) -> HttpResponse:
    """The document on paper, with lines to sign on."""
    document = find(request, slug)
    url = links.url("appeals:detail", document.appeal.slug)
    context = {"document": document, "lang": document.lang, "url": url, "qr": qr.svg(url), "lines": range(12)}
    return render(request, "campaigns/appeal_sheet.html", context)


@require_safe
@private
def names(request: HttpRequest, slug: str) -> HttpResponse:
    """Those who chose to be shown, the newest first. No search engine lists it."""
    document = find(request, slug)
    number = page_number(request)
    rows = page_of(Signature.objects.filter(appeal=document.appeal).shown(), number, NAMES)
    context = {
        "document": document,
        "lang": document.lang,
        "signers": [signer.lines for signer in rows[:NAMES]],
        "total": signed(document.appeal),
    } | pager(request, number, rows, NAMES)
    return render(request, "campaigns/appeal_names.html", context)
