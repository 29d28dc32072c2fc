"""What the hub knows about people: every column classified, nothing in clear, nothing kept too long.

The last part lets people with unusual addresses, names, needs, IPs and browsers do everything a
visitor can do, and then searches everything the hub leaves behind: the database (SQLite's files too),
the broker folder, the logs, the mails, the public pages.
"""

import base64
import email
import email.policy
import html
import json
import logging
import re
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from urllib.parse import quote
from uuid import UUID

import pytest
import time_machine as machine
from allauth.mfa.totp.internal import auth as totp
from django.apps import apps
from django.contrib import admin
from django.contrib.admin.models import CHANGE, LogEntry
from django.core import mail as outgoing
from django.core.mail import EmailMultiAlternatives
from django.db import connection, models
from django.test import Client
from django.utils import timezone
from kombu import Connection

from events.actions import proposals
from events.models import Attendance, Event, Rsvp, Timeslot
from hub import accounts, broker, delivery, links, moderation, tasks
from hub.models import AuditEntry, Block, Confirmation, Mailbox, Message, SubmittedForm, address_digest
from hub.personal import purge_all
from hub.sealing import SealedEmail, SealedField
from tests import factories
from tests.events import hosting

OURS = ("hub", "campaigns", "committees", "events")

# public: may stand on a page for everybody. inner: about things and work, tells nothing of a person.
# sealed: encrypted. digest: keyed or plain hash of something random. link: points to a person's row,
# or says when or how they acted; it stands in clear for the reason in IN_CLEAR.
FIELDS = {
    "admin.LogEntry": {
        "link": "user action_time",
        "inner": "id content_type object_id object_repr action_flag change_message",
    },
    "auth.Group": {"inner": "id name"},
    "auth.Group_permissions": {"inner": "id group permission"},
    "auth.Permission": {"inner": "id name content_type codename"},
    "contenttypes.ContentType": {"inner": "id app_label model"},
    "sessions.Session": {"link": "session_key session_data expire_date"},
    "account.EmailAddress": {"sealed": "email", "link": "id user verified primary"},
    "account.EmailConfirmation": {"link": "id email_address created sent key"},
    "mfa.Authenticator": {"link": "id user type data created_at last_used_at"},
    "hub.Limit": {"digest": "cache_key", "inner": "value expires"},
    "hub.User_groups": {"link": "id user group"},
    "hub.User_user_permissions": {"link": "id user permission"},
    "hub.DailyCount": {"inner": "id day what number"},
    "hub.Image": {"public": "id name kind width height alt language owner_kind owner_id added_at"},
    "hub.AuditEntry": {
        "inner": "id at action object_kind object_id count reason changes",
        "link": "actor subject",
    },
    "hub.Mailbox": {
        "sealed": "address",
        "digest": "address_digest bucket_digest link_hash",
        "link": "id created_at confirmed_at",
        "inner": "link_generation",
    },
    "hub.Confirmation": {
        "link": "id mailbox made_at hour answered_at act_id",
        "inner": "code_tries act_kind",
        "digest": "address_digest bucket_digest token_hash",
    },
    "hub.Suppression": {"digest": "address_digest", "inner": "id since"},
    "hub.Block": {"digest": "address_digest", "inner": "id made_at"},
    "hub.Trust": {"digest": "address_digest", "inner": "id made_at"},
    "hub.Thread": {
        "link": "id asker answerer made_at opened_at last_at",
        "digest": "browser_link_hash asker_link_hash answerer_link_hash",
        "inner": "kind about_id language",
    },
    "hub.ThreadPost": {"sealed": "text", "link": "id thread at by_asker"},
    "hub.Review": {
        "sealed": "values reason",
        "link": "id submitter mailbox claimed_by decided_by thread",
        "inner": "kind object_id language submitted_at needed_by claimed_until decision decided_at",
    },
    "hub.SubmittedForm": {"digest": "token_hash", "inner": "id made_at", "link": "result_id"},
    "hub.Message": {
        "sealed": "sealed_secret",
        "link": "mailbox about_id",
        "digest": "key",
        "inner": "id kind topic_id occasion made_at due_at state state_at attempts reason sent_with",
    },
    "hub.Heartbeat": {"inner": "id name at"},
    "hub.MailHold": {"inner": "id name since reason"},
    "hub.MailPace": {"inner": "id name free_at"},
    "hub.User": {
        "sealed": "email display_name",
        "digest": "password",
        "link": "id last_login language time_zone created_at",
        "inner": "is_superuser is_staff is_active",
    },
    "hub.City": {"public": "id name folded region country population latitude longitude zone"},
    "hub.ZipCode": {"public": "id code city folded region latitude longitude zone"},
    "hub.PlaceSource": {"public": "id name digest rows loaded_at"},
    "taggit.Tag": {"public": "id name slug"},
    "taggit.TaggedItem": {"public": "id content_type object_id tag"},
    "hub.TaggedItem": {"public": "id content_type object_id tag"},
    "campaigns.Campaign": {"public": "id title slug accent is_home created_at"},
    "campaigns.CampaignText": {"public": "id campaign language summary about legal_support"},
    "campaigns.Coordinator": {"link": "id campaign user since"},
    "campaigns.Demand": {
        "public": "id campaign slug status order newest supporters made_at adopted_at retired_at",
    },
    "campaigns.DemandVersion": {"public": "id demand number made_at"},
    "campaigns.DemandText": {"public": "id version language title text adopted"},
    "campaigns.DemandSupporter": {"link": "id demand user"},
    "campaigns.Appeal_demands": {"public": "id appeal demand"},
    "campaigns.Appeal": {
        "public": "id status published_at campaign kind slug issued_on signable closed_at goal changed_at",
    },
    "campaigns.AppealVersion": {"public": "id appeal number substantial made_at signed", "inner": "asked_at"},
    "campaigns.AppealText": {"public": "id version language title summary body"},
    "campaigns.AppealReply": {"public": "id appeal title url language on"},
    "campaigns.PaperSheet": {"inner": "id appeal version count added_at"},
    "campaigns.Signature": {
        "sealed": "signed_as",
        "digest": "link_hash mail_link_hash",
        "link": "id appeal version mailbox language shown looked_at taken_off_at made_at confirmed_at",
    },
    "campaigns.Post": {
        "link": "author",
        "public": "id status published_at campaign slug title comment credit language link_url link_title "
        "link_site link_excerpt videos further appeal pinned changed_at",
        "inner": "publish_at",
    },
    "campaigns.SignatureLink": {"digest": "token_hash", "link": "id signature proves"},
    "campaigns.Organization": {
        "public": "id status published_at name slug level country city region site verified_at verified_how "
        "changed_at",
        "inner": "mail_domain",
    },
    "campaigns.OrganizationKey": {"inner": "id organization key"},
    "campaigns.FormerOrganization": {"public": "id organization name slug"},
    "campaigns.AppealEndorsement": {
        "digest": "link_hash mail_link_hash",
        "public": "id status published_at organization role adopted_by adopted_on motion appeal version",
        "link": "mailbox language made_at confirmed_at withdrawn_at ended_at",
        "inner": "link_generation asked_number",
    },
    "campaigns.EndorsementLink": {"digest": "token_hash", "link": "id endorsement_id proves"},
    "campaigns.OfficerClaim": {"digest": "link_hash", "link": "id organization mailbox language made_at"},
    "committees.Committee": {
        "public": "id status published_at campaign kind name slug about language question city region "
        "country latitude longitude zone visibility joining stage active_since frozen_at changed_at",
    },
    "committees.Committee_posts": {"public": "id committee post"},
    "committees.Membership": {
        "sealed": "display_name answer",
        "digest": "mail_link_hash",
        "link": "id committee user role state shows_name takes_mail asked_at since appointed_at",
    },
    "committees.Announcement": {
        "sealed": "subject text",
        "link": "made_by planned_to",
        "inner": "id committee language changed_at sent_at by_mail people planned_at stopped_at",
    },
    "committees.Application": {
        "sealed": "name answer",
        "digest": "link_hash",
        "link": "id committee mailbox language made_at",
    },
    "committees.DemandSupport": {"public": "id demand committee since"},
    "committees.Refusal": {"digest": "mark", "inner": "id committee made_at"},
    "events.DayOfAction": {
        "public": "id status published_at campaign slug first_date last_date mode hour instant changed_at",
    },
    "events.DayEndorsement": {
        "digest": "link_hash mail_link_hash",
        "public": "id status published_at organization role adopted_by adopted_on motion day",
        "link": "mailbox language made_at confirmed_at withdrawn_at ended_at",
        "inner": "link_generation",
    },
    "events.EventEndorsement": {
        "digest": "link_hash mail_link_hash",
        "public": "id status published_at organization role adopted_by adopted_on motion event",
        "link": "mailbox language made_at confirmed_at withdrawn_at ended_at",
        "inner": "link_generation",
    },
    "events.DayText": {"public": "id day language title call"},
    "events.Update": {"public": "id event made_at text", "inner": "looked_at"},
    "events.MailedUpdate": {
        "public": "id event text update",  # a draft's text is meant for everybody, and goes after a week
        "inner": "changed_at sent_at parties planned_to planned_at stopped_at",
    },
    "events.HostChange": {"inner": "id event act made_at confirmed_at due_at stopped_at done_at"},
    "events.Event": {
        "link": "host host_language proposed_at",
        "digest": "host_link_hash host_form_link_hash",
        "inner": "planning_meeting host_link_generation",
        "public": "id status published_at campaign committee day host_name kind title slug description "
        "language visibility event_status sequence reveal venue street city region postal_code country "
        "latitude longitude online zone next_start next_end next_date few_left full changed_at",
        "sealed": "hidden_place online_link",
    },
    "events.Event_posts": {"public": "id event post"},
    "events.Event_demands": {"public": "id event demand"},
    "events.Timeslot": {
        "public": "id event start end all_day",
        "inner": "capacity seat_limit seats_taken seats_pending next_reminder_at",
    },
    "events.EventChange": {
        "public": "id event what made_at start_before end_before zone_before place_before country_before"
    },
    "events.Rsvp": {
        "sealed": "name need",
        "digest": "link_hash mail_link_hash",
        "link": "id event mailbox as_member language neutral made_at counted_at confirmed_at cancelled_at "
        "reminders_stopped_at answered_change",
    },
    "events.MergedLink": {"digest": "token_hash", "link": "id rsvp proves"},
    "events.Attendance": {
        "link": "id rsvp timeslot party_size seats_held hold_until seated_at waiting_since",
    },
}
# Why what tells something of a person is not sealed.
IN_CLEAR = {
    "admin.LogEntry": "the database finds an administrator's acts by it; only administrators are in it",
    "sessions.Session": "the server finds the session by it; the data is sealed as a whole",
    "account.EmailAddress": "a random id: whose address it is, and that it is proven",
    "account.EmailConfirmation": "never written: addresses are proven by codes",
    "mfa.Authenticator": "a random id: who has a second factor; the secret inside the data is sealed",
    "hub.User_groups": "a random id: which account has which role",
    "hub.User_user_permissions": "a random id: which account has which right",
    "hub.AuditEntry": "random ids of the accounts that acted; emptied with the account",
    "hub.Mailbox": "a random id, and hours: the purge finds what to wipe by them",
    "hub.Confirmation": "random ids, and the hour that limits mail; gone after a day",
    "hub.SubmittedForm": "the random id that a form sent twice is led to; gone after a day",
    "hub.Message": "random ids: delivery finds the address by them; emptied two days after sending",
    "hub.User": "mail is written in this language and zone; logging in ends old sessions by these hours",
    "hub.Thread": "random ids of the two sides' mailboxes, and hours: 30 days after the last word it goes",
    "hub.ThreadPost": "which side wrote when; gone with its thread",
    "hub.Review": "random ids: who is told, and that nobody decides on their own; 30 days after the decision",
    "campaigns.Coordinator": "random ids: what an account may do is asked by them",
    "campaigns.DemandSupporter": "random ids: one's own support is found by them; no time is kept",
    "campaigns.Signature": "random ids, the mail's language, and hours: counting and purging ask for them",
    "campaigns.Post": "the random id of the account that wrote it; emptied with the account",
    "campaigns.SignatureLink": "the random id that a merged signature's link leads to",
    "campaigns.AppealEndorsement": "a random id of the contact's mailbox, and hours: the purge asks for them",
    "campaigns.EndorsementLink": "the random id that a merged endorsement's link leads to",
    "campaigns.OfficerClaim": "random ids, and the hour after which it is wiped",
    "events.DayEndorsement": "as endorsements of documents",
    "events.EventEndorsement": "as endorsements of documents",
    "committees.Membership": "random ids: what an account may see and do is asked by them",
    "committees.Announcement": "random ids: who sent it, how far its mail is put; emptied with the account",
    "committees.Application": "random ids, and the hour after which it is wiped",
    "events.Event": "random id and language of the mailbox that hosts it; emptied 30 days after the event",
    "events.Rsvp": "random ids, the mail's language, and hours: counting and purging ask for them",
    "events.MergedLink": "the random id that a merged party's link leads to",
    "events.Attendance": "seats are counted and given out by size and order of arrival",
}
# Links in clear that stand on a public page: they are about no person.
PUBLIC_LINKS = {"campaigns.AppealReply.url", "campaigns.Organization.site", "campaigns.Post.link_url"}
# What no table may know of anybody, whatever the column is called.
FORBIDDEN = re.compile(
    r"(^|_)(legal_?name|first_?name|last_?name|surname|phone|mobile|home_?address|employer|birth|dob|"
    r"immigration|visa|nationality|ethnic|race|gender|religion|ip|ip_?address|user_?agent|remote_?addr)(_|$)"
)
PERSONAL_MODELS = {"hub.User", "hub.Mailbox", "hub.Confirmation", "hub.Block", "hub.SubmittedForm"} | {
    "account.EmailAddress", "mfa.Authenticator", "campaigns.Coordinator", "campaigns.Signature",
    "campaigns.DemandSupporter",
    "campaigns.SignatureLink",
    "campaigns.AppealEndorsement", "campaigns.EndorsementLink",
    "campaigns.OfficerClaim", "events.DayEndorsement", "events.EventEndorsement",
    "hub.Message", "hub.Trust", "hub.Thread", "hub.ThreadPost", "hub.Review", "committees.Membership",
    "committees.Application", "committees.Refusal", "events.HostChange", "events.Rsvp",
    "events.MergedLink", "events.Attendance", "hub.Suppression",
}  # fmt: skip


