"""What those who run a campaign say in a post of its feed."""

import re
import unicodedata
from collections.abc import Callable
from datetime import datetime
from typing import Any, ClassVar
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from django import forms
from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.db.models import Count
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from campaigns.actions.posts import COLUMNS, PHOTOS_MOST, SENTENCES, PostDetails
from campaigns.appeal_forms import NO_ADDRESS
from campaigns.models import Appeal, Post
from campaigns.permissions import campaigns_run_by
from campaigns.tags import TagsField
from committees.models import Committee
from events.forms.events import CLOCK, CLOCKS, DAY, WIDE, in_zone
from events.models import Event
from hub import zones
from hub.forms import MARKDOWN_HELP
from hub.images import pictures_of
from hub.models import Image
from hub.uploads import PictureField
from hub.zones import zone_for

EVERYBODY = AnonymousUser()
LINKS_MOST = 20
TAGS_MOST, TAG_LENGTH = 10, 50
PHOTOS_AT_ONCE = 2  # as many as a request may bring along: hub/uploads.py
NOW_OR_LATER = _(
    "There is an hour to publish it. Press “Save”, and it comes then; or leave day and hour empty to publish "
    "it now."
)
web_address = URLValidator(schemes=("http", "https"))


def clean_text(text: str) -> str:
    """Without control characters, which no page shows and XML can't hold."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return "".join(c for c in text if c in "\n\t" or unicodedata.category(c) not in ("Cc", "Cs"))


class WebAddressField(forms.URLField):
    """The address of a page; what is wrong with it is one sentence."""

    default_validators = [web_address]

    def __init__(self, **kwargs: Any) -> None:
        wide = forms.URLInput(attrs={"class": "vURLField"})
        super().__init__(assume_scheme="https", error_messages={"invalid": NO_ADDRESS}, widget=wide, **kwargs)


class LinksField(forms.CharField):
    """Addresses, one a line, each with its title behind a space; as a list of pairs."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            required=False,
            max_length=LINKS_MOST * 700,
            widget=forms.Textarea(attrs={"rows": 3, "class": "vLargeTextField"}),
            **kwargs,
        )

    def clean(self, value: Any) -> Any:
        pairs = []
        for line in clean_text(super().clean(value)).split("\n"):
            if not line.strip():
                continue
            url, _space, title = line.strip().partition(" ")
            try:
                web_address(url)
            except ValidationError as error:
                raise ValidationError(
                    gettext("“%(text)s” is no address of a page. Begin each line with one like https://…")
                    % {"text": line.strip()[:40]}
                ) from error
            if len(url) > 500 or len(title) > 200:
                raise ValidationError(_("An address has 500 characters at most, the title behind it 200."))
            pairs.append((url, title.strip()))
        if len(pairs) > LINKS_MOST:
            raise ValidationError(_("20 links at most."))
        return pairs

    def prepare_value(self, value: Any) -> Any:
        """Pairs as lines; what was typed stays as it was."""
        return value if isinstance(value, str) else "\n".join(" ".join(pair).strip() for pair in value or ())


def nameable_events() -> Any:
    """A post is for everybody, so what it names has to be, too."""
    return Event.objects.visible_to(EVERYBODY).listed()


def nameable_committees() -> Any:
    """Of committees the same."""
    return Committee.objects.visible_to(EVERYBODY).nameable()


class PagesField(forms.CharField):
    """Addresses of pages of this hub, one a line, as a list of the things that stand there: of `nameable`."""

    def __init__(self, nameable: Callable[[], Any], folder: str, **kwargs: Any) -> None:
        super().__init__(
            required=False,
            max_length=5_000,
            widget=forms.Textarea(attrs={"rows": 2, "class": "vLargeTextField"}),
            help_text=_("Their addresses on this site, one a line."),
            **kwargs,
        )
        self.nameable, self.folder = nameable, folder

    def clean(self, value: Any) -> Any:
        slugs = [self._slug(line) for line in super().clean(value).split("\n") if line.strip()]
        found = {thing.slug: thing for thing in self.nameable().filter(slug__in=slugs)}
        for slug in slugs:
            if slug not in found:
                raise ValidationError(
                    gettext("There is no page that everybody can see with the address “%(text)s”.")
                    % {"text": slug[:80]}
                )
        return list(found.values())

    def _slug(self, line: str) -> str:
        match = re.search(rf"/{self.folder}/([-a-zA-Z0-9_]+)/?$", line.strip())
        return match[1] if match else clean_text(line).strip()

    def prepare_value(self, value: Any) -> Any:
        """Things as their paths."""
        if isinstance(value, str) or value is None:
            return value
        return "\n".join(f"/{self.folder}/{thing.slug}/" for thing in value)


