"""Posts of the feed with what they are about up here: events and committees; a post begun from an event."""

from collections.abc import Sequence
from datetime import datetime

from django.contrib.auth.models import AnonymousUser
from django.db import transaction
from django.utils import translation

from campaigns.actions import posts
from campaigns.actions.posts import PostDetails, PostRefused
from campaigns.models import Post
from committees.models import Committee
from events.models import Event
from events.when import when_text
from hub.models import User

EVERYBODY = AnonymousUser()


def save_post(
    post: Post | None,
    details: PostDetails,
    *,
    events: Sequence[Event],
    committees: Sequence[Committee],
    seen: datetime | None = None,
    by: User | None,
    at: datetime,
) -> Post:
    """Write a new draft or change a post, and say which events and committees it is about. Raises
    PostRefused."""
    with transaction.atomic():
        if post is None:
            saved = posts.create_post(details, by=by, at=at)
        else:
            saved = posts.edit_post(post, details, seen=seen, by=by, at=at)
        saved.events.set(events)
        saved.committees.set(committees)
        return saved


def start_post(event: Event, *, by: User | None, at: datetime) -> Post:
    """A draft filled with what everybody may read of an event; a second time the draft there is. Raises
    PostRefused (hidden) for an event that isn't public: a post would be."""
    with transaction.atomic():
        event = Event.objects.select_for_update(of=("self",), no_key=True).get(pk=event.pk)
        if not Event.objects.listed().filter(pk=event.pk).exists():
            raise PostRefused("hidden")
        drafts = event.posts.filter(status=Post.Status.DRAFT, published_at=None, publish_at=None)
        begun = drafts.filter(campaign=event.campaign_id).first()  # another campaign's is none of theirs
        if begun is not None:
            return begun
        details = PostDetails(
            campaign=event.campaign,
            title=event.title,
            language=event.language,
            comment=_facts(event),
        )
        nameable = Committee.objects.visible_to(EVERYBODY).nameable()
        of_committee = list(nameable.filter(pk=event.committee_id)) if event.committee_id else []
        return save_post(None, details, events=[event], committees=of_committee, by=by, at=at)


def _facts(event: Event) -> str:
    """When and where it is, then what its page says, as Markdown."""
    slot = event.timeslots.order_by("start")[0]
    with translation.override(event.language):
        when = when_text(slot.start, slot.end, event.zone, event.language, all_day=slot.all_day)
    lines = [f"**{when}**", ", ".join(event.public_place)]
    facts = "\n".join(line for line in lines if line)
    return f"{facts}\n\n{event.description}".strip()
