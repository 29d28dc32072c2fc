"""Querysets whose SQL is written once: they give what the plain ones give."""

import threading
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection, models
from django.db.models import F, IntegerField
from django.db.models.sql.compiler import SQLCompiler

from events.models import Event, Timeslot
from hub.prepared import Parameter, Prepared, PreparedUpdate
from tests.factories import make_event, slot_of

pytestmark = pytest.mark.django_db
START = datetime(2030, 5, 1, 18, tzinfo=UTC)


def starting_after() -> models.QuerySet:
    moment = Parameter("moment", Timeslot._meta.get_field("start"))
    return Timeslot.objects.filter(start__gt=moment).select_related("event__campaign").order_by("start")


def test_instances_are_those_of_the_plain_queryset(django_assert_num_queries):
    make_event(title="First", start=START)
    make_event(title="Second", start=START + timedelta(hours=3), capacity=7)
    prepared = Prepared(starting_after)
    for moment, titles in ((START - timedelta(1), ["First", "Second"]), (START, ["Second"])):
        with django_assert_num_queries(1):
            rows = prepared.rows(moment=moment)
            assert [slot.event.title for slot in rows] == titles
            assert all(slot.event.campaign.title for slot in rows)
        plain = Timeslot.objects.filter(start__gt=moment).order_by("start")
        for mine, its in zip(rows, plain, strict=True):
            for column in Timeslot._meta.concrete_fields:
                assert getattr(mine, column.attname) == getattr(its, column.attname)


def test_dictionaries_are_those_of_the_plain_queryset():
    event = make_event(title="First", start=START)
    slug = Parameter("slug", Event._meta.get_field("slug"))
    prepared = Prepared(lambda: Event.objects.filter(slug=slug).values("id", "next_start", "title", "full"))
    plain = Event.objects.filter(slug=event.slug).values("id", "next_start", "title", "full")
    assert prepared.rows(slug=event.slug) == list(plain) != []
    assert prepared.rows(slug="another") == []


def test_the_sql_is_written_once(monkeypatch):
    make_event(start=START)
    prepared, written = Prepared(starting_after), []
    write = SQLCompiler.as_sql
    monkeypatch.setattr(SQLCompiler, "as_sql", lambda *args, **kw: written.append(1) or write(*args, **kw))
    for _ in range(3):
        assert len(prepared.rows(moment=START - timedelta(1))) == 1
    assert len(written) == 1


def test_a_value_that_was_not_given_is_a_mistake():
    with pytest.raises(KeyError):
        Prepared(starting_after).rows()


def test_a_value_is_a_value_and_never_sql():
    event = make_event()
    slug = Parameter("slug", Event._meta.get_field("slug"))
    prepared = Prepared(lambda: Event.objects.filter(slug=slug).values_list("title", flat=True))
    assert prepared.rows(slug="' OR ''='") == []
    assert prepared.rows(slug=event.slug) == [event.title]


@pytest.mark.django_db(transaction=True)
def test_threads_share_what_was_written_and_nothing_else():
    slugs = [make_event(title=f"Event {n}").slug for n in range(4)]
    slug = Parameter("slug", Event._meta.get_field("slug"))
    prepared = Prepared(lambda: Event.objects.filter(slug=slug).values_list("slug", flat=True))
    wrong = []

    def ask(own):
        for _ in range(100):
            if prepared.rows(slug=own) != [own]:
                wrong.append(own)
        connection.close()

    threads = [threading.Thread(target=ask, args=(own,)) for own in slugs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_an_update_changes_its_rows_only():
    slot, other = (slot_of(make_event(capacity=9)) for _ in range(2))
    prepared = PreparedUpdate(
        lambda: Timeslot.objects.filter(pk=Parameter("pk", Timeslot._meta.pk)),
        seats_taken=F("seats_taken") + Parameter("more", IntegerField()),
        seat_limit=Parameter("limit", IntegerField()),
    )
    assert prepared.run(pk=slot.pk, more=2, limit=9) == 1
    assert prepared.run(pk=slot.pk, more=3, limit=8) == 1
    slot.refresh_from_db()
    other.refresh_from_db()
    assert (slot.seats_taken, slot.seat_limit, other.seats_taken) == (5, 8, 0)
