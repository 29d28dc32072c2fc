"""`python -m tests.bench.hub_data EVENTS TOKENS`: a hub ready for load, with production settings.

Migrates, loads the places, collects the static files, makes events and RSVPs, and prints what the
load needs as JSON: slugs, form tokens, and how many queries each page takes.
"""

import json
import secrets
import sys
from datetime import timedelta
from itertools import islice
from uuid import uuid4

import django
from django.core.management import call_command
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

django.setup()

from campaigns.actions.appeals import AppealDetails, Words, create_appeal, publish_appeal  # noqa: E402
from campaigns.actions.campaigns import CampaignWords, save_campaign  # noqa: E402 - models need the set-up
from campaigns.models import AppealVersion, Campaign, Signature  # noqa: E402
from committees.models import Committee  # noqa: E402
from events.actions import seats  # noqa: E402
from events.models import Attendance, DayOfAction, DayText, Event, Timeslot  # noqa: E402
from hub.demo.demands import make_demands  # noqa: E402
from hub.demo.scale import make_many  # noqa: E402
from hub.forms import new_form_token  # noqa: E402
from hub.models import Review  # noqa: E402
from tests.cast import prove_second_factor  # noqa: E402
from tests.factories import make_admin, make_moderator, make_post  # noqa: E402

UPCOMING, OVER = 9, 1  # parts of the events that hub.demo.scale makes
PEOPLE, RSVPS = 500, 5_000  # there from the start
SEATS = 100_000  # where there is a capacity: nobody may be turned away here, that would be less work
FEW, MANY = 100, 100_000  # signatures under two documents
POSTS = 200
SPREAD = 500  # events that the spread RSVPs go to


