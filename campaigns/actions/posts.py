"""What those who run a campaign do with its feed: write, edit, publish, schedule, take off, delete."""

from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from campaigns.models import Appeal, Campaign, Post
from hub import audit, images
from hub.models import Image, User
from hub.pictures import Picture
from hub.slugs import new_slug

PHOTOS_MOST = 20
# What to say where an act is refused, by the reason of PostRefused. Nothing was changed then.
SENTENCES = {
    "changed": _("Somebody changed this post meanwhile. Load the page again: nothing was saved."),
    "gone": _("This post is no more."),
    "published": _("It was on the site: take it off instead."),
    "hour": _("That hour has passed. Choose a later one, or publish it now."),
    "photos": _("A post has 20 photos at most."),
    "hidden": _("Only an event that everybody can see becomes a post."),
}


class PostRefused(Exception):
    """This can't be done with a post: `reason` is a key of SENTENCES."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True)
class PostDetails:
    """Everything a form says about a post. Links are pairs of address and title; `publish_at` is UTC."""

    campaign: Campaign
    title: str
    language: str
    comment: str = ""
    credit: str = ""
    link_url: str = ""
    link_title: str = ""
    link_site: str = ""
    link_excerpt: str = ""
    videos: Sequence[tuple[str, str]] = ()
    further: Sequence[tuple[str, str]] = ()
    appeal: Appeal | None = None
    pinned: bool = False
    publish_at: datetime | None = None
    tags: Sequence[str] = ()
    photos: Sequence[tuple[Picture, str]] = ()  # new ones, each with what is to be seen
    photos_removed: Sequence[Image] = field(default=())


NOT_COLUMNS = {"tags", "photos", "photos_removed"}
COLUMNS = [one.name for one in fields(PostDetails) if one.name not in NOT_COLUMNS]
# Of public fields the log has before and after; of a long text that it changed.
LOGGED = ("title", "link_url", "pinned", "publish_at", "language")


def create_post(details: PostDetails, *, by: User | None, at: datetime) -> Post:
    """A new draft; with a `publish_at` it is published then. Raises PostRefused."""
    with transaction.atomic():
        post = Post(slug=new_slug(details.title, "post"), author=by)
        _take_over(post, details, at)
        post.save(force_insert=True)
        _write_around(post, details, by, at)
        audit.record("create_post", post, at=at, by=by)
        return post


def edit_post(
    post: Post, details: PostDetails, *, seen: datetime | None = None, by: User | None, at: datetime
) -> Post:
    """Change it, wherever it stands. `seen` is `changed_at` of what the editor began with. Raises
    PostRefused."""
    with transaction.atomic():
        post = lock(post.pk)
        if seen is not None and seen != post.changed_at:
            raise PostRefused("changed")
        before = {name: str(getattr(post, name)) for name in LOGGED}
        _take_over(post, details, at)
        post.save()
        _write_around(post, details, by, at)
        after = {name: str(getattr(post, name)) for name in LOGGED}
        changes = {name: [before[name], after[name]] for name in LOGGED if before[name] != after[name]}
        audit.record("edit_post", post, at=at, by=by, changes=changes)
        return post


def publish_post(post: Post, *, by: User | None, at: datetime) -> Post:
    """Let everybody see it, now. One that was off the site comes back to its old place."""
    with transaction.atomic():
        post = lock(post.pk)
        _publish(post, by, at)
        return post


def unpublish_post(post: Post, *, by: User | None, at: datetime) -> Post:
    """Take it off every page and feed at once; it is a draft that waits for nothing."""
    with transaction.atomic():
        post = lock(post.pk)
        post.status, post.publish_at = Post.Status.DRAFT, None
        post.save(update_fields=["status", "publish_at"])
        audit.record("unpublish_post", post, at=at, by=by)
        return post


def delete_post(post: Post, *, by: User | None, at: datetime) -> None:
    """Delete a draft that was never published, its photos too. Raises PostRefused."""
    with transaction.atomic():
        post = lock(post.pk)
        if post.published_at is not None:
            raise PostRefused("published")
        images.remove_images_of(post)
        post.tags.clear()
        audit.record("delete_post", post, at=at, by=by)
        post.delete()


def publish_due(now: datetime) -> None:
    """Publish what was scheduled for now. Of two ticks at once the second finds it done."""
    for pk in list(Post.objects.due(now).values_list("pk", flat=True)):
        with transaction.atomic():
            # Its hour may have been moved, or the draft deleted, this very moment.
            post = Post.objects.select_for_update(of=("self",)).due(now).filter(pk=pk).first()
            if post is not None:
                _publish(post, None, now)


def lock(pk: UUID) -> Post:
    """The post, locked until the transaction ends. Raises PostRefused."""
    post = Post.objects.select_for_update(of=("self",)).select_related("campaign").filter(pk=pk).first()
    if post is None:
        raise PostRefused("gone")
    return post


def _publish(post: Post, by: User | None, at: datetime) -> None:
    post.status, post.publish_at = Post.Status.PUBLISHED, None
    post.published_at = post.published_at or at
    post.save(update_fields=["status", "publish_at", "published_at"])
    audit.record("publish_post", post, at=at, by=by)


def _take_over(post: Post, details: PostDetails, at: datetime) -> None:
    published = post.status == Post.Status.PUBLISHED
    if details.publish_at is not None and not published and details.publish_at <= at:
        raise PostRefused("hour")
    for name in COLUMNS:
        setattr(post, name, getattr(details, name))
    # As pairs come back from JSON.
    post.videos, post.further = ([list(pair) for pair in pairs] for pairs in (post.videos, post.further))
    post.changed_at = at
    if published:
        post.publish_at = None


def _write_around(post: Post, details: PostDetails, by: User | None, at: datetime) -> None:
    """Tags and photos, which are rows of their own."""
    post.tags.set(details.tags, clear=False)
    for image in details.photos_removed:
        images.remove_image(image, by=by, at=at)
    there = len(images.pictures_of([post.pk]).get(post.pk, []))
    if details.photos and there + len(details.photos) > PHOTOS_MOST:
        raise PostRefused("photos")
    for place, (picture, alt) in enumerate(details.photos):
        moment = at + timedelta(microseconds=place)  # they are shown in the order they were added
        images.add_image(post, picture, alt=alt, language=details.language, by=by, at=moment)
