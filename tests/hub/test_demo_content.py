"""What the demo shows: the real campaign's facts, and made-up people with a part in everything."""

import re
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from django.db import transaction
from django.test import Client
from django.utils import timezone
from taggit.models import Tag

from campaigns.models import Appeal, AppealText, Campaign, Demand, DemandText, Post, Signature
from campaigns.tags import KNOWN_TAGS
from committees.models import Announcement, Committee, Membership
from events.models import DayOfAction, Event, EventEndorsement, Rsvp, Timeslot
from events.still_coming import answers
from hub import ticking
from hub.demo import logins, making
from hub.demo.campaign_events import FORUM, PLANNING
from hub.demo.changes import MOVED, NO_MORE, STILL, WORD
from hub.demo.content import CAMPAIGN_TITLE
from hub.models import Image, Mailbox, User
from tests.hub.demo_places import load_demo_places

pytestmark = [pytest.mark.django_db, pytest.mark.once, pytest.mark.usefixtures("the_demo")]


@pytest.fixture(scope="module")
def the_demo(django_db_setup, django_db_blocker):
    """Made once for all that look at it: it takes two seconds. What a test changes is taken back after it."""
    with django_db_blocker.unblock(), transaction.atomic():
        load_demo_places()
        making.make_demo(timezone.now())
        yield
        transaction.set_rollback(True)


def test_its_events_are_what_the_contract_asks_for_and_what_a_form_would_take():
    now = timezone.now()
    events = list(Event.objects.filter(proposed_at=None))
    assert len(events) >= 40
    assert len({(event.city, event.country) for event in events if event.city}) >= 20
    assert len({event.country for event in events if event.country}) >= 6
    assert len({event.zone for event in events}) >= 10
    assert {event.status for event in events} == {"published"}
    assert {event.event_status for event in events} == {"scheduled", "cancelled", "postponed"}
    assert {event.visibility for event in events} == {"public", "unlisted", "members"}
    assert {event.kind for event in events} == set(Event.Kind.values)
    assert any(event.online and not event.city for event in events)
    assert sum(event.is_over(now) for event in events) >= 5
    assert Timeslot.objects.filter(all_day=True).exists()
    soon = [event for event in events if now < event.next_start < now + timedelta(hours=36)]
    assert [event.city for event in soon] == ["San Francisco"]
    spanish = {event.city for event in events if event.language == "es"}
    assert spanish >= {"Buenos Aires", "San Juan", "Chicago", "Ciudad de México", "Houston", ""}
    for event in events:
        event.clean_fields(exclude=["hidden_place", "online_link"])
        assert bool(event.city) == (event.latitude is not None) == bool(event.country)

        assert event.city or (event.online and event.online_link)
    hidden = Event.objects.get(reveal="confirmed")
    assert (hidden.venue, hidden.street, hidden.postal_code) == ("", "", "")
    assert hidden.full_place == ["Demo Apartments, door 12", "12 Example Lane", "San Jose, CA"]
    assert (hidden.latitude, hidden.longitude) == (round(hidden.latitude, 2), round(hidden.longitude, 2))
    home = Campaign.objects.home().get()
    assert home.title == CAMPAIGN_TITLE
    assert home.text_in("en").summary != home.text_in("es").summary


def test_its_day_of_action_is_in_six_countries_and_two_languages(visitor):
    ahead = DayOfAction.objects.listed().ahead(timezone.now().date())
    assert [day.text_in("en").title for day in ahead][1:] == ["May Day"]
    defense = ahead[0]
    countries = set(defense.events.exclude(country="").values_list("country", flat=True))
    assert countries == {"AR", "DE", "GB", "GR", "TR", "US"}
    for day in DayOfAction.objects.all():
        assert {text.language for text in day.texts.all()} == {"en", "es"}
        dates = set(day.events.values_list("next_date", flat=True))
        assert (min(dates), max(dates)) == (day.first_date, day.last_date)
    spoken_of = defense.events.get(updates__isnull=False)
    assert spoken_of.committee is not None
    assert spoken_of.updates.get().text in visitor.get(f"/events/{spoken_of.slug}/").content.decode()
    assert b"8 cities in 6 countries" in visitor.get("/").content
    assert "Global day of action" in visitor.get("/days/").content.decode()