def our_models():
    return [model for model in apps.get_models() if model._meta.app_label in OURS]


def all_models():
    """Django's own tables too: they are in the same database."""
    return apps.get_models(include_auto_created=True)


def unclassified(model) -> set[str]:
    """Fields of a model that the table doesn't name, and names in the table it doesn't have."""
    table = FIELDS.get(model._meta.label, {})
    named = [name for names in table.values() for name in names.split()]
    assert len(named) == len(set(named)), f"{model._meta.label}: a field is classified twice"
    real = {field.name for field in model._meta.concrete_fields}
    return real ^ set(named)


# --- Columns ------------------------------------------------------------------------------------
@pytest.mark.parametrize("model", all_models(), ids=lambda model: model._meta.label)
def test_every_field_is_classified(model):
    assert unclassified(model) == set()


def test_nothing_is_classified_that_is_not_there():
    assert set(FIELDS) == {model._meta.label for model in all_models()}


def test_what_is_personal_and_in_clear_has_a_reason():
    assert set(IN_CLEAR) == {label for label, classes in FIELDS.items() if "link" in classes}
    for label, classes in FIELDS.items():
        holders = {"sealed", "link"} & set(classes)
        assert not holders or label in IN_CLEAR or label in ("events.HostChange",), label


def test_a_new_field_or_model_without_a_class_fails():
    class Stranger(models.Model):  # noqa: DJ008  it never gets an instance
        shoe_size = models.IntegerField()

        class Meta:
            app_label = "hub"

    try:
        assert unclassified(Stranger) == {"id", "shoe_size"}
    finally:
        del apps.all_models["hub"]["stranger"]
        apps.clear_cache()