def make_events(number: int) -> None:
    """This many published events that lie ahead, and those over that the demo has beside them."""
    now = timezone.now()
    campaign = Campaign(title="A Labor Party for Working People", slug="labor-party", is_home=True)
    save_campaign(campaign, {"en": CampaignWords("For a party.")}, by=None, at=now)
    all_of_them = -(-number * (UPCOMING + OVER) // UPCOMING)
    make_many(campaign, events=all_of_them, people=PEOPLE, rsvps=RSVPS, now=now, progress=lambda *_: None)
    with_capacity = Timeslot.objects.filter(capacity__isnull=False)
    with_capacity.update(capacity=SEATS, seat_limit=SEATS)
    Event.objects.update(full=False, few_left=False)
    for attendance in Attendance.objects.filter(waiting_since__isnull=False).select_related("rsvp"):
        with transaction.atomic():
            (slot,) = seats.lock([attendance.timeslot_id])
            seats.seat_waiting(slot, attendance.rsvp.event, now)
            seats.save(slot, attendance.rsvp.event)


def make_crowd(number: int) -> None:
    """One committee and one day of action with this many events, after all the others so that no list
    shows them first; and as many submissions that wait for a moderator."""
    now = timezone.now()
    campaign, day_ahead = Campaign.objects.get(), now.date() + timedelta(days=365)
    committees = [
        Committee(
            campaign=campaign,
            kind="neighborhood",
            name=f"Committee {place}",
            slug="crowd" if place == 0 else f"committee-{place}",
            visibility={1: "unlisted", 2: "hidden"}.get(place, "public"),
            status="published",
            published_at=now,
            stage="active",
            active_since=now,
            language="en",
            city="Oakland",
            region="CA",
            country="US",
            zone="America/Los_Angeles",
        )
        # Of a table with one row PostgreSQL guesses that nothing in it differs from what is asked for.
        for place in range(20)
    ]
    committee = Committee.objects.bulk_create(committees)[0]
    day = DayOfAction.objects.create(
        campaign=campaign,
        slug="crowd",
        status="published",
        published_at=now,
        first_date=day_ahead,
        last_date=day_ahead,
    )
    DayText.objects.create(day=day, language="en", title="Day of the crowd", call="Everywhere at once.")
    events = list(Event.objects.filter(next_end__gt=now).order_by("pk")[:number])
    slots = []
    for count, event in enumerate(events):
        start = now + timedelta(days=365, minutes=count)
        event.pk, event.slug, event.committee, event.day = uuid4(), f"crowd-{count}", committee, day
        event.event_status, event.next_start, event.next_end = "scheduled", start, start + timedelta(hours=2)
        event.next_date = day_ahead
        slots.append(Timeslot(event=event, start=start, end=start + timedelta(hours=2)))
    Event.objects.bulk_create(events, batch_size=500)
    Timeslot.objects.bulk_create(slots, batch_size=500)
    waiting = [
        Review(kind="events.event", object_id=event.pk, language="en", submitted_at=now, needed_by=now)
        for event in events
    ]
    Review.objects.bulk_create(waiting, batch_size=500)


def make_appeals(few: int, many: int) -> dict[str, str]:
    """Two documents of the same words, one signed by few and one by many, half of them shown: written past
    the actions, which would take an hour."""
    now, found = timezone.now(), {}
    for name, number in (("few", few), ("many", many)):
        details = AppealDetails(
            campaign=Campaign.objects.get(),
            kind="appeal",
            texts={
                "en": Words("Call for a labor party", "Found committees.", "We call on **workers**.\n\n" * 20)
            },
            goal=1_000_000,
        )
        appeal = publish_appeal(create_appeal(details, by=None, at=now), by=None, at=now)
        version = appeal.versions.get()
        rows = (
            Signature(
                appeal=appeal,
                version=version,
                language="en",
                shown="name" if count % 2 else "counted",
                signed_as=f"Demo Signer {count}" if count % 2 else "",
                made_at=now,
                confirmed_at=now,
                link_hash=secrets.token_bytes(32),
                mail_link_hash=secrets.token_bytes(32),
            )
            for count in range(number)
        )
        while batch := list(islice(rows, 5000)):
            Signature.objects.bulk_create(batch)
        AppealVersion.objects.filter(pk=version.pk).update(signed=number)
        found[name] = appeal.slug
    return found


def make_platform(posts: int) -> str:
    """The campaign's demands and these many posts of its feed; gives a demand's slug."""
    now, campaign = timezone.now(), Campaign.objects.get()
    demands = make_demands(campaign, by=make_admin(), now=now)
    for number in range(posts):
        make_post(campaign=campaign, title=f"Post {number}", comment="Words. " * 50, tags=["rights"], at=now)
    return demands[1].slug


def moderators_cookie() -> str:
    """The session of a moderator who has just proven their second factor, as a browser sends it."""
    client = Client(SERVER_NAME="127.0.0.1")
    client.user = make_moderator()
    client.force_login(client.user)
    prove_second_factor(client)
    return "; ".join(f"{name}={morsel.value}" for name, morsel in client.cookies.items())


def slugs(*, with_capacity: bool) -> list[str]:
    """Events people can say "I'm coming" to, where seats are scarce or where they are not."""
    slots = Timeslot.objects.filter(capacity__isnull=not with_capacity, end__gt=timezone.now())
    return list(slots.order_by("start", "pk").values_list("event__slug", flat=True)[:SPREAD])


def queries(path: str, cookie: str = "") -> int:
    """How many queries a page takes, at its second showing (the first fills the caches)."""
    client = Client(SERVER_NAME="127.0.0.1")
    client.cookies.load(cookie)
    for _ in range(2):
        with CaptureQueriesContext(connection) as captured:
            response = client.get(path)
        if response.status_code != 200:
            raise SystemExit(f"{path} answers {response.status_code}")
    return len(captured)


def main(number: int, tokens: int) -> dict[str, object]:
    """Make the hub; gives what the load needs."""
    call_command("migrate", verbosity=0)
    call_command("load_places", quiet=True)
    call_command("collectstatic", interactive=False, verbosity=0)
    make_events(number)
    make_crowd(number)
    signed = make_appeals(FEW, MANY)
    demand = make_platform(POSTS)
    cookie = moderators_cookie()
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    open_events, seated_events = slugs(with_capacity=False), slugs(with_capacity=True)
    shown = open_events[-1]
    pages = {
        "home": "/",
        "list": "/events/",
        "near": "/events/?near=94110",
        "event": f"/events/{shown}/",
        "form": f"/events/{shown}/rsvp/",
        "committee": "/committees/crowd/",
        "day": "/days/crowd/",
        "campaign": "/campaigns/labor-party/",
        "demands": "/demands/",
        "demand": f"/demands/{demand}/",
        "news": "/news/",
        "appeal-few": f"/appeals/{signed['few']}/",
        "appeal-many": f"/appeals/{signed['many']}/",
        "sign": f"/appeals/{signed['many']}/sign/",
    }
    return {
        "pages": pages,
        "cookie": cookie,
        "queries": {name: queries(path) for name, path in pages.items()}
        | {"queue": queries("/moderation/", cookie)},
        "open": open_events,
        "seated": seated_events,
        "tokens": [new_form_token(aged=True) for _ in range(tokens)],
    }


if __name__ == "__main__":
    print(json.dumps(main(int(sys.argv[1]), int(sys.argv[2]))))