def test_its_documents_are_read_in_two_languages_and_signed_by_made_up_people(visitor):
    kinds = Appeal.objects.filter(status="published").values_list("kind", "signable")
    assert set(kinds) == {("appeal", True), ("open-letter", False), ("call", True)}
    languages = AppealText.objects.values_list("version__appeal__kind", "language")
    assert set(languages) == {(kind, code) for kind, _signable in kinds for code in ("en", "es")}
    shown = {line for signature in Signature.objects.shown() for line in signature.lines[:1]}
    assert {line.rstrip("0123456789") for line in shown} == {"Demo Signer ", "D. S."}
    call = Appeal.objects.get(kind="appeal")
    assert b"<strong>61</strong>" in visitor.get(f"/appeals/{call.slug}/").content  # 34 and 27 on paper


def test_it_has_the_28_demands_in_both_languages_and_events_held_for_some(visitor):
    adopted = list(Demand.objects.adopted())
    assert [demand.order for demand in adopted] == list(range(1, 29))
    words = DemandText.objects.in_force()
    assert set(words.filter(language="en").values_list("adopted", flat=True)) == {"2020, urgent call"}
    assert set(words.filter(language="es").values_list("adopted", flat=True)) == {"2020, llamado urgente"}
    assert words.count() == 2 * 28
    assert len(set(words.values_list("title", flat=True))) == 2 * 28
    assert all(demand.tags.exists() for demand in adopted)
    assert {tag.name for tag in Tag.objects.all()} <= set(KNOWN_TAGS)  # those of its posts, too
    day = Event.objects.filter(day__texts__title="Global day of action to defend immigrants")[0]
    assert [demand.order for demand in day.demands.order_by("order")] == [15, 18]
    amnesty = adopted[14]
    page = visitor.get(f"/demands/{amnesty.slug}/").content.decode()
    assert "Amnesty for all immigrants" in page
    assert "Supported by 2 members and 2 committees" in page
    assert "Mission District Committee" in page
    assert "Day of action to defend immigrants: San Francisco" in page
    assert "Huelga general" in visitor.get("/es/demands/platform/").content.decode()


def test_its_feed_has_a_post_of_every_kind(client):
    posts = list(Post.objects.all())
    assert {post.status for post in posts} == {"published", "draft"}
    assert {post.language for post in posts} == {"en", "es"}
    for kind in ("comment", "credit", "link_url", "videos", "further", "pinned", "publish_at"):
        assert any(getattr(post, kind) for post in posts), kind
    for about in ("events", "committees", "tags"):
        assert any(getattr(post, about).exists() for post in posts), about
    photo = Image.objects.filter(owner_kind="campaigns.Post")[0]
    assert client.get(photo.url).status_code == 200
    page = client.get("/news/").content.decode()
    assert "<details" in page
    assert "A draft." not in page
    links_out = {urlsplit(url).hostname for url in re.findall(r'href="(https?://[^"]+)"', page)}
    assert links_out <= {"ufclp.org", "localhost"} | {
        f"{name}.example.org" for name in ("video", "radio", "paper")
    }
    waiting = Post.objects.get(publish_at__isnull=False)
    ticking.tick(waiting.publish_at)
    assert waiting.title in client.get("/news/").content.decode()


def test_the_forum_has_its_six_first_organizers():
    first = EventEndorsement.objects.listed().filter(event__title=FORUM).select_related("organization")
    assert {(one.organization.name, one.organization.country) for one in first} == {
        ("Communist Liberation", "GR"),
        ("MLPD", "DE"),
        ("Partido Obrero (PO)", "AR"),
        ("SEP", "TR"),
        ("SWP", "GB"),
        ("TIR (Revolutionary Internationalist Tendency)", "IT"),
    }
    # Nothing else is said of them: not who decided, nor when, nor in which words.
    assert {(one.role, one.adopted_by, one.adopted_on, one.motion) for one in first} == {
        ("initial", "", None, "")
    }
    assert Event.objects.get(title=FORUM).planning_meeting == Event.objects.get(title=PLANNING)


