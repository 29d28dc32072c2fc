"""What can be endorsed. Each app registers its kinds in its `endorsed.py`: documents here, days of action and
events on their own floor. Everything else about endorsements is written once, for all of them."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from campaigns.models import Endorsement, EndorsementLink
from hub import links


class Titled(NamedTuple):
    """A thing as a link to it: its title, the title's language and its path."""

    title: str
    language: str
    path: str


@dataclass(frozen=True)
class EndorsedKind:
    """How one kind of thing is endorsed.

    `name` stands in addresses, `model` is its own class of endorsements. `find(user, slug)` gives the thing
    behind an address with its campaign, or None. `title(language, prefix)` are the expressions for its title
    and that one's language, in a query of rows that name the thing by the prefix; `path(slug)` leads to it.
    `closed(thing, now)` says why nobody can endorse it ("" if they can): unpublished, closed, over or
    cancelled; `lock(id)` locks it. `roles(thing)` are those to choose from. `version(thing)` is what an
    endorsement is given to, where a thing has versions. `next_step(endorsement)` is the path of what is for
    those who organize it only, "" if there is nothing; `published(endorsement, at)` is done when one has
    been published. `related` is what these need to be read along; `in_lists(thing)` says whether it may be
    named to whoever doesn't have its address.
    """

    name: str
    model: type[Endorsement]
    label: Any
    find: Callable[[Any, str], Any]
    title: Callable[[str, str], tuple[Any, Any]]
    path: Callable[[str], str]
    closed: Callable[[Any, datetime], str]
    lock: Callable[[UUID], Any]
    roles: Callable[[Any], list[str]]
    version: Callable[[Any], Any] | None = None
    next_step: Callable[[Endorsement], str] = lambda endorsement: ""
    published: Callable[[Endorsement, datetime], None] = lambda endorsement, at: None
    related: tuple[str, ...] = ()
    in_lists: Callable[[Any], bool] = lambda thing: True

    @property
    def act_kind(self) -> str:
        """Its name in the contact flow and in the moderators' queue."""
        return f"{self.model._meta.app_label}.endorsement.{self.name}"

    def title_of(self, thing: Any, language: str) -> Titled:
        """One thing's title."""
        title, in_language = self.title(language, "")
        named = type(thing)._default_manager.filter(pk=thing.pk).values_list(title, in_language)
        said, language = named[0]
        return Titled(said, language, self.path(thing.slug))

    def is_off(self, thing: Any, now: datetime) -> bool:
        """Whether it is off the site, or for members only by now: then its title is nobody's to read."""
        return self.closed(thing, now) == "unpublished"

    def rows(self) -> Any:
        """Its endorsements with everything a page says of them."""
        related = [
            "organization",
            f"{self.model.OF}__campaign",
            "mailbox",
            *(["version"] if self.version else []),
            *self.related,
        ]
        return self.model.objects.select_related(*related)

    def titled(self, rows: Any, language: str) -> list[tuple[Any, Titled]]:
        """Endorsements, each with the title of its thing, in one query."""
        title, in_language = self.title(language, f"{self.model.OF}__")
        named = rows.annotate(title=title, title_language=in_language)
        return [(row, Titled(row.title, row.title_language, self.path(row.thing.slug))) for row in named]


kinds: dict[str, EndorsedKind] = {}


def register(kind: EndorsedKind) -> None:
    """Let a kind of thing be endorsed; called from an app's `endorsed.py`."""
    kinds[kind.name] = kind


class Found(NamedTuple):
    """An endorsement behind a link. `proven`: the link proves its mailbox."""

    kind: EndorsedKind
    endorsement: Any
    proven: bool


def find_by_link(token: str) -> Found | None:
    """The endorsement a link leads to."""
    token_hash = links.token_hash(token)
    for kind in kinds.values():
        for column, proven in (("mail_link_hash", True), ("link_hash", False)):
            found = kind.rows().filter(**{column: token_hash}).first()
            if found is not None:
                return Found(kind, found, proven)
    merged = EndorsementLink.objects.filter(token_hash=token_hash).first()
    for kind in kinds.values() if merged else ():
        found = kind.rows().filter(pk=merged.endorsement_id).first()  # type: ignore[union-attr]
        if found is not None:
            return Found(kind, found, merged.proves)  # type: ignore[union-attr]
    return None


def everywhere() -> Iterator[tuple[EndorsedKind, Any]]:
    """The endorsements of every kind."""
    return ((kind, kind.model.objects) for kind in kinds.values())
