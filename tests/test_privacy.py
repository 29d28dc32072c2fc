"""What the hub knows about people: every column classified, nothing in clear, nothing kept too long.

The last part seeds unusual addresses, names, needs and an IP, lets a whole journey happen, and then
searches everything the hub leaves behind: the database, the broker folder, the logs, the mails.
"""

import logging
import re
from datetime import timedelta
from pathlib import Path

import pytest
import time_machine as machine
from django.apps import apps
from django.conf import settings as hub_settings
from django.contrib import admin
from django.core import mail as outgoing
from django.db import connection, models
from django.utils import timezone

from events.models import Attendance, Event, Rsvp, Timeslot
from hub import links
from hub.models import AuditEntry, Block, Confirmation, Mailbox, Message, SubmittedForm
from hub.personal import purge_all
from hub.sealing import SealedEmail, SealedField
from tests import factories

OURS = ("hub", "campaigns", "committees", "events")

# public: may stand on a page for everybody. inner: about things and work, tells nothing of a person.
# sealed: encrypted. digest: keyed or plain hash of something random. link: points to a person's row,
# or says when or how they acted; it goes with that row.
FIELDS = {
    "hub.AuditEntry": {
        "inner": "id at action object_kind object_id count reason changes",
        "link": "actor subject",
    },
    "hub.Mailbox": {
        "sealed": "address",
        "digest": "address_digest bucket_digest",
        "link": "id created_at confirmed_at",
    },
    "hub.Confirmation": {
        "link": "id mailbox made_at hour answered_at act_id",
        "inner": "code_tries act_kind",
        "digest": "bucket_digest token_hash",
    },
    "hub.Block": {"digest": "address_digest", "inner": "id made_at"},
    "hub.SubmittedForm": {"digest": "token_hash", "inner": "id made_at", "link": "result_id"},
    "hub.Message": {
        "link": "mailbox about_id",
        "digest": "key",
        "inner": "id kind topic_id occasion made_at due_at state state_at attempts reason sent_with",
    },
    "hub.Heartbeat": {"inner": "id name at"},
    "hub.User": {
        "sealed": "email display_name",
        "digest": "password",
        "link": "id last_login language time_zone created_at",
        "inner": "is_superuser is_staff is_active",
    },
    "hub.City": {"public": "id name folded region country population latitude longitude zone"},
    "hub.ZipCode": {"public": "id code city folded region latitude longitude zone"},
    "hub.PlaceSource": {"public": "id name digest rows loaded_at"},
    "campaigns.Campaign": {"public": "id title slug summary summary_es is_home created_at"},
    "events.Event": {
        "public": "id status published_at campaign kind title slug description language visibility "
        "event_status sequence reveal venue street city region postal_code country latitude longitude "
        "online zone next_start next_end next_date few_left full changed_at",
        "sealed": "hidden_place online_link",
    },
    "events.Timeslot": {
        "public": "id event start end all_day",
        "inner": "capacity seat_limit seats_taken seats_pending next_reminder_at",
    },
    "events.EventChange": {"public": "id event what made_at start_before zone_before place_before"},
    "events.Rsvp": {
        "sealed": "name need",
        "digest": "link_hash mail_link_hash",
        "link": "id event mailbox language neutral made_at counted_at confirmed_at cancelled_at",
    },
    "events.MergedLink": {"digest": "token_hash", "link": "id rsvp"},
    "events.Attendance": {
        "link": "id rsvp timeslot party_size seats_held hold_until seated_at waiting_since",
    },
}
# What no table may know of anybody, whatever the column is called.
FORBIDDEN = re.compile(
    r"(^|_)(legal_?name|first_?name|last_?name|surname|phone|mobile|home_?address|employer|birth|dob|"
    r"immigration|visa|nationality|ethnic|race|gender|religion|ip|ip_?address|user_?agent|remote_?addr)(_|$)"
)
PERSONAL_MODELS = {"hub.User", "hub.Mailbox", "hub.Confirmation", "hub.Block", "hub.SubmittedForm"} | {
    "hub.Message", "events.Rsvp", "events.MergedLink", "events.Attendance",
}  # fmt: skip


def our_models():
    return [model for model in apps.get_models() if model._meta.app_label in OURS]


def unclassified(model) -> set[str]:
    """Fields of a model that the table doesn't name, and names in the table it doesn't have."""
    table = FIELDS.get(model._meta.label, {})
    named = [name for names in table.values() for name in names.split()]
    assert len(named) == len(set(named)), f"{model._meta.label}: a field is classified twice"
    real = {field.name for field in model._meta.concrete_fields}
    return real ^ set(named)


# --- Columns ------------------------------------------------------------------------------------
@pytest.mark.parametrize("model", our_models(), ids=lambda model: model._meta.label)
def test_every_field_is_classified(model):
    assert unclassified(model) == set()


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


