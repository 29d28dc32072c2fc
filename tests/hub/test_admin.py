"""The audit log as administrators read it: what was done last, by whom, with what."""

import html
import re
from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.admin import site
from django.contrib.admin.utils import label_for_field
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from events.actions import events as event_actions
from events.models import Event
from hub import audit
from hub.admin import form_of
from hub.models import User
from tests.campaigns.signing import make_appeal
from tests.factories import (
    event_details,
    make_campaign,
    make_day,
    make_demand,
    make_event,
    make_rsvp,
)

pytestmark = pytest.mark.django_db

LIST = "/admin/hub/auditentry/"
NOW = datetime(2026, 6, 20, 16, tzinfo=UTC)
START = datetime(2026, 7, 4, 21, tzinfo=UTC)
CHANGES = {"city": ["", "Oakland"], "start": [START.isoformat(), "2026-07-04T15:00:00-07:00"]}


@pytest.fixture(autouse=True)
def _now(time_machine):
    time_machine.move_to(NOW, tick=False)


def cells(page: str, name: str) -> list[str]:
    return [
        html.unescape(text) for text in re.findall(rf'<t[dh] class="field-{name}[^"]*">(.*?)</t[dh]>', page)
    ]


def test_the_newest_act_stands_first_with_who_what_and_when(admin):
    make_campaign(at=NOW - timedelta(days=3))
    event = make_event(title="A <rally>", start=START, by=admin.user, at=NOW - timedelta(days=2))
    changed = event_details(title="A <rally>", start=START, city="Oakland")
    event_actions.edit_event(event, changed, by=admin.user, at=NOW - timedelta(hours=1))
    make_rsvp(event, email="reader@example.org", at=NOW)
    page = admin.get(LIST).content.decode()
    assert [text.split(">")[1].split("<")[0] for text in cells(page, "moment")][:2] == [
        "2026-06-20 16:00:00 UTC",
        "2026-06-20 15:00:00 UTC",
    ]
    assert cells(page, "who")[:2] == ["-", f"account {str(admin.user.pk)[:8]}"]
    link = f'<a href="/admin/events/event/{event.pk}/change/">A &lt;rally&gt;</a>'
    assert page.count(link) == 4  # made, published, changed, answered
    assert cells(page, "changed")[1] == "city: San Francisco → Oakland"
    assert "reader@" not in page
    assert page.count(admin.user.email) == 1  # "Welcome"


def test_what_is_gone_or_not_shown_here_has_no_link(admin):
    event = make_event(published=False)
    key = str(event.pk)[:8]
    event_actions.delete_draft(event, by=admin.user, at=NOW)
    audit.record("log_in", admin.user, at=NOW, by=admin.user)
    page = admin.get(LIST).content.decode()
    assert f"events.Event {key}" in cells(page, "what")
    assert f"hub.User {str(admin.user.pk)[:8]}" in cells(page, "what")


def test_an_entry_of_a_kind_that_is_no_more_can_be_read(admin):
    entry = audit.entry("old_act", admin.user, at=NOW, by=None)
    entry.object_kind = "events.Gone"
    entry.save()
    assert "events.Gone" in admin.get(LIST).content.decode()
    assert "events.Gone" in admin.get(f"{LIST}{entry.pk}/change/").content.decode()


def test_an_entry_s_own_page_says_the_same(admin):
    event = make_event(start=START)
    entry = audit.record("try", event, at=NOW, by=admin.user, changes=CHANGES)
    page = html.unescape(admin.get(f"{LIST}{entry.pk}/change/").content.decode())
    for text in (
        "2026-06-20 16:00:00 UTC",
        f"account {str(admin.user.pk)[:8]}",
        f'<a href="/admin/events/event/{event.pk}/change/">Rally for a Labor Party</a>',
        "city: - → Oakland<br>start: 2026-07-04 21:00 UTC → 2026-07-04 22:00 UTC",
    ):
        assert text in page
    assert "historylink" not in page