@pytest.mark.parametrize("model", all_models(), ids=lambda model: model._meta.label)
def test_no_column_is_forbidden(model):
    assert [field.name for field in model._meta.concrete_fields if FORBIDDEN.search(field.name)] == []


@pytest.mark.parametrize("name", ["phone", "legal_name", "home_address", "employer", "ip", "user_agent"])
def test_the_forbidden_names_are_recognised(name):
    assert FORBIDDEN.search(name)
    assert FORBIDDEN.search(f"contact_{name}")


@pytest.mark.parametrize("label", FIELDS)
def test_what_is_called_sealed_is_sealed(label):
    model = apps.get_model(label)
    sealed = set(FIELDS[label].get("sealed", "").split())
    really = {f.name for f in model._meta.concrete_fields if isinstance(f, SealedField | SealedEmail)}
    assert sealed == really


def test_no_address_or_link_column_in_clear():
    for model in all_models():
        for field in model._meta.concrete_fields:
            clear = isinstance(field, models.EmailField | models.URLField | models.GenericIPAddressField)
            name = f"{model._meta.label}.{field.name}"
            assert not clear or isinstance(field, SealedEmail) or name in PUBLIC_LINKS, name


def test_people_are_not_in_the_admin():
    registered = {model._meta.label for model in admin.site._registry}
    assert registered == {
        *("campaigns.Appeal", "campaigns.Campaign", "campaigns.Demand", "campaigns.Post"),
        "committees.Committee",
        *("events.DayOfAction", "events.Event"),
        *(
            "campaigns.Campaign",
            "campaigns.Organization",
            "committees.Committee",
            "events.DayOfAction",
            "events.Event",
            "events.Update",
        ),
        "hub.AuditEntry",
    }
    assert not registered & PERSONAL_MODELS


