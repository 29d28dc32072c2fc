"""How a document came to say what it says: every version, and what each changed."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from campaigns.difference import difference_html, markdown_difference_html
from campaigns.models import AppealText, AppealVersion
from campaigns.views.appeals import find, find_version
from hub.paging import PAGE, page_number, page_of, pager


@require_safe
def version_list(request: HttpRequest, slug: str) -> HttpResponse:
    """Every version, the newest first, with how many have signed it."""
    document, number = find(request, slug), page_number(request)
    rows = page_of(AppealVersion.objects.filter(appeal=document.appeal).order_by("-number"), number)
    context = {"document": document, "campaign": document.campaign, "versions": rows[:PAGE]}
    context |= pager(request, number, rows)
    return render(request, "campaigns/appeal_versions.html", context)


@require_safe
def version_detail(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """What a version says, and what it changed of the one before, in the language it is read in."""
    document = find_version(request, slug, number)
    before = AppealText.objects.filter(
        version__appeal=document.appeal, version__number=number - 1, language=document.text.language
    ).first()
    later = AppealVersion.objects.filter(appeal=document.appeal, number__gt=number)
    context = {
        "document": document,
        "campaign": document.campaign,
        "text": document.text,
        "lang": document.lang,
        "before": before,
        "is_newest": not later.exists(),
        "title_change": difference_html(before.title, document.text.title) if before else "",
        "summary_change": difference_html(before.summary, document.text.summary) if before else "",
        "body_change": markdown_difference_html(before.body, document.text.body) if before else "",
    }
    return render(request, "campaigns/appeal_version.html", context)
