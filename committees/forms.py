"""Is this input sound? Filters, joining, what a coordinator says, what an operator says of a committee."""

from typing import Any, ClassVar

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from committees.actions.committees import CommitteeDetails
from committees.models import ANSWER_MAX, NAME_MAX, SUBJECT_MAX, TEXT_MAX, Committee, Membership
from hub import places
from hub.forms import MARKDOWN_HELP, NearForm, VisitorForm, email_field
from hub.places import UnknownPlace

WORD_MAX = 200  # characters: what an audit entry's reason holds


class CommitteeFilterForm(NearForm):
    """What the list's address says: place and radius, kind."""

    kind = forms.ChoiceField(
        required=False,
        choices=Committee.Kind,
        error_messages={"invalid_choice": _("Choose a kind of committee from the list.")},
    )


def name_field(**kwargs: Any) -> forms.CharField:
    """A name in one committee."""
    return forms.CharField(
        max_length=NAME_MAX,
        label=_("Your name in this committee"),
        help_text=_("Any name you like. The coordinators read it."),
        error_messages={"required": _("Write a name. It can be any name you like.")},
        widget=forms.TextInput(attrs={"autocomplete": "nickname"}),
        **kwargs,
    )


def shows_name_field() -> forms.BooleanField:
    """Consent: the others may read one's name."""
    return forms.BooleanField(
        required=False,
        label=_("The other members may see my name"),
        help_text=_("Without this only the coordinators see it."),
    )


def takes_mail_field() -> forms.BooleanField:
    """Consent: announcements by mail."""
    return forms.BooleanField(
        required=False,
        label=_("The committee may mail me announcements"),
        help_text=_("We always write to you about your own membership."),
    )


