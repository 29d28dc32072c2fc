"""Is this input sound? Filters, RSVPs, and what an operator says of an event."""

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from functools import cache
from importlib import resources
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from django import forms
from django.utils import timezone
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from campaigns.models import Campaign
from committees.models import Committee
from events.actions.events import EventDetails
from events.models import NEED_MAX, PARTY_MAX, DayOfAction, Event
from events.querysets import Days
from events.when import days_around
from hub import places
from hub.forms import NearForm, VisitorForm, email_field
from hub.places import Place, UnknownPlace

WHENS = (
    ("today", _("Today")),
    ("week", _("Next 7 days")),
    ("weekend", _("This weekend")),
    ("month", _("Next 30 days")),
)
ONLINES = (("no", _("In person")), ("yes", _("Online")))


class DayField(forms.DateField):
    """A day in the list's address. What is none is quoted in the error: the field itself can't show it."""

    def to_python(self, value: Any) -> date | None:
        try:
            return super().to_python(value)
        except forms.ValidationError as error:
            sentence = gettext("“%(text)s” is not a day of the calendar. Write the date like 2027-05-01.")
            raise forms.ValidationError(sentence % {"text": str(value)[:40]}) from error


class EventFilterForm(NearForm):
    """What the list's address says: place and radius, date, kind, in person or online."""

    kind = forms.ChoiceField(required=False, choices=Event.Kind)
    when = forms.ChoiceField(required=False, choices=WHENS)
    online = forms.ChoiceField(required=False, choices=ONLINES)
    to = DayField(required=False)
    committee = forms.CharField(required=False, max_length=80)
    day = forms.CharField(required=False, max_length=80)

    chosen_committee: Committee | None = None
    chosen_day: DayOfAction | None = None

    def __init__(self, *args: Any, reader: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.reader = reader
        self.fields["from"] = DayField(required=False)
        for name, message in (
            ("kind", _("Choose a kind of event from the list.")),
            ("when", _("Choose a time from the list.")),
            ("online", _("Choose in person or online.")),
        ):
            self.fields[name].error_messages["invalid_choice"] = message

    def clean_committee(self) -> str:
        """A hidden one answers as one that isn't there."""
        slug = self.cleaned_data["committee"]
        if slug:
            self.chosen_committee = Committee.objects.visible_to(self.reader).filter(slug=slug).first()
            if self.chosen_committee is None:
                raise forms.ValidationError(_("There is no committee with this address."))
        return slug

    def clean_day(self) -> str:
        slug = self.cleaned_data["day"]
        if slug:
            days = DayOfAction.objects.visible_to(self.reader).prefetch_related("texts")
            self.chosen_day = days.filter(slug=slug).first()
            if self.chosen_day is None:
                raise forms.ValidationError(_("There is no day of action with this address."))
        return slug

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        first, last = data.get("from"), data.get("to")
        if first and last and last < first:
            self.add_error("to", _("The last day is before the first one."))
        return data

    def day_typed(self, name: str) -> str:
        """A day as <input type=date> takes it, whatever else is wrong; empty for what is none."""
        try:
            day = self.fields[name].clean(self.data.get(name, ""))
        except forms.ValidationError:
            return ""
        return day.isoformat() if day else ""

    def days(self, now: datetime) -> list[Days]:
        """The days that are asked for. "Today" is the place's own day; without a place it is each event's."""
        data = self.cleaned_data
        if not data.get("when"):
            return [Days(data.get("from"), data.get("to"))]
        if self.place and self.place.zone:
            return [_span(data["when"], now.astimezone(ZoneInfo(self.place.zone)).date())]
        return [_span(data["when"], today)._replace(zones=zones) for today, zones in days_around(now).items()]


def _span(when: str, today: date) -> Days:
    """First and last day of one of WHENS."""
    match when:
        case "week":
            return Days(today, today + timedelta(days=6))
        case "weekend":
            # Friday evening is not yet the weekend; on a Sunday it is today.
            saturday = today + timedelta(days=5 - min(today.weekday(), 5))
            sunday = saturday + timedelta(days=1) if today.weekday() < 6 else today
            return Days(today if today.weekday() >= 5 else saturday, sunday)
        case "month":
            return Days(today, today + timedelta(days=29))
    return Days(today, today)


class RsvpForm(VisitorForm):
    """ "I'm coming": the least that is needed."""

    name = forms.CharField(
        required=False,
        max_length=80,
        label=_("Name"),
        help_text=_("Any name you like. You can leave it empty."),
        widget=forms.TextInput(attrs={"autocomplete": "nickname"}),
    )
    email = email_field(required=False)
    party_size = forms.IntegerField(
        min_value=1,
        max_value=PARTY_MAX,
        initial=1,
        label=_("How many people are coming?"),
        help_text=_("With you, 1 to 10."),
        error_messages={
            "required": _("Write how many people are coming, 1 to 10."),
            "invalid": _("Write how many people are coming, 1 to 10."),
            "min_value": _("Write how many people are coming, 1 to 10."),
            "max_value": _("One answer is for 10 people at most. Ask your friends to answer too."),
        },
        widget=forms.NumberInput(attrs={"inputmode": "numeric", "size": 4}),
    )
    need = forms.CharField(
        required=False,
        max_length=NEED_MAX,
        label=_("What do you need?"),
        help_text=_(
            "For example a chair, an interpreter or step-free access. It is kept encrypted and deleted a "
            "week after the event. For now nobody reads these answers here: if you depend on something, tell "
            "the organizers too."
        ),
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    neutral = forms.BooleanField(
        required=False,
        label=_("Keep mail and calendar neutral"),
        help_text=_("The subject, the sender and the calendar entry won't say what this is about."),
    )

    def __init__(self, *args: Any, email_required: bool = False, capacity: int | None = None, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.capacity = capacity
        email = self.fields["email"]
        if email_required:
            email.required = True
            email.error_messages["required"] = _("Write your e-mail address: we keep your place with it.")
            email.help_text = _(
                "To confirm your place. Nobody sees it, and it is deleted a week after the event."
            )
        else:
            email.help_text = _(
                "For a reminder, and to tell you if something changes. Nobody sees it, and it is deleted a "
                "week after the event. You can leave it empty."
            )

    @property
    def folded_open(self) -> dict[str, bool]:
        """Which folds must stand open: those that hold something or have an error."""
        return {
            "need": bool(self["need"].value()) or "need" in self.errors,
            "neutral": bool(self["neutral"].value()),
        }

    def clean_party_size(self) -> int:
        return fits(self.cleaned_data["party_size"], self.capacity)


def fits(party_size: int, capacity: int | None) -> int:
    """The party size, if the hall could ever hold it."""
    if capacity is not None and party_size > capacity:
        raise forms.ValidationError(
            ngettext(
                "This event has room for %(capacity)d person. Write a smaller number.",
                "This event has room for %(capacity)d people. Write a smaller number.",
                capacity,
            )
            % {"capacity": capacity}
        )
    return party_size


class RsvpChangeForm(forms.Form):
    """Change one's own RSVP."""

    party_size = RsvpForm.base_fields["party_size"]
    name = RsvpForm.base_fields["name"]
    need = RsvpForm.base_fields["need"]
    neutral = RsvpForm.base_fields["neutral"]

    def __init__(self, *args: Any, capacity: int | None = None, **kwargs: Any) -> None:
        kwargs.setdefault("use_required_attribute", False)
        super().__init__(*args, **kwargs)
        self.capacity = capacity

    def clean_party_size(self) -> int:
        return fits(self.cleaned_data["party_size"], self.capacity)


class AddressForm(forms.Form):
    """Another address for one's own RSVP, or its first one."""

    email = email_field(
        help_text=_("Nobody sees it, and it is deleted a week after the event."),
        error_messages={
            "required": _("Write an e-mail address like name@example.org."),
            "invalid": _("Write an e-mail address like name@example.org."),
        },
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("use_required_attribute", False)
        super().__init__(*args, **kwargs)


def in_zone(day: date, clock: time, zone: str) -> datetime:
    """A local date and time as UTC. Raises ValidationError for a time the clocks skip."""
    tz = ZoneInfo(zone)
    local = datetime.combine(day, clock, tz)
    utc = local.astimezone(ZoneInfo("UTC"))
    if utc.astimezone(tz).replace(tzinfo=None) != local.replace(tzinfo=None):
        raise forms.ValidationError(
            gettext(
                "That time does not exist on that day: the clocks are moved forward. Choose another time."
            )
        )
    return utc


def day_start(day: date, zone: str) -> datetime:
    """The first instant of a local day as UTC: midnight, or later where the clocks skip it."""
    return datetime.combine(day, time(), ZoneInfo(zone)).astimezone(ZoneInfo("UTC"))


@cache
def zone_names() -> list[str]:
    """Every zone that has an area and a city in the IANA's own table, and UTC: no aliases ("US/Pacific"),
    no fixed offsets ("Etc/GMT+8")."""
    table = (resources.files("tzdata") / "zoneinfo" / "zone.tab").read_text(encoding="utf-8")
    rows = [line.split("\t") for line in table.splitlines() if line and not line.startswith("#")]
    return [*sorted(row[2] for row in rows), "UTC"]


# As answers to "Who sees the exact place".
REVEALS = (
    (Event.Reveal.PUBLIC.value, _("everybody")),
    (Event.Reveal.CONFIRMED.value, _("only who has said they're coming and confirmed their e-mail")),
)
# Besides 19:00, which a browser's own field for times sends.
CLOCKS = ("%H:%M", "%H:%M:%S", "%I:%M %p", "%I:%M%p", "%I %p", "%I%p")
WIDE = forms.TextInput(attrs={"class": "vTextField"})  # as wide as the admin's own
# With the formats the browser's own fields read, whatever the language.
DAY = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
CLOCK = forms.TimeInput(format="%H:%M", attrs={"type": "time"})


class EventForm(forms.ModelForm):
    """What an operator says of an event; times are local to the event's zone."""

    title = forms.CharField(max_length=120, widget=WIDE)
    country = forms.ChoiceField(required=False)
    zone = forms.ChoiceField(
        required=False, label=_("Time zone"), help_text=_("Left empty, it is the zone of the place.")
    )
    venue = forms.CharField(required=False, max_length=120, widget=WIDE)
    street = forms.CharField(required=False, max_length=160, widget=WIDE)
    online_link = forms.URLField(
        required=False, max_length=500, assume_scheme="https", help_text=_("Shown only to who is coming.")
    )
    first_day = forms.DateField(label=_("Day"), widget=DAY)
    starts = forms.TimeField(required=False, label=_("Starts at"), widget=CLOCK)
    last_day = forms.DateField(
        required=False, label=_("Last day"), widget=DAY, help_text=_("Left empty, it ends on the same day.")
    )
    ends = forms.TimeField(required=False, label=_("Ends at"), widget=CLOCK)
    all_day = forms.BooleanField(required=False, label=_("All day"))
    capacity = forms.IntegerField(
        required=False, min_value=1, max_value=100_000, help_text=_("People; empty: no limit.")
    )

    planning_meeting = forms.ModelChoiceField(
        Event.objects.all(),
        required=False,
        to_field_name="slug",
        widget=WIDE,
        label=_("Planning meeting"),
        help_text=_(
            "Of a forum: the last part of the address of another event, like planning-meeting-2a3b4. "
            "Organizations that co-organize are led to it, and nobody else."
        ),
        error_messages={"invalid_choice": _("There is no event with this address.")},
    )
    sequence = forms.IntegerField(required=False, widget=forms.HiddenInput)  # of the event as it was loaded

    class Meta:
        model = Event
        fields = (
            *("campaign", "kind", "title", "description", "language", "visibility", "reveal"),
            *("city", "region", "postal_code", "country", "online"),
            *("committee", "host_name", "day", "planning_meeting"),
        )
        labels: ClassVar = {"reveal": _("Who sees the exact place"), "region": _("State or region")}
        help_texts: ClassVar = {
            "description": _(
                "You can use Markdown: **bold**, a list with a “- ” before each line, "
                "[a link](https://example.org). An empty line begins a new paragraph."
            ),
            "reveal": _(
                "The exact place is venue and street. Everybody sees the city and the state or region."
            ),
            "online": _("People can take part online."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        names = sorted((code != "US", names["english"], code) for code, names in places.countries().items())
        self._choices("country", [(code, name) for _other, name, code in names])
        self._choices("reveal", REVEALS, empty=False)
        zones = zone_names()
        if self.instance.zone and self.instance.zone not in zones:
            zones = [self.instance.zone, *zones]
        self._choices("zone", [(zone, zone) for zone in zones])
        for name in ("starts", "ends"):
            clock = self.fields[name]
            assert isinstance(clock, forms.TimeField)
            clock.input_formats = CLOCKS
            clock.error_messages["invalid"] = _("Write a time like 7:00 PM or 19:00.")
        if self.instance._state.adding:
            self._choose_campaign()
        else:
            self._fill_in(self.instance)

    def _choose_campaign(self) -> None:
        """The home page's campaign, or the only one."""
        campaigns = list(Campaign.objects.order_by("-is_home")[:2])
        if campaigns and (campaigns[0].is_home or len(campaigns) == 1):
            self.initial.setdefault("campaign", campaigns[0].pk)

    def _choices(self, name: str, choices: Iterable[tuple[str, Any]], *, empty: bool = True) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [*([("", "—")] if empty else []), *choices]

    def _fill_in(self, event: Event) -> None:
        slot = event.timeslots.all()[0]
        start, end = slot.start.astimezone(event.tz), slot.end.astimezone(event.tz)
        last = (end - timedelta(days=1)).date() if slot.all_day else end.date()
        hidden = [*event.hidden_place.split("\n"), ""]
        self.initial = self.initial | {  # type: ignore[operator]
            "country": event.country,
            "zone": event.zone,
            "venue": event.venue if event.place_is_public else hidden[0],
            "street": event.street if event.place_is_public else hidden[1],
            "online_link": event.online_link,
            "first_day": start.date(),
            "starts": None if slot.all_day else start.time(),
            # Empty on the same day, so that moving the day moves both.
            "last_day": None if last == start.date() else last,
            "ends": None if slot.all_day else end.time(),
            "all_day": slot.all_day,
            "capacity": slot.capacity,
            "planning_meeting": event.planning_meeting.slug if event.planning_meeting else "",
            "sequence": event.sequence,
        }

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        loaded = data.get("sequence")
        # Not the instance: it was read at the start of this request.
        if loaded is not None and loaded != self._sequence_now():
            self.add_error(None, _("Somebody changed this event meanwhile. Load the page again."))
        self._clean_who(data)
        self._clean_place(data)
        if not self.errors:
            self._clean_times(data)
        return data

    def _sequence_now(self) -> int | None:
        return Event.objects.filter(pk=self.instance.pk).values_list("sequence", flat=True).first()

    def _clean_who(self, data: dict[str, Any]) -> None:
        committee, visibility = data.get("committee"), data.get("visibility")
        if visibility == Event.Visibility.MEMBERS and committee is None and "committee" not in self.errors:
            self.add_error("committee", _("Choose the committee whose members see it."))
        meeting = data.get("planning_meeting")
        if meeting is not None and data.get("kind") != Event.Kind.FORUM:
            self.add_error("planning_meeting", _("Only a forum has a planning meeting."))
        elif meeting is not None and meeting.pk == self.instance.pk:
            self.add_error("planning_meeting", _("A forum can't be its own planning meeting."))
        hidden = committee is not None and committee.visibility == Committee.Visibility.HIDDEN
        if hidden and visibility and visibility != Event.Visibility.MEMBERS:
            self.add_error("visibility", _("Events of a hidden committee are for its members only."))

    def _clean_place(self, data: dict[str, Any]) -> None:
        if not data.get("city"):
            if not data.get("online"):
                self.add_error("city", _("Write the city, or tick that people can take part online."))
            elif not data.get("zone"):
                self.add_error("zone", _("Choose the time zone of this online event."))
            data["latitude"] = data["longitude"] = None
            return
        if not data.get("country"):
            self.add_error("country", _("Choose the country."))
            return
        try:
            place = self._find(data)
        except UnknownPlace as error:
            self.add_error("city", str(error))
            return
        if place.rivals and not data.get("region"):
            self.add_error(
                "region",
                _("There is more than one %(city)s. Write the state or region too, as in: %(examples)s.")
                % {"city": data["city"], "examples": "; ".join([place.label, *place.rivals][:3])},
            )
            return
        point = place.point if data.get("reveal") == Event.Reveal.PUBLIC else places.coarse(place.point)
        data["latitude"], data["longitude"] = point.latitude, point.longitude
        data["zone"] = data.get("zone") or place.zone
        if not data["zone"]:  # of a few ZIP codes it isn't known
            self.add_error("zone", _("Choose the time zone."))

    def _find(self, data: dict[str, Any]) -> Place:
        """The public point: of the ZIP code where the place is public, else of the city."""
        if data["country"] == "US" and data.get("postal_code") and data.get("reveal") == Event.Reveal.PUBLIC:
            return places.find_place(data["postal_code"])
        return places.find_town(data["city"], data.get("region", ""), data["country"])

    def _clean_times(self, data: dict[str, Any]) -> None:
        first, last = data["first_day"], data.get("last_day") or data["first_day"]
        if last < first:
            self.add_error("last_day", _("The last day is before the first one."))
            return
        try:
            if data.get("all_day"):
                data["start"] = day_start(first, data["zone"])
                data["end"] = day_start(last + timedelta(days=1), data["zone"])
            else:
                for name in ("starts", "ends"):
                    if data.get(name) is None:
                        self.add_error(name, _("Write a time, or tick “all day”."))
                        return
                data["start"] = in_zone(first, data["starts"], data["zone"])
                data["end"] = in_zone(last, data["ends"], data["zone"])
        except forms.ValidationError as error:
            self.add_error("starts", error)
            return
        except OverflowError:
            self.add_error("first_day", _("That date is out of range."))
            return
        if data["end"] <= data["start"]:
            self.add_error("ends", _("It ends before it starts."))
        else:
            self._refuse_the_past(data, timezone.now())

    def _refuse_the_past(self, data: dict[str, Any], now: datetime) -> None:
        """Nothing is moved into the past. What has begun today can still be written down, and the end
        of what is running be moved."""
        if not self.times_changed():
            return
        slot = None if self.instance._state.adding else self.instance.timeslots.all()[0]
        begins_anew = slot is None or slot.start != data["start"]
        today = now.astimezone(ZoneInfo(data["zone"])).date()
        if data["end"] <= now or (begins_anew and data["first_day"] < today):
            self.add_error("first_day", _("That day is in the past."))
        elif slot and begins_anew and data["start"] <= now and not data.get("all_day"):
            self.add_error("starts", _("That time is in the past."))

    def times_changed(self) -> bool:
        """Whether it begins or ends at another time than before; of a new event too."""
        if self.instance._state.adding:
            return True
        slot = self.instance.timeslots.all()[0]
        return (slot.start, slot.end) != (self.cleaned_data["start"], self.cleaned_data["end"])

    def details(self) -> EventDetails:
        """The cleaned form as the actions take it."""
        data = self.cleaned_data
        names = (*self.Meta.fields, "zone", "online_link", "latitude", "longitude")
        return EventDetails(
            fields={name: data[name] for name in names},
            venue=data["venue"],
            street=data["street"],
            start=data["start"],
            end=data["end"],
            all_day=data["all_day"],
            capacity=data["capacity"],
        )
