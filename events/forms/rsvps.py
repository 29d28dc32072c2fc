"""What somebody says who is coming, and what they change of it later."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from events.models import NEED_MAX, PARTY_MAX, Attendance, EventChange
from hub.forms import VisitorForm, email_field


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


class StillComingForm(forms.Form):
    """ "Still coming?" after a change of the event: with how many now. `change` is the one that was read."""

    change = forms.UUIDField(widget=forms.HiddenInput)
    party_size = RsvpForm.base_fields["party_size"]

    def __init__(self, attendance: Attendance, asked: EventChange, data: Any = None) -> None:
        said = {"change": asked.pk, "party_size": attendance.party_size}
        super().__init__(data, auto_id="still_%s", initial=said, use_required_attribute=False)
        self.capacity = room_for(attendance)

    def clean_party_size(self) -> int:
        return fits(self.cleaned_data["party_size"], self.capacity)


def room_for(attendance: Attendance) -> int | None:
    """The most people this party can be: the capacity, but one that was larger than it is now stays."""
    capacity = attendance.timeslot.capacity
    return None if capacity is None else max(capacity, attendance.party_size)


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
