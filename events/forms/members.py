"""One click: what a member's RSVP takes."""

from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from committees.models import Committee
from hub.forms import VisitorForm, new_form_token


class MemberRsvpForm(VisitorForm):
    """A form of one button. Whoever has logged in is no robot, so it may be pressed at once."""

    shown_as = forms.ChoiceField(required=False, label=_("How the coordinators see me"))

    def __init__(self, *args: Any, committees: list[Committee], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not self.is_bound:
            self.initial["form_token"] = new_form_token(aged=True)
        self.names = {
            str(committee.pk): gettext("a member of %(committee)s") % {"committee": committee.name}
            for committee in committees
        }
        choices = self.fields["shown_as"]
        assert isinstance(choices, forms.ChoiceField)
        choices.choices = [("", _("a member")), *self.names.items()]

    @property
    def name(self) -> str:
        """What stands in the list of those coming; empty for no more than "a member"."""
        return self.names.get(self.cleaned_data["shown_as"], "")[:80]
