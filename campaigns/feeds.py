"""The feed for programs that read it: Atom (RFC 4287), of everything or of one tag.

Fetched by other people's servers and kept there, so it holds what everybody may see, whoever asks.
"""

import re
from typing import Any

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.feedgenerator import Atom1Feed
from django.utils.translation import gettext
from django.views.decorators.http import require_safe

from campaigns.models import Post
from campaigns.views.posts import asked_tag, atom_url, tags_of
from hub import links

NEWEST = 30
EVERYBODY = AnonymousUser()
# What XML 1.0 can't hold, however it is written.
NOT_IN_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class PostsFeed(Atom1Feed):
    """Django's, with the language of each entry."""

    def item_attributes(self, item: dict[str, Any]) -> dict[str, str]:
        return {**super().item_attributes(item), "xml:lang": item["language"]}


@require_safe
def news_atom(request: HttpRequest) -> HttpResponse:
    """The newest posts; `?tag=` those with a tag, `?lang=es` with Spanish names around them."""
    wanted = request.GET.get("lang", "")
    with translation.override(wanted if wanted in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE):
        text = _feed(asked_tag(request))
    return HttpResponse(text, content_type="application/atom+xml; charset=utf-8")


def _feed(tag: str) -> str:
    posts = Post.objects.visible_to(EVERYBODY).newest()
    newest = list((posts.tagged(tag) if tag else posts)[:NEWEST])
    tags = tags_of(post.pk for post in newest)
    title = f"{gettext('News')} – {settings.SITE_NAME}"
    feed = PostsFeed(
        title=_clean(f"{title}: {tag}" if tag else title),
        link=links.url("news:list"),
        description="",
        language=translation.get_language(),
        author_name=settings.SITE_NAME,
        feed_url=_clean(atom_url(tag)),
    )
    for post in newest:
        feed.add_item(
            title=_clean(post.title),
            # In the language of the post, so that one entry has one address whoever asks.
            link=_address(post),
            description=_clean(render_to_string("campaigns/post_atom.html", {"post": post})),
            unique_id=f"urn:uuid:{post.pk}",
            pubdate=post.published_at,
            updateddate=max(post.changed_at, post.published_at),
            categories=[_clean(one.name) for one in tags.get(post.pk, [])],
            language=post.language,
        )
    return feed.writeString("utf-8")


def _address(post: Post) -> str:
    with translation.override(post.language):
        return links.site_url(reverse("news:detail", args=[post.slug]))


def _clean(text: str) -> str:
    return NOT_IN_XML.sub("", text)