@pytest.mark.parametrize("model", our_models(), ids=lambda model: model._meta.label)
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
    for model in our_models():
        for field in model._meta.concrete_fields:
            clear = isinstance(field, models.EmailField | models.URLField | models.GenericIPAddressField)
            assert not clear or isinstance(field, SealedEmail), f"{model._meta.label}.{field.name}"


def test_people_are_not_in_the_admin():
    registered = {model._meta.label for model in admin.site._registry}
    assert registered == {"campaigns.Campaign", "events.Event", "hub.AuditEntry"}
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
    factories.make_event()
    at = timezone.now()
    before = AuditEntry.objects.count()
    assert before
    with machine.travel(at + timedelta(days=364)):
        purge_all(timezone.now())
        assert AuditEntry.objects.count() == before
    with machine.travel(at + timedelta(days=366)):
        purge_all(timezone.now())
    assert AuditEntry.objects.count() == 0


# --- Everything the hub leaves behind, searched ---------------------------------------------------
IP = "198.51.100.77"
AGENT = "SeededBrowser/7.31"
PEOPLE = [
    ("zuzana.quetzalcoatl@example.org", "Zuzana Quetzalcoatl", "a ramp for my wheelchair Rocinante"),
    ("wojciech.przybylski@example.org", "Wojciech Przybylski", "interpreter for Guarani"),
]
SECRET_STREET = "1789 Clandestine Alley"
SECRET_LINK = "https://meet.example.org/clandestine-room"


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


def say_im_coming(client, event, address, name, need):
    """The form, the mail, its button: as a browser with a known IP and agent."""
    known = {"REMOTE_ADDR": IP, "HTTP_X_FORWARDED_FOR": IP, "HTTP_USER_AGENT": AGENT}
    form = factories.posted_rsvp(name=name, email=address, party_size="2", need=need)
    page = client.post(f"/events/{event.slug}/rsvp/", form, **known)
    assert page.status_code == 302
    client.get(page["Location"], **known)
    factories.deliver_mail()
    confirmation = Confirmation.objects.order_by("-made_at")[0]
    button = f"/confirm/{links.token('confirm', confirmation.pk)}/"
    client.get(button, **known)
    done = client.post(
        button, {"act": f"{confirmation.act_kind}:{confirmation.act_id}", "remember": "on"}, **known
    )
    client.post(done["Location"], {"act": "keep"}, **known)
    client.get(done["Location"] + "nonsense", **known)
    client.get("/mine/", **known)
    return done["Location"]


@pytest.mark.django_db
def test_seeded_people_are_found_only_sealed_or_in_their_own_mail(visitor, captured, start):
    event = factories.make_event(
        start=start,
        capacity=30,
        reveal="confirmed",
        street=SECRET_STREET,
        online=True,
        online_link=SECRET_LINK,
    )
    own = [say_im_coming(visitor, event, *person) for person in PEOPLE]
    factories.deliver_mail()

    needles = [IP, AGENT, SECRET_STREET, SECRET_LINK]
    needles += [text for person in PEOPLE for text in person]
    needles += [page.strip("/").rpartition("/")[2] for page in own]
    stored = dump()
    for needle in needles:
        assert needle.encode() not in stored, f"in the database in clear: {needle}"
    logged = "\n".join(captured.lines)
    assert "events:rsvp" in logged  # the log is there, and says which page
    for needle in needles:
        assert needle not in logged, f"in the log: {needle}"
    for path in Path(hub_settings.BROKER_DIR).rglob("*") if Path(hub_settings.BROKER_DIR).exists() else ():
        assert not any(needle.encode() in path.read_bytes() for needle in needles)

    assert len(outgoing.outbox) >= len(PEOPLE)
    for mail in outgoing.outbox:
        assert len(mail.to) == 1
        text = mail.message().as_bytes() + mail.body.encode()
        for needle in (IP, AGENT, SECRET_STREET, SECRET_LINK):
            assert needle.encode() not in text
        for address, name, need in PEOPLE:
            if mail.to != [address]:
                assert address.encode() not in text
            # No text a sender typed stands in a mail to a mailbox nobody has confirmed.
            assert name.encode() not in text
            assert need.encode() not in text


@pytest.mark.django_db
@pytest.mark.parametrize("never_write", [False, True])
def test_an_erased_person_leaves_nothing_but_the_block_they_asked_for(visitor, start, never_write):
    event = factories.make_event(start=start, capacity=30)
    page = say_im_coming(visitor, event, *PEOPLE[0])
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


@pytest.mark.django_db
def test_the_search_itself_finds_what_stands_in_clear():
    factories.make_event(title="Needle in clear")
    assert b"Needle in clear" in dump()