def test_no_profile_of_where_people_log_in_from():
    installed = {config.name for config in apps.get_app_configs()}
    assert "allauth.usersessions" not in installed


# --- How long -----------------------------------------------------------------------------------
@pytest.fixture
def start():
    """Four days from now, at noon in San Francisco."""
    return (timezone.now() + timedelta(days=4)).replace(hour=20, minute=0, second=0, microsecond=0)


@pytest.mark.django_db
def test_an_unconfirmed_address_is_gone_after_a_day(start):
    event = factories.make_event(start=start, capacity=20)
    party = factories.make_rsvp(event, email="visitor@example.org", name="Xochitl", need="a chair")
    at = timezone.now()
    with machine.travel(at + timedelta(hours=23)):
        purge_all(timezone.now())
        assert Mailbox.objects.count() == 1
    with machine.travel(at + timedelta(hours=25)):
        purge_all(timezone.now())
    assert Mailbox.objects.count() == 0
    assert Confirmation.objects.count() == 0
    assert SubmittedForm.objects.count() == 0
    left = Rsvp.objects.get(pk=party.pk)
    assert (left.mailbox, left.name, left.need) == (None, "", "")


@pytest.mark.django_db
def test_rsvps_go_a_week_after_the_event_and_totals_stay(start):
    event = factories.make_event(start=start, hours=2, capacity=20)
    factories.make_rsvp(event, confirmed=True, party_size=3)
    end = start + timedelta(hours=2)
    with machine.travel(end + timedelta(days=6, hours=23)):
        purge_all(timezone.now())
        assert Rsvp.objects.count() == 1
    with machine.travel(end + timedelta(days=7, minutes=1)):
        purge_all(timezone.now())
    assert (Rsvp.objects.count(), Attendance.objects.count(), Mailbox.objects.count()) == (0, 0, 0)
    assert Timeslot.objects.get().seats_taken == 3