@pytest.mark.parametrize("kind", ["events/event", "campaigns/campaign"])
def test_the_history_of_a_thing_is_what_the_audit_log_has_of_it(kind, admin):
    event = make_event(title="This one", start=START)
    make_event(title="Another", start=START)
    thing = event if kind == "events/event" else make_campaign(title="That one")
    response = admin.get(f"/admin/{kind}/{thing.pk}/history/", follow=True)
    assert response.redirect_chain == [(f"{LIST}?object_id__exact={thing.pk}", 302)]
    page = response.content.decode()
    assert set(cells(page, "action")) == (
        {"create_event", "publish_event"} if thing == event else {"save_campaign"}
    )
    assert "Another" not in page
    missing = admin.get(f"/admin/{kind}/00000000-0000-4000-8000-000000000000/history/")
    # What campaign coordinators work on is missing where it isn't there, as what isn't theirs is.
    assert missing.status_code == (302 if kind == "events/event" else 404)


def test_documents_demands_and_days_stand_there_by_their_titles(admin):
    appeal, demand, day = make_appeal(), make_demand(), make_day()
    page = admin.get(LIST).content.decode()
    for title in (
        "Call for a labor party",
        "Free, safe shelter for everyone",
        "Day of action for a labor party",
    ):
        assert f'/change/">{title}</a>' in page
    for thing in (appeal, demand, day):
        assert thing.slug not in page
        form = admin.get(form_of(thing)).content.decode()
        crumbs = form.partition('class="breadcrumbs"')[2].partition("<main")[0]
        assert str(thing) not in crumbs


def test_many_entries_need_no_more_queries(admin):
    counts = []
    for number in (3, 30):
        for _ in range(number):
            make_event(start=START, by=admin.user)
            make_appeal()
            make_demand()
            make_day()
        with CaptureQueriesContext(connection) as captured:
            admin.get(LIST)
        counts.append(len(captured))
    assert Event.objects.count() == 33
    assert counts[1] <= counts[0]  # the campaign is not among the newest hundred


@pytest.mark.parametrize(("language", "words"), [("es", "Cerrar sesión"), ("en", "Log out"), ("", "Log out")])
def test_the_admin_speaks_the_language_of_the_account(admin, language, words):
    """Whatever the browser asks for: the rest of the hub doesn't go by that either."""
    User.objects.filter(pk=admin.user.pk).update(language=language)
    page = admin.get(LIST, headers={"accept-language": "de, es"})
    assert page["Content-Language"] == (language or "en")
    assert f'<html lang="{language or "en"}"' in page.content.decode()
    assert words in page.content.decode()


def names_shown() -> list[str]:
    """What the admin calls its tables, and the columns its lists, filters and inlines show."""
    names = []
    for model, door in site._registry.items():
        names += [str(model._meta.verbose_name), str(model._meta.verbose_name_plural)]
        names += [str(label_for_field(name, model, door)) for name in door.list_display]
        plain = [name for name in door.list_filter if isinstance(name, str)]
        names += [str(model._meta.get_field(name).verbose_name) for name in plain]
        for inline in door.inlines:
            names += [str(label_for_field(name, inline.model)) for name in inline.fields or ()]
    return names


def test_every_table_and_column_in_the_admin_has_a_spanish_name():
    """A new one wants a line in `hub.names`."""
    english = names_shown()
    with translation.override("es"):
        spanish = names_shown()
    assert [one for one, other in zip(english, spanish, strict=True) if one == other] == []


@pytest.mark.parametrize("query", ["action=%00", "action__exact=a%00b", "q=%00"])
def test_a_filter_nothing_can_match_finds_nothing(admin, query):
    """PostgreSQL answers a NUL with an error."""
    for kind in ("hub/auditentry", "events/event", "campaigns/appeal"):
        assert admin.get(f"/admin/{kind}/?{query}").status_code == 404


def test_every_field_in_the_admin_has_a_label_and_a_hint_to_be_translated():
    """Only what is looked up for each reader is no plain string."""
    plain = [
        (model.__name__, name, words)
        for model, door in site._registry.items()
        for name, field in getattr(door.form, "base_fields", {}).items()
        for words in (field.label, field.help_text)
        if not field.widget.is_hidden and words != "" and (words is None or isinstance(words, str))
    ]
    assert plain == []
