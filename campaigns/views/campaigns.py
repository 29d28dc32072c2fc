"""What pages share of a campaign: its words, and the stylesheet with its colour."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.utils import translation
from django.views.decorators.http import require_safe

from campaigns.colours import stylesheet
from campaigns.models import Campaign, CampaignText
from hub.texts import in_language

# The address names the colour, so what it answers never changes.
FOR_EVER = "public, max-age=31536000, immutable"


def words_of(campaigns: Any) -> CampaignText | None:
    """What the one campaign of this query says of itself to this reader, and with it the campaign, in one
    query."""
    texts = CampaignText.objects.filter(campaign__in=campaigns).select_related("campaign")
    return in_language(texts, translation.get_language() or "en")


@require_safe
def colours(request: HttpRequest, slug: str, accent: str) -> HttpResponse:
    """The rules that give pages of a campaign its colour; of a colour it hasn't there are none."""
    campaigns = Campaign.objects.visible_to(request.user).filter(slug=slug, accent=f"#{accent}")
    if not campaigns.exists():
        raise Http404
    response = HttpResponse(stylesheet(f"#{accent}"), content_type="text/css; charset=utf-8")
    response["Cache-Control"] = FOR_EVER
    return response