@pytest.mark.django_db
def test_a_place_that_is_not_public_goes_a_day_after_the_event(start):
    event = factories.make_event(
        start=start, hours=2, reveal="confirmed", online_link="https://meet.example.org/x"
    )
    end = start + timedelta(hours=2)
    with machine.travel(end + timedelta(hours=23)):
        purge_all(timezone.now())
        assert Event.objects.get().hidden_place
    with machine.travel(end + timedelta(hours=25)):
        purge_all(timezone.now())
    event.refresh_from_db()
    assert (event.hidden_place, event.online_link) == ("", "")


@pytest.mark.django_db
def test_the_outbox_forgets_the_person_two_days_after_sending(start):
    event = factories.make_event(start=start, capacity=20)
    factories.make_rsvp(event, email="visitor@example.org")
    factories.deliver_mail()
    at = timezone.now()
    with machine.travel(at + timedelta(hours=47)):
        purge_all(timezone.now())
    with machine.travel(at + timedelta(hours=49)):
        purge_all(timezone.now())
    message = Message.objects.get()
    assert (message.mailbox_id, message.about_id, message.state) == (None, None, "sent")
    assert message.kind == "hub.confirmation"


@pytest.mark.django_db
def test_the_audit_log_is_kept_a_year():
    event = factories.make_event()
    LogEntry.objects.log_actions(factories.make_admin().pk, [event], CHANGE)
    at = timezone.now()
    before = AuditEntry.objects.count()
    assert before
    with machine.travel(at + timedelta(days=364)):
        purge_all(timezone.now())
        assert (AuditEntry.objects.count(), LogEntry.objects.count()) == (before, 1)
    with machine.travel(at + timedelta(days=366)):
        purge_all(timezone.now())
    assert (AuditEntry.objects.count(), LogEntry.objects.count()) == (0, 0)


# --- Everything the hub leaves behind, searched ---------------------------------------------------
@dataclass(frozen=True)
class Person:
    """A visitor whose every trace is unlike anything else."""

    name: str
    need: str
    address: str
    ip: str
    agent: str

    @property
    def known(self) -> dict[str, str]:
        """What their browser and the way to us tell with each request."""
        return {"REMOTE_ADDR": self.ip, "HTTP_X_FORWARDED_FOR": self.ip, "HTTP_USER_AGENT": self.agent}

    @property
    def secrets(self) -> list[str]:
        return [self.name, self.need, self.address, self.address.partition("@")[0], self.ip, self.agent]


def person(number: int, name: str, need: str) -> Person:
    address = f"{''.join(c for c in name.lower() if c.isascii() and c.isalpha())}.{number}@relay.example"
    return Person(name, need, address, f"198.51.100.{number}", f"SeededBrowser/{number}.31")


PEOPLE = [
    person(101, "Zuzana Quetzalcóatl", "a ramp for my wheelchair Rocinante"),
    person(102, "Wojciech Przybylski", "interpreter for Guaraní"),
    person(103, "Ngozi O'Okonkwo-Ünal", "room for two guide dogs & a parrot"),
    person(104, "Þórbjörg Æðelstan", "a seat near the <exit>"),
    person(105, "Xochitl 🐢 Vandersloot", "quiet corner from 14:45"),
    person(106, "Bartholomew Quisling", "large print, Comic Sans"),
    person(107, "Sióbhán Fitzwygram", "gluten-free strike soup"),
    person(108, "Tlālōc Higginbottom", "someone to hold my banner"),
    person(109, "Euphemia Wriothesley", "captions in Basque"),
    person(110, "Ignatius Zbigniewski", "a cushion"),
    person(111, "Rosalind Quackenbush", "a table for leaflets"),
    person(112, "Ludmila Featherstonehaugh", "somewhere to put a tuba"),
]
PLACE = "1789 Clandestine Alley"
LINK = "https://meet.example.org/clandestine-room"


class Captured(logging.Handler):
    """Every log line as the hub's own handler would write it."""

    def __init__(self) -> None:
        super().__init__()
        handler = next(h for h in logging.getLogger().handlers if type(h) is logging.StreamHandler)
        self.setFormatter(handler.formatter)
        for one in handler.filters:
            self.addFilter(one)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(self.format(record))


@pytest.fixture
def captured():
    handler = Captured()
    logging.getLogger().addHandler(handler)
    yield handler
    logging.getLogger().removeHandler(handler)


def dump() -> bytes:
    """Every value of every column of every table, as the database stores it."""
    parts: list[bytes] = []
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")
            for row in cursor.fetchall():
                parts += [
                    bytes(value) if isinstance(value, bytes | memoryview) else str(value).encode()
                    for value in row
                ]
    return b"\n".join(parts)


def files() -> bytes:
    """SQLite's own files, with what it has deleted but not written over; nothing on PostgreSQL."""
    if connection.vendor != "sqlite":
        return b""
    database = Path(connection.settings_dict["NAME"])
    return b"".join(path.read_bytes() for path in database.parent.glob(f"{database.name}*"))


def texts(mail) -> bytes:
    """Headers and every part of a mail, decoded: what a reader, a filter and a relay can read."""
    message = email.message_from_bytes(mail.message().as_bytes(), policy=email.policy.default)
    parts = [f"{name}: {value}".encode() for name, value in message.items()]
    parts += [part.get_payload(decode=True) or b"" for part in message.walk()]
    return b"\n".join([message.as_bytes(), *parts])


