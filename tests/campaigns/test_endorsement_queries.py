"""How many questions pages of organizations and endorsers ask: the same with 10 and with 2,000."""

from datetime import date

import pytest
from django.utils import timezone

from campaigns.models import AppealEndorsement, Organization
from events.models import DayEndorsement, EventEndorsement
from hub.models import Review
from tests.campaigns.endorsing import make_organization, rewrite, write_appeal
from tests.factories import make_day, make_event
from tests.test_queries import asked, opened

pytestmark = pytest.mark.django_db
COUNTRIES, LEVELS = ("US", "DE", "AR", "MX"), Organization.Level.values

QUERIES = {
    "/organizations/": 2,  # a page of them and, unless it is the last one, how many there are
    "/organizations/?page=2": 2,
    "/organizations/?country=US&level=local": 2,
    "/organizations/{organization}/": 5,  # itself; what it endorses of each kind, with its title; its logo
    "/es/organizations/{organization}/": 5,
    "/organizations/{organization}/officer/": 1,
    # The thing and its title; how many in each country; a page of them; of a document its versions.
    "/endorse/event/{event}/list/": 4,
    "/endorse/day/{day}/list/": 4,
    "/endorse/appeal/{appeal}/list/": 5,
    "/endorse/appeal/{appeal}/list/?page=2": 5,
    "/endorse/event/{event}/": 2,
    "/endorse/event/{event}/resolution/": 3,  # and what its campaign says
    "/events/{event}/": 3,  # itself; how many in each country; the first of them
    "/days/{day}/": 5,
}


def make_many(number: int) -> dict[str, str]:
    """So many organizations that endorse an event, a day of action and a document: written past the actions,
    which would take minutes, with the columns as the actions leave them."""
    now = timezone.now()
    event, day, appeal = make_event(), make_day(), write_appeal()
    rewrite(appeal)
    many = [
        Organization(
            name=f"UE Local {n}",
            slug=f"ue-local-{n}",
            level=LEVELS[n % len(LEVELS)],
            country=COUNTRIES[n % 4],
            status="published",
            published_at=now,
        )
        for n in range(number)
    ]
    Organization.objects.bulk_create(many, batch_size=500)
    version = appeal.versions.get(number=1)
    for model, thing in (
        (EventEndorsement, {"event": event}),
        (DayEndorsement, {"day": day}),
        (AppealEndorsement, {"appeal": appeal, "version": version, "asked_number": 1}),
    ):
        rows = [
            model(
                organization=one,
                adopted_by="members",
                adopted_on=date(2026, 5, 1),
                language="en",
                made_at=now,
                confirmed_at=now,
                status="published",
                published_at=now,
                link_hash=f"{model.OF}-{n}".encode(),
                mail_link_hash=f"{model.OF}-mail-{n}".encode(),
                **thing,
            )
            for n, one in enumerate(many)
        ]
        model.objects.bulk_create(rows, batch_size=500)
    return {"event": event.slug, "day": day.slug, "appeal": appeal.slug, "organization": many[3].slug}


@pytest.mark.parametrize("number", [10, 2000])
def test_pages_ask_as_much_as_they_are_allowed(number):
    slugs = make_many(number)
    found = {path: asked(opened(path.format(**slugs))) for path in QUERIES}
    allowed = dict(QUERIES)
    if number == 10:  # the last page: what stands on it need not be counted again
        allowed |= {"/organizations/": 1, "/organizations/?country=US&level=local": 1}
        allowed["/endorse/appeal/{appeal}/list/?page=2"] = 4  # nothing stands on it
    assert {path: len(sql) for path, sql in found.items()} == allowed, found


def test_what_visitors_open_asks_little():
    assert all(number <= 5 for number in QUERIES.values())


@pytest.mark.parametrize("number", [10, 2000])
def test_the_moderators_queue_asks_little(number, moderator):
    make_many(number)
    now = timezone.now()
    Review.objects.bulk_create(
        [
            Review(
                kind="events.endorsement.event", object_id=pk, language="en", submitted_at=now, needed_by=now
            )
            for pk in EventEndorsement.objects.values_list("pk", flat=True)
        ],
        batch_size=500,
    )
    sql = asked(opened("/moderation/", moderator))
    assert len(sql) == 5, sql  # the session, its account; what waits, what that is; are there short words


@pytest.mark.parametrize("number", [10, 2000])
def test_the_admin_s_pages_ask_the_same_for_few_and_many(number, admin):
    make_many(number)
    chosen = make_organization()
    assert len(asked(opened("/admin/campaigns/organization/", admin))) <= 9
    assert len(asked(opened(f"/admin/campaigns/organization/{chosen.pk}/change/", admin))) <= 9