def writing_zone(reader: Any, campaign: Any = None) -> str:
    """The zone in which somebody says and reads when a post comes: their own, else that of most events of
    its campaign, or of the campaigns they run."""
    if getattr(reader, "time_zone", ""):
        return reader.time_zone
    campaigns = [campaign] if campaign else campaigns_run_by(reader)
    events = Event.objects.filter(campaign__in=campaigns).exclude(zone="").values("zone")
    most = events.annotate(there=Count("pk")).order_by("-there", "zone").first()
    return zone_for(reader, most["zone"] if most else "")


class PostForm(forms.ModelForm):
    """A post. `reader` is the account that writes; the hour is in their zone, unless they choose another."""

    reader: Any = EVERYBODY

    title = forms.CharField(max_length=160, widget=WIDE, label=_("Title"))
    tags = TagsField()
    link_url = WebAddressField(
        required=False,
        max_length=500,
        label=_("Address"),
        help_text=_("Nothing is fetched from there: type what the card is to say."),
    )
    videos = LinksField(
        label=_("Videos"), help_text=_("One a line: the address, then a space and a title, if you like.")
    )
    further = LinksField(
        label=_("Further media"), help_text=_("Reports and articles elsewhere, written the same way.")
    )
    related_events = PagesField(nameable_events, "events", label=_("Events"))
    related_committees = PagesField(nameable_committees, "committees", label=_("Committees"))
    photos_removed = forms.MultipleChoiceField(
        required=False, label=_("Take these away"), widget=forms.CheckboxSelectMultiple
    )
    publish_day = forms.DateField(required=False, label=_("Publish on"), widget=DAY)
    publish_hour = forms.TimeField(
        required=False,
        label=_("At"),
        widget=CLOCK,
        input_formats=CLOCKS,
        error_messages={"invalid": _("Write a time like 7:00 PM or 19:00.")},
    )
    publish_zone = forms.ChoiceField(
        required=False,
        label=_("Time zone"),
        help_text=_("Leave day and hour empty, and it waits until you publish it."),
        error_messages={"invalid_choice": _("Choose a place from the list.")},
    )
    seen = forms.DateTimeField(required=False, widget=forms.HiddenInput)

    PHOTOS = tuple(f"photo_{number}" for number in range(1, PHOTOS_AT_ONCE + 1))

    class Meta:
        model = Post
        fields = (
            *("campaign", "title", "comment", "credit", "language", "pinned", "appeal"),
            *("link_url", "link_title", "link_site", "link_excerpt"),
        )
        labels: ClassVar = {
            "campaign": _("Campaign"),
            "comment": _("Comment"),
            "credit": _("Credit"),
            "language": _("Language"),
            "pinned": _("Pin it: it stands before the others"),
            "appeal": _("Appeal"),
            "link_title": _("Title of the card"),
            "link_site": _("Site"),
            "link_excerpt": _("Excerpt"),
        }
        help_texts: ClassVar = {
            "comment": MARKDOWN_HELP,
            "credit": _("Whose words or photos these are, if they aren't yours."),
            "link_site": _("Left empty, it is the name in the address."),
            "link_excerpt": _("One line."),
            "pinned": "",
        }
        widgets: ClassVar = {
            "comment": forms.Textarea(attrs={"rows": 12, "class": "vLargeTextField"}),
            "credit": WIDE,
            "link_title": WIDE,
            "link_site": WIDE,
            "link_excerpt": WIDE,
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        appeal: Any = self.fields["appeal"]
        appeals = Appeal.objects.visible_to(self.reader)  # drafts of their own
        appeal.queryset = appeals.with_title(get_language() or "en").order_by("title_shown", "pk")
        zone = self.initial["publish_zone"] = writing_zone(self.reader, self.instance.campaign_id)
        self.fields["publish_zone"].choices = zones.choices(zone)  # type: ignore[attr-defined]
        for name in self.PHOTOS:
            self.fields[name] = PictureField(required=False, label=_("A new photo"))
            self.fields[f"{name}_alt"] = forms.CharField(
                required=False,
                max_length=300,
                label=_("What is to be seen in it"),
                widget=WIDE,
                help_text=_("For those who don't see it. No face of anyone who didn't agree."),
            )
        self.photos: list[Image] = []
        self.began_with: datetime | None = None  # of a stored post: when its words last changed
        if self.instance._state.adding:
            self.initial["language"] = getattr(self.reader, "language_or_default", settings.LANGUAGE_CODE)
        else:
            self._fill_in(self.instance)

    def _fill_in(self, post: Post) -> None:
        """What of a stored post stands in other tables, or otherwise than a field shows it."""
        self.photos = pictures_of([post.pk]).get(post.pk, [])
        self.began_with = post.changed_at
        self.initial.update(
            tags=list(post.tags.order_by("name")),
            videos=post.videos,
            further=post.further,
            related_events=list(nameable_events().filter(posts=post)),
            related_committees=list(nameable_committees().filter(posts=post)),
            seen=post.changed_at.isoformat(),
        )
        removed: Any = self.fields["photos_removed"]
        removed.choices = [
            (str(one.pk), format_html('<img src="{}" width="120" alt=""> {}', one.small_url, one.alt))
            for one in self.photos
        ]
        if post.publish_at is not None:
            local = post.publish_at.astimezone(ZoneInfo(self.initial["publish_zone"]))
            self.initial.update(publish_day=local.date(), publish_hour=local.time())

    def clean_tags(self) -> list[str]:
        tags = [clean_text(tag).strip() for tag in self.cleaned_data["tags"]]
        if len(tags) > TAGS_MOST or any(len(tag) > TAG_LENGTH for tag in tags):
            raise ValidationError(_("10 tags at most, with 50 characters at most each."))
        if not all(any(c.isalnum() for c in tag) for tag in tags):
            raise ValidationError(_("A tag needs a letter or a digit."))
        return tags

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        for name in ("title", "comment", "credit", "link_title", "link_site", "link_excerpt"):
            data[name] = clean_text(data.get(name) or "").strip()
        if not data["title"] and "title" not in self.errors:
            self.add_error("title", _("Write a title."))
        self._clean_card(data)
        self._clean_hour(data)
        for name in self.PHOTOS:
            data[f"{name}_alt"] = clean_text(data.get(f"{name}_alt") or "").strip()
            if data.get(name) and not data[f"{name}_alt"]:
                self.add_error(f"{name}_alt", _("Say what is to be seen in the photo."))
        there = len(self.photos) - len(data.get("photos_removed") or ())
        if there + sum(bool(data.get(name)) for name in self.PHOTOS) > PHOTOS_MOST:
            self.add_error("photo_1", SENTENCES["photos"])
        if self.began_with not in (None, data.get("seen")):
            self.add_error(None, SENTENCES["changed"])
        appeal, campaign = data.get("appeal"), data.get("campaign")
        if appeal and campaign and appeal.campaign_id != campaign.pk:
            self.add_error("appeal", _("This appeal is another campaign's."))
        return data

    def full_clean(self) -> None:
        """Where anything is wrong, the page comes back without the photos that came along: say so."""
        super().full_clean()
        if self.is_bound and self.errors:
            for name in self.PHOTOS:
                if self.files.get(name) and name not in self.errors:
                    self.add_error(name, _("Choose this photo again: your browser doesn't keep it."))

    def _clean_card(self, data: dict[str, Any]) -> None:
        url = data.get("link_url")
        if not url:
            if "link_url" not in self.errors and (data["link_title"] or data["link_excerpt"]):
                self.add_error("link_url", _("Write the address the card leads to."))
            return
        if not data["link_title"]:
            self.add_error("link_title", _("Write the title of the card."))
        data["link_site"] = data["link_site"] or (urlsplit(url).hostname or "")[:80]

    def _clean_hour(self, data: dict[str, Any]) -> None:
        """`publish_at`, from day and hour in the zone that was chosen."""
        data["publish_at"] = None
        data["publish_zone"] = data.get("publish_zone") or self.initial["publish_zone"]
        day, hour = data.get("publish_day"), data.get("publish_hour")
        if {"publish_day", "publish_hour", "publish_zone"} & self.errors.keys() or not (day or hour):
            return
        if self.instance.status == Post.Status.PUBLISHED:
            self.add_error("publish_hour", _("It is on the site already: leave day and hour empty."))
            return
        if not (day and hour):
            name = "publish_hour" if day else "publish_day"
            self.add_error(name, _("Write both, the day and the hour."))
            return
        try:
            data["publish_at"] = in_zone(day, hour, data["publish_zone"])
        except ValidationError as error:
            self.add_error("publish_hour", error)
            return
        if data["publish_at"] <= timezone.now():
            self.add_error("publish_hour", SENTENCES["hour"])
        elif "_publish" in self.data:
            self.add_error("publish_hour", NOW_OR_LATER)

    def details(self) -> PostDetails:
        """The cleaned form as the actions take it."""
        data = self.cleaned_data
        gone = set(data["photos_removed"])
        return PostDetails(
            **{name: data[name] for name in COLUMNS},
            tags=data["tags"],
            photos=[(data[name], data[f"{name}_alt"]) for name in self.PHOTOS if data.get(name)],
            photos_removed=[photo for photo in self.photos if str(photo.pk) in gone],
        )

    @property
    def seen_at(self) -> datetime | None:
        """`changed_at` of what the editor began with."""
        return self.cleaned_data.get("seen")