def found(needle: str, place: bytes) -> bool:
    """Whether a text stands there: plain in any case, or as hex, base64, UTF-16, in a URL or in HTML."""
    plain = needle.encode()
    # Of base64 the middle, which is the same wherever the text around it begins.
    middles = [base64.b64encode(b"\0" * shift + plain)[4:-4] for shift in range(3)]
    shapes = [plain, needle.encode("utf-16-le"), plain.hex().encode(), quote(needle).encode()]
    shapes += [html.escape(needle).encode(), json.dumps(needle)[1:-1].encode()]
    shapes += [middle for middle in middles if len(middle) >= 6]
    lowered = place.lower()
    return any(shape in place or shape.lower() in lowered for shape in shapes)


@pytest.fixture
def worker(monkeypatch, tmp_path):
    """A tick as the worker does it: its tasks really go through a broker folder, which is kept and
    given back as one text. Gives what that folder has held so far."""
    sent: list[list[str]] = []
    folder = Connection(
        f"{broker.SCHEME}://localhost", transport_options={"folder": str(tmp_path / "broker")}
    )
    publish = tasks.deliver_batch.apply_async

    def delay(ids):
        publish(args=[ids], connection=folder)
        sent.append(ids)

    monkeypatch.setattr(tasks.deliver_batch, "delay", delay)

    def work() -> bytes:
        tasks.tick()
        for ids in sent:
            delivery.deliver([UUID(pk) for pk in ids])
        sent.clear()
        return b"".join(path.read_bytes() for path in (tmp_path / "broker").glob("*"))

    yield work
    folder.release()


class Journey:
    """What one person's browser does; every secret it gets to know is noted."""

    def __init__(self, who: Person) -> None:
        self.who, self.browser = who, Client(**who.known)
        self.tokens: set[str] = set()

    def form(self, event: Event, **more: str) -> str:
        """Send the form; gives the address of the page it leads to."""
        who = self.who
        fields = factories.posted_rsvp(name=who.name, email=who.address, need=who.need, **more)
        page = self.browser.post(f"/events/{event.slug}/rsvp/", fields)
        assert page.status_code == 302, page.content
        self.look(page["Location"])
        return page["Location"]

    def look(self, path: str) -> None:
        self.tokens.add(path.strip("/").rpartition("/")[2])
        self.browser.get(path)

    def button(self) -> str:
        """Press the button of one's newest mail; gives the permanent page."""
        newest = Confirmation.objects.filter(mailbox=self.mailbox()).order_by("-made_at")[0]
        path = f"/confirm/{links.token('confirm', newest.pk)}/"
        self.look(path)
        act = {"act": f"{newest.act_kind}:{newest.act_id}", "remember": "on"}
        page = self.browser.post(path, act)["Location"]
        self.look(page)
        return page

    def mailbox(self) -> Mailbox:
        return Mailbox.objects.get(address_digest=address_digest(self.who.address))


