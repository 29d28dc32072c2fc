"""What an operator says of an event: where and when it is are checked here for hosts too."""

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from functools import cache
from importlib import resources
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from django import forms
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from campaigns.demand_forms import DemandsField
from campaigns.models import Campaign
from committees.models import Committee
from events.actions.events import EventDetails
from events.models import Event
from hub import places
from hub.places import Place, UnknownPlace


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


NO_TIME = {
    "starts": _("Write when it starts, or tick “all day”."),
    "ends": _("Write when it ends, or tick “all day”."),
}
LAST_ZONE = "Etc/GMT+12"  # twelve hours behind UTC, where nobody lives
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

    title = forms.CharField(max_length=120, label=_("Title"), widget=WIDE)
    country = forms.ChoiceField(required=False, label=_("Country"))
    zone = forms.ChoiceField(
        required=False, label=_("Time zone"), help_text=_("Left empty, it is the zone of the place.")
    )
    venue = forms.CharField(required=False, max_length=120, label=_("Place"), widget=WIDE)
    street = forms.CharField(required=False, max_length=160, label=_("Street and number"), widget=WIDE)
    online_link = forms.URLField(
        required=False,
        max_length=500,
        assume_scheme="https",
        label=_("Link to take part online"),
        help_text=_("Shown only to who is coming."),
    )
    first_day = forms.DateField(label=_("Day"), widget=DAY)
    starts = forms.TimeField(required=False, label=_("Starts at"), widget=CLOCK)
    last_day = forms.DateField(
        required=False, label=_("Last day"), widget=DAY, help_text=_("Left empty, it ends on the same day.")
    )
    ends = forms.TimeField(required=False, label=_("Ends at"), widget=CLOCK)
    all_day = forms.BooleanField(required=False, label=_("All day"))
    capacity = forms.IntegerField(
        required=False,
        min_value=1,
        max_value=100_000,
        label=_("How many people fit?"),
        help_text=_("People; empty: no limit."),
    )

    demands = DemandsField()
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
            "host_name": _("Everybody sees it. Empty: the committee, or else the campaign."),
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
            "sequence": event.sequence,
            "planning_meeting": event.planning_meeting.slug if event.planning_meeting else "",
            "demands": list(event.demands.values_list("pk", flat=True)),
        }

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        loaded = data.get("sequence")
        # Not the instance: it was read at the start of this request.
        if loaded is not None and loaded != self._sequence_now():
            self.add_error(None, _("Somebody changed this event meanwhile. Load the page again."))
        self._clean_who(data)
        self._clean_place(data)
        self._clean_times(data)
        return data

    def _lacks(self, name: str) -> bool:
        """Whether nothing was said here. What was said wrong is answered already."""
        return name not in self.errors and self.cleaned_data.get(name) in (None, "")

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
        data["latitude"] = data["longitude"] = None
        if self._lacks("city"):
            if not data.get("online"):
                self.add_error("city", _("Write the city, or tick that people can take part online."))
            elif self._lacks("zone"):
                self.add_error("zone", _("Choose the time zone of this online event."))
            return
        if self._lacks("country"):
            self.add_error("country", _("Choose the country."))
        if self.errors.keys() & {"city", "region", "postal_code", "country", "reveal"}:
            return
        place = self._find(data)
        if place is None:
            return
        if place.rivals and not data.get("region"):
            self.add_error(
                "region",
                _("There is more than one %(city)s. Write the state or region too, as in: %(examples)s.")
                % {"city": data["city"], "examples": "; ".join([place.label, *place.rivals][:3])},
            )
            return
        point = place.point if data["reveal"] == Event.Reveal.PUBLIC else places.coarse(place.point)
        data["latitude"], data["longitude"] = point.latitude, point.longitude
        data["zone"] = data.get("zone") or place.zone
        if self._lacks("zone"):  # of a few ZIP codes it isn't known
            self.add_error("zone", _("Choose the time zone."))

    def _find(self, data: dict[str, Any]) -> Place | None:
        """The public point: of the ZIP code where the place is public, else of the city. One that isn't
        known is said where it was written."""
        by_zip = data["country"] == "US" and data.get("postal_code") and data["reveal"] == Event.Reveal.PUBLIC
        try:
            if by_zip:
                return places.find_place(data["postal_code"])
            return places.find_town(data["city"], data.get("region", ""), data["country"])
        except UnknownPlace as error:
            self.add_error("postal_code" if by_zip else "city", str(error))
            return None

    def _clean_times(self, data: dict[str, Any]) -> None:
        """All that can be said of them by now. While the zone isn't known they are judged by the one where
        each day ends last: what is wrong there is wrong everywhere."""
        clocks = () if data.get("all_day") else ("starts", "ends")
        for name in clocks:
            if self._lacks(name):
                self.add_error(name, NO_TIME[name])
        first, last, now = data.get("first_day"), data.get("last_day"), timezone.now()
        zone = data.get("zone") or LAST_ZONE
        if first and last and last < first:
            self.add_error("last_day", _("The last day is before the first one."))
        if first and self._is_past_day(first, zone, now):
            self.add_error("first_day", _("That day is in the past."))
        if self.errors.keys() & {"first_day", "last_day", *clocks}:
            return
        try:
            self._set_moments(data, zone)
        except OverflowError:
            self.add_error("first_day", _("That date is out of range."))
        if self.errors.keys() & {"first_day", *clocks}:
            return
        if data["end"] <= data["start"]:
            self.add_error("ends", _("It ends before it starts."))
        else:
            self._refuse_the_past(data, zone, now)

    def _is_past_day(self, first: date, zone: str, now: datetime) -> bool:
        """Whether it would begin on a past day, and not on the one it begins on already."""
        if not self.instance._state.adding:
            begins = self.instance.timeslots.all()[0].start.astimezone(self.instance.tz).date()
            if first == begins:
                return False
        return first < now.astimezone(ZoneInfo(zone)).date()

    def _set_moments(self, data: dict[str, Any], zone: str) -> None:
        """Start and end in UTC, or what is wrong with a time on its day."""
        first, last = data["first_day"], data.get("last_day") or data["first_day"]
        if data.get("all_day"):
            data["start"], data["end"] = day_start(first, zone), day_start(last + timedelta(days=1), zone)
            return
        for name, clock, day in (("start", "starts", first), ("end", "ends", last)):
            try:
                data[name] = in_zone(day, data[clock], zone)
            except forms.ValidationError as error:
                self.add_error(clock, error)

    def _refuse_the_past(self, data: dict[str, Any], zone: str, now: datetime) -> None:
        """Nothing is moved into the past. What has begun today can still be written down, and the end
        of what is running be moved."""
        if not self.times_changed():
            return
        slot = None if self.instance._state.adding else self.instance.timeslots.all()[0]
        begins_anew = slot is None or slot.start != data["start"]
        today = now.astimezone(ZoneInfo(zone)).date()
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
            demands=data["demands"],
        )
