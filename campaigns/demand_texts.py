"""What pages show of demands, written out before the template sees it."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import gettext, ngettext
from taggit.models import Tag

from campaigns.models import Demand, DemandText
from hub.models import TaggedItem
from hub.texts import foreign, in_language


def tags_of_adopted() -> QuerySet[Tag]:
    """Every tag of a demand that holds. Keys are unique over all tables, so the tagged things' own isn't
    asked for; taggit would join each tag's things with each other."""
    adopted = Demand.objects.filter(pk=OuterRef("object_id"), status=Demand.Status.ADOPTED)
    used = TaggedItem.objects.filter(Exists(adopted), tag=OuterRef("pk"))
    return Tag.objects.filter(Exists(used)).order_by("name")


def words_in_force(demands: QuerySet[Any] | Iterable[Any], language: str) -> list[DemandText]:
    """What these demands say by now, each in one language and with its demand, in one query; in the order
    of their numbers."""
    of_each: dict[UUID, list[DemandText]] = {}
    texts = DemandText.objects.in_force().filter(version__demand__in=demands)
    for text in texts.select_related("version__demand").order_by("version__demand__order", "version__demand"):
        of_each.setdefault(text.version.demand_id, []).append(text)
    return [words for some in of_each.values() if (words := in_language(some, language))]


def shown(demands: Iterable[Any], language: str) -> list[dict[str, Any]]:
    """Demands in their order, as lists and the leaflet read them."""
    rows = list(demands)
    texts = {words.version.demand_id: words for words in words_in_force(rows, language)}
    return [
        {
            "slug": demand.slug,
            "number": demand.order,
            "campaign": demand.campaign,
            "title": texts[demand.pk].title,
            "text": texts[demand.pk].text,
            "lang": foreign(texts[demand.pk], language),
            "demand": demand,
        }
        for demand in rows
    ]


def support_text(members: int, committees: int) -> str:
    """ "Supported by 12 members and 3 committees"; empty while nobody does."""
    parts = []
    if members:
        parts.append(ngettext("%(n)d member", "%(n)d members", members) % {"n": members})
    if committees:
        parts.append(ngettext("%(n)d committee", "%(n)d committees", committees) % {"n": committees})
    if not parts:
        return ""
    who = parts[0]
    if len(parts) > 1:
        who = gettext("%(one)s and %(other)s") % {"one": parts[0], "other": parts[1]}
    return gettext("Supported by %(who)s") % {"who": who}