@pytest.mark.django_db(transaction=True)
def test_seeded_people_are_found_only_sealed_or_in_their_own_mail(
    captured, worker, time_machine, start, settings
):
    settings.DEMO = False  # the demo answers nobody from elsewhere
    begin = start - timedelta(days=4)
    time_machine.move_to(begin, tick=False)
    hidden = {"reveal": "confirmed", "street": PLACE, "online": True, "online_link": LINK}
    soon = factories.make_event(start=start, capacity=9, **hidden)
    later = factories.make_event(start=start + timedelta(days=60), capacity=3, **hidden)
    opened = factories.make_event(start=start)
    journeys = [Journey(who) for who in PEOPLE]
    unconfirmed, changing, typing, waiting, erased, blocked, asking, merging, *others = journeys
    member, clumsy, newcomer, half = others

    unconfirmed.form(opened)
    unconfirmed.form(soon)
    page = changing.form(soon), changing.button()
    for fields in (
        {"act": "reveal"},
        {"act": "keep"},
        {"act": "change", "party_size": "2", "name": changing.who.name, "need": changing.who.need},
    ):
        assert changing.browser.post(page[1], fields).status_code in (200, 302)
    changing.browser.get("/mine/")
    page = typing.form(later, party_size="3")
    newest = Confirmation.objects.get(mailbox=typing.mailbox())
    code = links.code("confirm", newest.pk)
    typing.browser.post(page, {"act": "code", "code": f"{(int(code) + 1) % 10**6:06}"})
    typing.look(typing.browser.post(page, {"act": "code", "code": code})["Location"])
    waiting.form(later)
    waiting.browser.post(waiting.button(), {"act": "keep"})
    for journey, fields in ((erased, {}), (blocked, {"never_write": "on"})):
        journey.form(soon)
        page, box = journey.button(), journey.mailbox()
        worker()
        assert journey.browser.post(page, {"act": "erase", **fields})["Location"] == "/mine/erased/"
        assert not Mailbox.objects.filter(pk=box.pk).exists()
    asking.form(opened)
    asking.button()
    time_machine.shift(timedelta(hours=2))
    asking.browser.post("/mine/", factories.posted_form(email=asking.who.address))
    for act in ("block", "allow", "try"):
        answer = asking.browser.post(f"/mail/{asking.mailbox().token}/", {"act": act})
        asking.look(answer["Location"])
    merging.form(soon)
    merging.button()
    time_machine.shift(timedelta(hours=2))
    merging.browser = Client(**merging.who.known)  # another phone
    merging.form(soon, party_size="2")
    merging.button()
    account = factories.make_user(member.who.address, display_name=member.who.name)
    for password in ("wrong", factories.PASSWORD):
        login = {"login": member.who.address, "password": password}
        member.browser.post("/account/login/", login)
    member.browser.get("/")
    assert member.browser.session["_auth_user_id"] == str(account.pk)
    member.browser.post(
        "/me/settings/", {"display_name": member.who.name, "language": "en", "time_zone": "Europe/Kyiv"}
    )
    assert member.browser.post("/me/data/", {"act": "export"}).status_code == 200
    sign_up(newcomer)
    use_second_factor(newcomer)
    sign_up(half, finish=False)
    half.browser.post("/account/login/code/", {"email": half.who.address})
    half.browser.post("/account/password/reset/", {"email": half.who.address})
    member.browser.post("/account/email/", {"email": half.who.address, "action_add": "on"})
    for path in (f"/rsvp/{clumsy.who.address}/", f"/events/?near={clumsy.who.need}", f"/{clumsy.who.name}/"):
        clumsy.browser.get(path, {"name": clumsy.who.name})
    wrong = factories.posted_rsvp(
        name=clumsy.who.name, email=clumsy.who.address, need=clumsy.who.need, party_size="99"
    )
    assert clumsy.browser.post(f"/events/{soon.slug}/rsvp/", wrong).status_code == 422
    carried = worker()
    stays = waiting.mailbox().pk

    time_machine.move_to(start - timedelta(hours=20), tick=False)  # past the reminder of the day before
    carried += worker()
    reminded = {
        mail.to[0] for mail in outgoing.outbox if "eminder" in mail.subject or "omorrow" in mail.subject
    }
    assert changing.who.address in reminded
    search(journeys, carried, captured)

    time_machine.move_to(start + timedelta(days=8), tick=False)
    purge_all(timezone.now())
    carried += worker()
    search(journeys, carried, captured)
    # Half of it is gone: who was at the first events, and not who waits for the last one.
    assert set(Rsvp.objects.values_list("event_id", flat=True)) == {later.pk}
    left = {bytes(box.address_digest) for box in Mailbox.objects.all()}
    assert left == {address_digest(who.who.address) for who in (typing, waiting)}
    assert Mailbox.objects.get(pk=stays).address == waiting.who.address
    for journey in (unconfirmed, changing, erased, asking, merging):
        assert address_digest(journey.who.address) not in dump()
    assert dump().count(address_digest(blocked.who.address)) == 1  # what they asked for


def sign_up(journey: Journey, *, finish: bool = True) -> None:
    """Make an account by code, or stop before the code is typed."""
    form = {"email": journey.who.address, "display_name": journey.who.name, "password": journey.who.need}
    journey.browser.post("/account/signup/", factories.posted_form(**form))
    if finish:
        code = accounts.mailed_code(journey.who.address)
        answer = journey.browser.post("/account/signup/code/", {"code": code})
        assert answer["Location"] == "/me/"


def use_second_factor(journey: Journey) -> None:
    """Set up an authenticator app and begin to log in with it; its secret and the recovery codes are
    looked for afterwards."""
    page = html.unescape(journey.browser.get("/account/second/app/").content.decode())
    secret = re.search(r'id="id_key" value="([A-Z2-7]+)"', page)[1]
    (counter,) = list(totp.yield_hotp_counters_from_time())[1:2]
    code = totp.format_hotp_value(totp.hotp_value(secret, counter))
    assert journey.browser.post("/account/second/app/", {"code": code}).status_code == 302
    page = journey.browser.get("/account/second/recovery/").content.decode()
    journey.tokens |= {secret, *re.findall(r"<code>(\d{8})</code>", page)}
    journey.browser.post("/account/logout/")
    login = {"login": journey.who.address, "password": journey.who.need}
    assert journey.browser.post("/account/login/", login)["Location"] == "/account/login/second/"


def search(journeys: list[Journey], carried: bytes, captured: Captured) -> None:
    """Look for everybody's secrets everywhere."""
    stored, raw, logged = dump(), files(), "\n".join(captured.lines).encode()
    assert b"events:rsvp 302" in logged  # the log is there, and says which page
    assert b"deliver_batch" in carried
    visitor = Client()
    slugs = Event.objects.values_list("slug", flat=True)
    pages = [
        "/",
        "/events/",
        *(f"/events/{slug}/" for slug in slugs),
        *(f"/events/{slug}.ics" for slug in slugs),
    ]
    public = b"".join(visitor.get(path).content for path in pages)
    places = {"database": stored, "files": raw, "log": logged, "broker": carried, "public pages": public}
    needles = {secret for one in journeys for secret in (*one.who.secrets, *one.tokens)} | {PLACE, LINK}
    for name, place in places.items():
        assert [needle for needle in needles if found(needle, place)] == [], f"in the {name}"
    assert outgoing.outbox
    for mail in outgoing.outbox:
        (reader,) = mail.to  # one recipient each
        text = texts(mail)
        for one in journeys:
            who = one.who
            # No text that was typed stands in any mail, nor where somebody came from.
            assert [n for n in (who.name, who.need, who.ip, who.agent, PLACE, LINK) if found(n, text)] == []
            if reader != who.address:
                assert [needle for needle in (who.address, *one.tokens) if found(needle, text)] == []