class JoinForm(VisitorForm):
    """Joining or asking to; `committee` says whether a question is asked."""

    name = name_field()
    answer = forms.CharField(
        required=False,
        max_length=ANSWER_MAX,
        help_text=_("Only the coordinators read it. It is kept encrypted and deleted when they decide."),
        error_messages={"required": _("Answer the committee's question.")},
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def __init__(self, *args: Any, committee: Committee, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if committee.asks:
            self.fields["answer"].required = True
            self.fields["answer"].label = committee.question
        else:
            del self.fields["answer"]


class NewcomerForm(JoinForm):
    """Of somebody without an account."""

    email = email_field(
        help_text=_("Your account is made with it. Nobody sees it, the coordinators neither."),
        error_messages={"required": _("Write your e-mail address: with it you come back.")},
    )
    field_order = ("name", "email", "answer")


class MemberForm(JoinForm):
    """Of an account."""

    shows_name = shows_name_field()
    takes_mail = takes_mail_field()


class SettingsForm(forms.Form):
    """One's own name and consents in one committee."""

    name = name_field()
    shows_name = shows_name_field()
    takes_mail = takes_mail_field()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("use_required_attribute", False)
        super().__init__(*args, **kwargs)


class DeclineForm(forms.Form):
    """A word to somebody who isn't let in."""

    word = forms.CharField(
        required=False,
        max_length=WORD_MAX,
        label=_("A word to them"),
        help_text=_("We mail it to them. Moderators can read it too. Write no names."),
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class RemoveForm(forms.Form):
    """Why somebody is put out."""

    reason = forms.CharField(
        max_length=WORD_MAX,
        label=_("Reason"),
        help_text=_("We mail it to them. Moderators can read it too. Write no names."),
        error_messages={"required": _("Write the reason: the person is told.")},
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("use_required_attribute", False)
        super().__init__(*args, **kwargs)


class RoleForm(forms.Form):
    """What a member is to be."""

    role = forms.ChoiceField(
        choices=Membership.Role,
        label=_("Role"),
        help_text=_("Coordinators approve, remove and see names. Give it to people you trust."),
        error_messages={"invalid_choice": _("Choose a role."), "required": _("Choose a role.")},
        widget=forms.RadioSelect,
    )


class DescribeForm(forms.ModelForm):
    """What coordinators say of their committee."""

    class Meta:
        model = Committee
        fields = ("about", "language", "joining", "question")
        labels: ClassVar = {
            "about": _("About this committee"),
            "language": _("Language"),
            "joining": _("How people join"),
            "question": _("Your question to whoever wants to join"),
        }
        help_texts: ClassVar = {
            "about": _(
                "Whoever sees the committee reads this. Write no names. You can use Markdown: **bold**, "
                "a list with a “- ” before each line, [a link](https://example.org)."
            ),
            "language": _("In which you write here."),
            "question": _("It is asked where a coordinator approves. Empty: nothing is asked."),
        }
        error_messages: ClassVar = {
            "language": {"invalid_choice": _("Choose a language from the list.")},
            "joining": {"invalid_choice": _("Choose how people join.")},
        }
        widgets: ClassVar = {"about": forms.Textarea(attrs={"rows": 10}), "joining": forms.RadioSelect}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("use_required_attribute", False)
        super().__init__(*args, **kwargs)


class AnnouncementForm(forms.Form):
    """What a committee says to its members."""

    subject = forms.CharField(
        max_length=SUBJECT_MAX,
        label=_("Subject"),
        error_messages={"required": _("Write a subject: it is the first thing members read.")},
    )
    text = forms.CharField(
        max_length=TEXT_MAX,
        label=_("Text"),
        help_text=MARKDOWN_HELP,
        error_messages={"required": _("Write what you want to say.")},
        widget=forms.Textarea(attrs={"rows": 12}),
    )
    language = forms.ChoiceField(
        choices=settings.LANGUAGES,
        label=_("Language"),
        help_text=_("In which the text is written."),
        error_messages={
            "invalid_choice": _("Choose a language from the list."),
            "required": _("Choose a language from the list."),
        },
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("use_required_attribute", False)
        super().__init__(*args, **kwargs)


WIDE = forms.TextInput(attrs={"class": "vTextField"})  # as wide as the admin's own

COLUMNS = (
    *("campaign", "kind", "name", "about", "language", "question"),
    *("city", "region", "visibility", "joining"),
)


class CommitteeForm(forms.ModelForm):
    """What an operator says of a committee, and whom they appoint to coordinate it."""

    name = forms.CharField(max_length=120, label=_("Name"), widget=WIDE)
    country = forms.ChoiceField(label=_("Country"))
    appoint = forms.EmailField(
        required=False,
        label=_("Address of the account"),
        help_text=_("Exactly as they log in with it. A frozen committee goes on once they accept."),
    )
    appoint_reason = forms.CharField(required=False, max_length=WORD_MAX, label=_("Reason"), widget=WIDE)

    class Meta:
        model = Committee
        fields = COLUMNS
        help_texts: ClassVar = {
            "about": _(
                "You can use Markdown: **bold**, a list with a “- ” before each line, "
                "[a link](https://example.org). An empty line begins a new paragraph."
            ),
            "question": _("It is asked where a coordinator approves. Empty: nothing is asked."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        names = sorted((names["english"], code) for code, names in places.countries().items())
        field = self.fields["country"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", "—"), *((code, name) for name, code in names)]
        if not self.instance._state.adding:
            self.initial["country"] = self.instance.country

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        data |= {"latitude": None, "longitude": None, "zone": ""}
        if data.get("city") and data.get("country"):
            try:
                place = places.find_town(data["city"], data.get("region", ""), data["country"])
            except UnknownPlace as error:
                self.add_error("city", str(error))
            else:
                point = places.coarse(place.point)
                data |= {"latitude": point.latitude, "longitude": point.longitude, "zone": place.zone}
        if data.get("appoint") and not data.get("appoint_reason"):
            self.add_error("appoint_reason", _("Write why: the audit log keeps it."))
        return data

    def details(self) -> CommitteeDetails:
        """What a valid form says, as the actions take it."""
        names = (*COLUMNS, "country", "latitude", "longitude", "zone")
        return CommitteeDetails({name: self.cleaned_data[name] for name in names})