def test_its_people_are_plainly_made_up_and_some_wait(client):
    assert {party.name.rstrip("0123456789") for party in Rsvp.objects.all()} == {"", "Demo Member "}
    for mailbox in Mailbox.objects.all():
        local, _, domain = mailbox.address.partition("@")
        kinds = ("demo.member.", "demo.host.", "demo.signer.", "demo.contact.")
        assert local.startswith(kinds) or local in ("coordinator", "member")
        assert domain == "example.org"
    slot = Timeslot.objects.get(event__full=True)
    assert slot.capacity == slot.seats_taken == 24
    waiting = list(slot.attendances.filter(waiting_since__isnull=False).order_by("waiting_since"))
    assert len({attendance.waiting_since for attendance in waiting}) == len(waiting) == 4
    nearly = Timeslot.objects.get(event__few_left=True)
    assert (nearly.capacity, nearly.seats_taken, nearly.seats_pending) == (30, 28, 0)

    wrong = client.post("/account/login/", {"login": logins.ADMIN_EMAIL, "password": "x"})
    assert wrong.status_code in (200, 422)
    right = client.post("/account/login/", {"login": logins.ADMIN_EMAIL, "password": logins.PASSWORD})
    assert right.status_code == 302
    assert client.get("/admin/").status_code == 200
    found = {}
    for address in logins.DEMO_LOGINS:
        own = Client()
        own.post("/account/login/", {"login": address, "password": logins.PASSWORD})
        found[address] = (own.get("/me/").status_code, own.get("/moderation/roles/").status_code)
    assert found == {
        "admin@example.org": (200, 200),
        "moderator@example.org": (200, 403),
        "coordinator@example.org": (200, 404),
        "member@example.org": (200, 404),
    }


def test_its_committees_are_of_all_kinds_and_those_who_log_in_have_a_part(client):
    committees = list(Committee.objects.all())
    assert len(committees) == 10
    assert {committee.kind for committee in committees} == set(Committee.Kind.values)
    assert {committee.visibility for committee in committees} == set(Committee.Visibility.values)
    assert {committee.joining for committee in committees} == set(Committee.Joining.values)
    assert {committee.stage for committee in committees} == {"forming", "active"}
    assert all(committee.latitude is not None and committee.zone for committee in committees)
    names = {membership.display_name for membership in Membership.objects.all()}
    assert {name.rstrip("0123456789 ") for name in names} == {"Demo Member", "Demo Coordinator"}
    own = Membership.objects.get(user__email=logins.COORDINATOR_EMAIL)
    assert own.role == "coordinator"
    assert Membership.objects.pending().filter(committee=own.committee).count() == 2
    assert Membership.objects.active().filter(user__email=logins.MEMBER_EMAIL).count() == 2
    client.force_login(own.user)
    assert client.get(f"/committees/{own.committee.slug}/members/").status_code == 200


def test_the_member_reads_what_the_coordinator_announced(client):
    announcement = Announcement.objects.get()
    client.force_login(User.objects.get(email=logins.MEMBER_EMAIL))
    page = client.get(f"/committees/{announcement.committee.slug}/announcements/").content.decode()
    assert announcement.subject in page
    client.force_login(User.objects.get(email=logins.COORDINATOR_EMAIL))
    page = client.get(f"/jobs/{announcement.pk}/").content.decode()
    assert f'max="{announcement.people}" value="{announcement.people}"' in page
    assert announcement.people == 5  # a coordinator, three members and the one who logs in


def test_of_the_meeting_that_moved_some_have_answered():
    event = Event.objects.get(title=MOVED)
    counted = answers(event, timezone.now())
    assert (counted.told, counted.still, counted.no_more, counted.failed) == (3, STILL, NO_MORE, 0)
    assert counted.pending == 1
    assert [update.text for update in event.updates.all()] == [WORD]