def say_im_coming(client, event, who: Person) -> str:
    """The form, the mail, its button; gives the permanent page."""
    form = factories.posted_rsvp(name=who.name, email=who.address, party_size="2", need=who.need)
    page = client.post(f"/events/{event.slug}/rsvp/", form)
    assert page.status_code == 302
    factories.deliver_mail()
    newest = Confirmation.objects.order_by("-made_at")[0]
    button = f"/confirm/{links.token('confirm', newest.pk)}/"
    return client.post(button, {"act": f"{newest.act_kind}:{newest.act_id}"})["Location"]


@pytest.mark.django_db
def test_a_host_s_address_reason_and_waiting_edit_stand_nowhere_in_clear(start):
    address, reason, place = "hortensia.131@relay.example", "because of the Zanzibar clause", "Hidden Grotto"
    event = hosting.propose(email=address, confirmed=True, reveal="confirmed", venue=place, at=start)
    moderator = factories.make_moderator()
    moderation.send_back(hosting.review_of(event), reason=reason, by=moderator, at=start)
    proposals.change_event(event, hosting.changed(event, title="Second"), by=None, at=start)
    moderation.publish(hosting.review_of(event), by=moderator, at=start)
    proposals.change_event(event, hosting.changed(event, venue="Deeper Grotto"), by=None, at=start)
    stored = dump()
    for needle in (address, "hortensia", reason, place, "Deeper Grotto"):
        assert not found(needle, stored), needle
    assert found("Second", stored)  # what is public: the search does find things


@pytest.mark.parametrize("never_write", [False, True])
def test_an_erased_person_leaves_nothing_but_the_block_they_asked_for(visitor, start, never_write):
    event = factories.make_event(start=start, capacity=30)
    page = say_im_coming(visitor, event, PEOPLE[0])
    party = Rsvp.objects.get(confirmed_at__isnull=False)
    ids = [party.pk, party.mailbox_id, *Attendance.objects.filter(rsvp=party).values_list("pk", flat=True)]
    digest = bytes(party.mailbox.address_digest)
    visitor.post(page, {"act": "erase", "never_write": "on"} if never_write else {"act": "erase"})
    left = dump()
    for pk in ids:
        assert str(pk).encode() not in left
        assert pk.hex.encode() not in left
    assert Mailbox.objects.count() == 0
    assert Block.objects.count() == int(never_write)
    assert left.count(digest) == int(never_write)


@pytest.mark.django_db(transaction=True)
def test_the_search_itself_finds_what_stands_in_clear(captured):
    event = factories.make_event(title="Needle in clear")
    for text in ("Þórbjörg in bytes", "needle@relay.example"):
        Mailbox.objects.create(
            address=text, address_digest=text.encode()[:32], bucket_digest=b"", created_at=timezone.now()
        )
    AuditEntry.objects.update(changes={"name": "Sióbhán in JSON"})
    logging.getLogger("hub.test").warning("Needle in a log")
    stored = dump()
    for needle in ("Needle in clear", "NEEDLE IN CLEAR", "Þórbjörg in bytes", "needle@relay.example"):
        assert found(needle, stored), needle
    assert found("Sióbhán in JSON", stored)
    assert not found("Needle in a log", stored)
    assert found("Needle in a log", "\n".join(captured.lines).encode())
    if connection.vendor == "sqlite":
        event.delete()
        assert found("Needle in clear", files())  # deleted, and still in the file
    mail = EmailMultiAlternatives("Sióbhán", "text", to=["a@relay.example"])
    mail.attach_alternative("<p>Þórbjörg &amp; Ünal</p>", "text/html")
    mail.attach("event.ics", "SUMMARY:Tlālōc", "text/calendar")
    for needle in ("Sióbhán", "Þórbjörg & Ünal", "Tlālōc", "a@relay.example"):
        assert found(needle, texts(mail)), needle


@pytest.mark.parametrize("shift", range(5))
def test_the_search_looks_through_encodings(shift):
    needle, around = "wojciech.102@relay.example", "." * shift
    for shape in (
        base64.b64encode(f"{around}{needle}{around}".encode()),
        base64.urlsafe_b64encode(f"{around}{needle}".encode()),
        needle.encode().hex().encode(),
        needle.encode().hex().upper().encode(),
        needle.encode("utf-16-le"),
        quote(needle).encode(),
        needle.upper().encode(),
    ):
        assert found(needle, b"x" + shape + b"y"), shape
    assert not found(needle, b"wojciech.103@relay.example")
