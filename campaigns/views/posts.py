"""The feed's pages: all of it, newest first, and one post."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.conf import settings
from django.db.models import Case, Exists, OuterRef, QuerySet, Subquery, When
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import translation
from django.views.decorators.http import require_safe
from taggit.models import Tag

from campaigns.models import AppealText, Post
from campaigns.permissions import runs_campaign
from campaigns.tags import tag_name
from hub import links
from hub.images import pictures_of
from hub.markdown import to_folded, to_html
from hub.models import Image, TaggedItem
from hub.paging import page_number, page_of, pager
from hub.places import city_name
from hub.texts import foreign

POSTS = 10  # on a page
FOLD_AT = 400  # characters of a comment that are seen at once
TAGS_MOST = 40  # offered above the list
RELATED = 10  # events and committees, each


def tags_of(ids: Iterable[UUID]) -> dict[UUID, list[Tag]]:
    """The tags of each of these posts by name, in one query."""
    found: defaultdict[UUID, list[Tag]] = defaultdict(list)
    items = TaggedItem.objects.filter(object_id__in=list(ids)).select_related("tag").order_by("tag__name")
    for item in items:
        found[item.object_id].append(item.tag)
    return dict(found)


def asked_tag(request: HttpRequest) -> str:
    """The tag in the address; empty for what can't be one: PostgreSQL doesn't even look for a NUL."""
    tag = request.GET.get("tag", "")
    return tag if len(tag) <= 100 and "\0" not in tag else ""


def atom_url(tag: str = "") -> str:
    """Where the feed is for programs; files have one address, so the language goes into the query."""
    language = translation.get_language() or settings.LANGUAGE_CODE
    query = {"tag": tag} if tag else {}
    if language != settings.LANGUAGE_CODE:
        query["lang"] = language
    path = reverse("news_atom")
    return links.site_url(f"{path}?{urlencode(query)}" if query else path)


@require_safe
def post_list(request: HttpRequest) -> HttpResponse:
    """Four queries: the page's posts, their photos, their tags, and the tags of all."""
    tag, number = asked_tag(request), page_number(request)
    posts = Post.objects.visible_to(request.user).in_feed()
    rows = page_of(posts.tagged(tag) if tag else posts, number, POSTS)
    shown = rows[:POSTS]
    ids = [post.pk for post in shown]
    photos, tags = pictures_of(ids), tags_of(ids)
    offered = list(_tags_in_feed())
    context = {
        "entries": [
            entry(post, photos=photos.get(post.pk, []), tags=tags.get(post.pk, []), fold=True)
            for post in shown
        ],
        "tag": tag,
        "tag_name": next((tag_name(one) for one in offered if one.slug == tag), tag),
        "tags": named(offered[:TAGS_MOST]),
        "atom_url": atom_url(tag),
    } | pager(request, number, rows, POSTS)
    return render(request, "campaigns/post_list.html", context)


def newest(user: Any, number: int, **which: Any) -> list[dict[str, Any]]:
    """The newest posts as a line each, those in the reader's language first, in one query; `which` are
    conditions, such as the campaign."""
    language = translation.get_language() or settings.LANGUAGE_CODE
    readable_first = Case(When(language=language, then=0), default=1)
    posts = Post.objects.visible_to(user).newest().filter(**which)
    posts = posts.order_by(readable_first, *posts.query.order_by)
    rows = posts.only("slug", "title", "language", "published_at")[:number]
    return [{"post": post, "lang": foreign(post, language)} for post in rows]


def _tags_in_feed() -> QuerySet[Tag]:
    published = Post.objects.filter(status=Post.Status.PUBLISHED)
    used = TaggedItem.objects.filter(tag=OuterRef("pk"), object_id__in=published.values("pk"))
    return Tag.objects.filter(Exists(used)).order_by("name")


def named(tags: Iterable[Tag]) -> list[tuple[str, str]]:
    """Each by the name its reader knows, and its slug; in the order of these names."""
    return sorted(((tag_name(tag), tag.slug) for tag in tags), key=lambda pair: pair[0].casefold())


def entry(post: Post, *, photos: Sequence[Image], tags: Sequence[Tag], fold: bool = False) -> dict[str, Any]:
    """What `campaigns/_post.html` takes of a post."""
    language = translation.get_language() or settings.LANGUAGE_CODE
    first, rest = to_folded(post.comment, FOLD_AT) if fold else (to_html(post.comment), "")
    return {
        "post": post,
        "lang": foreign(post, language),
        "first": first,
        "rest": rest,
        "photos": [(photo, foreign(photo, language)) for photo in photos],
        "tags": named(tags),
    }


@require_safe
def post_page(request: HttpRequest, slug: str) -> HttpResponse:
    """Five queries: the post with its appeal's title, its photos, its tags, and the events and committees
    it is about that the reader may see."""
    language = translation.get_language() or settings.LANGUAGE_CODE
    posts = Post.objects.visible_to(request.user).filter(slug=slug).select_related("campaign", "appeal")
    post = posts.annotate(appeal_title=_title_of_appeal(language)).first()
    if post is None:
        raise Http404
    return page(
        request,
        post,
        photos=pictures_of([post.pk]).get(post.pk, []),
        tags=tags_of([post.pk]).get(post.pk, []),
        events=post.events.all(),
        committees=post.committees.all(),
    )


def _title_of_appeal(language: str) -> Subquery:
    """Of the newest version, in a language if it has it."""
    texts = AppealText.objects.filter(version__appeal=OuterRef("appeal"), version__appeal__status="published")
    in_it_first = Case(When(language=language, then=0), When(language="en", then=1), default=2)
    return Subquery(texts.order_by("-version__number", in_it_first).values("title")[:1])


def page(
    request: HttpRequest,
    post: Any,
    *,
    photos: Sequence[Image],
    tags: Sequence[Tag],
    events: Any,
    committees: Any,
    preview: bool = False,
) -> HttpResponse:
    """The page of a post, or how it would look: then it need not be stored. `events` and `committees` are
    querysets; of them what may stand in a list for the reader is shown."""
    shown = entry(post, photos=photos, tags=tags)
    columns = ("slug", "title", "language", "city", "region", "country", "next_date")
    related = events.visible_to(request.user).listed_for(request.user).order_by("next_start", "pk")
    groups = committees.visible_to(request.user).nameable().order_by("name", "pk")
    context = {
        **shown,
        "entry": shown,
        "campaign": post.campaign,
        "events": [
            row | {"city": city_name(row["city"], row["region"], row["country"])}
            for row in related.values(*columns)[:RELATED]
        ],
        "committees": list(groups.values("slug", "name", "language")[:RELATED]),
        "preview": preview,
        **({"languages": []} if preview else {}),  # a form's address has one, whatever the language
        "may_edit": not preview and runs_campaign(request.user, post.campaign),
        "page_url": links.site_url(reverse("news:detail", args=[post.slug])) if post.slug else "",
        "atom_url": atom_url(),
        "picture_url": links.site_url(photos[0].url) if photos else "",
    }
    return render(request, "campaigns/post_page.html", context)
