"""What a mailbox gets: the page behind its link and on one's own page, what it changes and keeps quiet."""

from datetime import timedelta

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.test import Client
from django.utils import timezone

from committees.models import Membership
from events import reminders
from events.actions import events as event_actions
from events.actions import rsvps
from events.models import Rsvp
from hub import accounts, actions, links, mail
from hub.actions import mailbox_for
from hub.choices import reader_of_link
from hub.models import AuditEntry, Block, Mailbox, Message, Suppression
from tests.factories import (
    deliver_mail,
    links_in,
    make_committee,
    make_event,
    make_member,
    make_rsvp,
    make_user,
    new_address,
    posted_form,
    slot_of,
)

pytestmark = pytest.mark.django_db

READER = "reader@example.org"


def box() -> Mailbox:
    return mailbox_for(READER, at=timezone.now())


def path(mailbox: Mailbox | None = None) -> str:
    return f"/mail/{(mailbox or box()).token}/"


def shown(page) -> dict[str, bool]:
    """Every choice of the page by what it is sent as, and whether it is ticked."""
    return {
        f"{kind.name}:{choice.id}": choice.on
        for kind, found in page.context["groups"]
        for choice, _foreign in found
    }


def save(client, where: str, **wanted: bool):
    """Send the page as a browser does, with some boxes ticked or not; the others as they stood."""
    stands = shown(client.get(where))
    ticked = [key for key, on in (stands | wanted).items() if on]
    return client.post(where, {"act": "save", "shown": list(stands), "on": ticked})


# --- What stands there -------------------------------------------------------------------------------
def test_it_shows_each_coming_event_and_each_committee(client):
    make_rsvp(make_event(title="Forum"), email=READER, confirmed=True)
    make_rsvp(make_event(title="Not confirmed"), email=READER)
    make_rsvp(make_event(title="Somebody else's"), confirmed=True)
    cancelled = make_rsvp(make_event(title="Taken back"), email=READER, confirmed=True)
    rsvps.cancel(cancelled.pk, at=timezone.now())
    gone = make_event(title="Called off")
    make_rsvp(gone, email=READER, confirmed=True)
    event_actions.cancel_event(gone, by=None, at=timezone.now())
    off = make_event(title="Off the site")
    make_rsvp(off, email=READER, confirmed=True)
    event_actions.unpublish_event(off, by=None, at=timezone.now())
    make_member(make_committee(name="Oakland Committee"), make_user(READER))
    make_member(make_committee(name="Waiting for it"), make_user(new_address()), pending=True)
    page = client.get(path())
    titles = [choice.title for _kind, found in page.context["groups"] for choice, _foreign in found]
    assert titles == ["Forum", "Oakland Committee"]
    assert list(shown(page).values()) == [True, False]


def test_what_is_over_is_not_asked_about(client, time_machine):
    make_rsvp(make_event(), email=READER, confirmed=True)
    time_machine.move_to(timezone.now() + timedelta(days=20))
    assert shown(client.get(path())) == {}


@pytest.mark.parametrize(
    ("kind", "visibility"), [("workplace", "public"), ("neighborhood", "hidden"), ("workplace", "hidden")]
)
@pytest.mark.parametrize("language", ["en", "es"])
def test_a_committee_nobody_must_know_of_is_named_on_one_s_own_page_only(kind, visibility, language):
    committee = make_committee(name="Amazon Workers", kind=kind, visibility=visibility)
    user = make_user(READER)
    make_member(committee, user)
    make_rsvp(make_event(title="At the gate", committee=committee), email=READER, confirmed=True)
    before = "/es" if language == "es" else ""
    by_link = Client().get(before + path()).content.decode()
    assert "Amazon" not in by_link
    assert "amazon" not in by_link
    assert "At the gate" not in by_link
    assert "/rsvp/" not in by_link  # a page that names it
    assert by_link.count('name="shown"') == 2
    own = Client()
    own.force_login(user)
    mine = own.get(f"{before}/me/mail/").content.decode()
    assert "Amazon Workers" in mine
    assert "At the gate" in mine


def test_several_unnamed_committees_stand_in_an_order_that_tells_nothing(client):
    user = make_user(READER)
    for name in ("A", "B", "C", "D", "E"):
        make_member(make_committee(name=f"{name} workers", kind="workplace"), user)
    ids = [choice.id for _kind, found in client.get(path()).context["groups"] for choice, _lang in found]
    assert ids == sorted(ids)


def test_one_that_is_hidden_from_a_former_member_is_gone(client):
    committee = make_committee()
    user = make_user(READER)
    make_member(committee, user)
    Membership.objects.all().delete()
    assert shown(client.get(path())) == {}


def test_it_says_what_always_comes(client):
    page = client.get(path()).content.decode()
    assert "What always comes" in page
    assert "Changes of what you said you come to" in page
    assert "Lo que llega siempre" in client.get(f"/es{path()}").content.decode()


def test_it_is_kept_by_nobody(client):
    for where in (path(), "/mail/no-such-link/"):
        answer = client.get(where)
        assert answer["Cache-Control"] == "private, no-store"
        assert answer["Referrer-Policy"] == "no-referrer"
        assert answer["X-Robots-Tag"] == "noindex"


# --- What it changes ---------------------------------------------------------------------------------
@pytest.mark.parametrize("before", ["", "/es"])
def test_reminders_are_stopped_and_sent_again(client, before):
    event, other = make_event(), make_event(title="Forum")
    party = make_rsvp(event, email=READER, confirmed=True)
    kept = make_rsvp(other, email=READER, confirmed=True)
    where = before + path()
    answer = save(client, where, **{f"reminders:{party.pk}": False})
    assert (answer.status_code, answer["Location"]) == (302, f"{where}?done=saved")
    stopped = Rsvp.objects.exclude(reminders_stopped_at=None)
    assert list(stopped) == [party]
    assert Rsvp.objects.get(pk=kept.pk).reminders_stopped_at is None
    entry = AuditEntry.objects.get(action="stop_reminders")
    assert (entry.object_id, entry.actor, entry.subject) == (event.pk, None, None)
    save(client, where, **{f"reminders:{party.pk}": True})
    assert not stopped.all().exists()


def test_announcements_are_taken_and_stopped_and_the_log_names_nobody(client):
    user = make_user(READER)
    member = make_member(make_committee(), user)
    other = make_member(make_committee(name="Other"), user)
    save(client, path(), **{f"announcements:{member.pk}": True})
    assert list(Membership.objects.filter(takes_mail=True)) == [member]
    entry = AuditEntry.objects.get(action="take_announcements")
    assert (entry.object_id, entry.actor, entry.subject) == (member.committee_id, None, None)
    save(client, path(), **{f"announcements:{member.pk}": False})
    assert not Membership.objects.filter(takes_mail=True).exists()
    assert AuditEntry.objects.get(action="stop_announcements").object_id == member.committee_id
    assert not AuditEntry.objects.filter(
        object_id=other.committee_id, action__endswith="_announcements"
    ).exists()


def test_nothing_changed_leaves_no_trace(client):
    make_rsvp(make_event(), email=READER, confirmed=True)
    before = AuditEntry.objects.count()
    save(client, path())
    assert AuditEntry.objects.count() == before


def test_what_came_after_the_page_was_opened_stays_as_it_is(client):
    first = make_rsvp(make_event(), email=READER, confirmed=True)
    second = make_rsvp(make_event(title="Forum"), email=READER, confirmed=True)
    client.post(path(), {"act": "save", "shown": [f"reminders:{first.pk}"]})
    assert Rsvp.objects.get(pk=first.pk).reminders_stopped_at is not None
    assert Rsvp.objects.get(pk=second.pk).reminders_stopped_at is None


def test_a_link_changes_nothing_of_somebody_else(client):
    party = make_rsvp(make_event(), confirmed=True)
    member = make_member(make_committee())
    keys = [f"reminders:{party.pk}", f"announcements:{member.pk}"]
    client.post(path(), {"act": "save", "shown": keys})
    client.post(path(), {"act": "save", "shown": keys, "on": keys})
    assert Rsvp.objects.get(pk=party.pk).reminders_stopped_at is None
    assert Membership.objects.get(pk=member.pk).takes_mail is False


@pytest.mark.parametrize("act", ["", "no-such-act", "save", "SAVE"])
@pytest.mark.parametrize("shown", [[], ["reminders"], ["reminders:1"], ["\0:\0"]])
def test_what_no_page_of_ours_sends_is_refused_and_the_page_shown(client, act, shown):
    party = make_rsvp(make_event(), email=READER, confirmed=True)
    answer = client.post(path(), {"act": act, "shown": shown})
    assert answer.status_code == 422
    assert "Nothing was changed" in answer.content.decode()
    assert str(party.pk) in answer.content.decode()


def test_looking_changes_nothing(client):
    party = make_rsvp(make_event(), email=READER, confirmed=True)
    Suppression.objects.create(address_digest=bytes(box().address_digest), since=timezone.now())
    hash_before, audited = bytes(box().link_hash), AuditEntry.objects.count()
    for act in ("save", "block", "renew", "try"):
        for ask in (client.get, client.head):
            assert ask(f"{path()}?act={act}&shown=reminders:{party.pk}").status_code == 200
    assert Rsvp.objects.get(pk=party.pk).reminders_stopped_at is None
    assert (bytes(box().link_hash), AuditEntry.objects.count()) == (hash_before, audited)
    assert (Block.objects.count(), Suppression.objects.count()) == (0, 1)


def test_it_acts_with_the_form_s_token_only():
    strict = Client(enforce_csrf_checks=True)
    assert strict.post(path(), {"act": "block"}).status_code == 403
    assert not Block.objects.exists()


# --- Nothing at all ----------------------------------------------------------------------------------
def test_no_reminders_and_no_news_at_all_and_back(client):
    party = make_rsvp(make_event(), email=READER, confirmed=True)
    answer = client.post(path(), {"act": "block"})
    assert (answer.status_code, answer["Location"]) == (302, f"{path()}?done=stopped")
    assert mail.blocked(box())
    page = client.get(path()).content.decode()
    assert "You get no reminders and no news at all" in page
    assert "Write to me again" in page
    own = client.get(f"/rsvp/{party.mail_token}/").content.decode()
    assert "You wanted no reminders and no news at all." in own
    assert "We will remind you" not in own
    assert Rsvp.objects.get(pk=party.pk).cancelled_at is None
    entry = AuditEntry.objects.get(action="stop_all_mail")
    assert (entry.object_id, entry.actor, entry.subject) == (box().pk, None, None)
    client.post(path(), {"act": "block"})  # twice is once
    assert AuditEntry.objects.filter(action="stop_all_mail").count() == 1
    client.post(path(), {"act": "allow"})
    assert not mail.blocked(box())
    own = client.get(f"/rsvp/{party.mail_token}/").content.decode()
    assert "We will remind you" in own
    assert "Everything we mail you" in own
    assert AuditEntry.objects.filter(action="allow_mail").count() == 1
    assert "Write to me again" not in client.get(path()).content.decode()


def test_a_relay_s_refusal_is_told_and_can_be_tried_again(client):
    since = timezone.now() - timedelta(days=3)
    assert "no such mailbox" not in client.get(path()).content.decode()
    Suppression.objects.create(address_digest=bytes(box().address_digest), since=since)
    assert "no such mailbox" in client.get(path()).content.decode()
    client.post(path(), {"act": "try"})
    assert not mail.suppressed(box())
    assert "no such mailbox" not in client.get(path()).content.decode()
    assert AuditEntry.objects.get(action="try_mailbox_again").actor is None


# --- The link ----------------------------------------------------------------------------------------
def test_a_new_link_goes_to_the_mailbox_and_the_old_one_opens_nothing(client):
    old = path()
    answer = client.post(old, {"act": "renew"})
    assert answer["Location"] == "/mine/?sent=1"
    new = path()
    assert new != old
    assert client.get(old).status_code == 404
    assert client.get(new).status_code == 200
    (sent,) = deliver_mail()
    assert sent.to == [READER]
    assert links.site_url(new) in links_in(sent)
    assert new.split("/")[2] not in client.get(answer["Location"]).content.decode()


@pytest.mark.parametrize("before", ["", "/es"])
def test_it_is_mailed_with_one_s_links(client, before):
    make_rsvp(make_event(), email=READER, confirmed=True)
    Message.objects.all().delete()
    client.post(f"{before}/mine/", posted_form(email=READER))
    (sent,) = deliver_mail()
    where = links.site_url(before + path())
    assert where in links_in(sent)
    assert where in sent.alternatives[0][0]


def test_it_is_in_no_mail_that_is_passed_on(time_machine):
    # In the afternoon: the first instant of one in the morning is that of who waits.
    afternoon = (timezone.now() + timedelta(days=14)).replace(hour=21)
    event = make_event(capacity=1, start=afternoon)
    user = make_user(READER)
    committee = make_committee()
    make_member(committee, user)
    parties = [make_rsvp(event, email=READER, confirmed=True), make_rsvp(event, confirmed=True)]
    rsvps.cancel(parties[1].pk, at=timezone.now())
    event_actions.postpone_event(event, by=None, at=timezone.now())
    event_actions.restore_event(event, by=None, at=timezone.now())
    sent = deliver_mail()
    day_before, _kind = reminders.instants(slot_of(event).start, event.zone)[0]
    time_machine.move_to(day_before)
    sent += deliver_mail()
    assert "List-Unsubscribe" in sent[-1].extra_headers
    secrets = [mailbox.token for mailbox in Mailbox.objects.all()]
    for one in sent:
        assert not [token for token in secrets if token in one.message().as_string().replace("=\n", "")]
        assert "/mail/" not in one.body


def test_a_stopped_mail_s_page_mails_the_link_and_never_shows_it(client):
    party = make_rsvp(make_event(), email=READER, confirmed=True)
    Message.objects.all().delete()
    where = f"/unsubscribe/{party.mail_token}/"
    assert box().token not in client.get(where).content.decode()
    for _time in range(3):
        answer = client.post(where, {"act": "everything"})
        assert (answer.status_code, answer["Location"]) == (302, f"{where}?sent=1")
        page = client.get(answer["Location"]).content.decode()
        assert "is on its way" in page
        assert box().token not in page
    (sent,) = deliver_mail()  # the contact flow's limit
    assert sent.to == [READER]
    assert links.site_url(path()) in links_in(sent)
    assert Rsvp.objects.get().reminders_stopped_at is None


def test_so_does_the_page_of_stopped_announcements(client):
    member = make_member(make_committee(), make_user(READER))
    Message.objects.all().delete()
    where = f"/unsubscribe/{member.mail_token}/"
    assert "Mail me that link" in client.get(where).content.decode()
    client.post(where, {"act": "everything"})
    (sent,) = deliver_mail()
    assert sent.to == [READER]
    assert links.site_url(path()) in links_in(sent)


@pytest.mark.parametrize("token", ["", "x", "a" * 32, "%00"])
def test_a_link_that_opens_nothing_says_how_to_get_one(client, token):
    answer = client.get(f"/mail/{token or 'none'}/")
    assert answer.status_code == 404
    assert "Mail me a new one" in answer.content.decode()


def test_links_of_other_kinds_open_nothing_here(client):
    party = make_rsvp(make_event(), email=READER, confirmed=True)
    mailbox = party.mailbox
    for kind, pk in (("mail", party.pk), ("rsvp-mail", mailbox.pk), ("confirm", mailbox.pk)):
        assert client.get(f"/mail/{links.token(kind, pk)}/").status_code == 404
    for text in (str(mailbox.pk), party.mail_token, mailbox.token[:-1], links.token("mail", mailbox.pk, 1)):
        assert client.get(f"/mail/{text}/").status_code == 404


# --- One's own page ----------------------------------------------------------------------------------
def test_a_member_chooses_without_the_link():
    user = make_user(READER)
    member = make_member(make_committee(), user)
    client = Client()
    client.force_login(user)
    assert "/me/mail/" in client.get("/me/").content.decode()
    save(client, "/me/mail/", **{f"announcements:{member.pk}": True})
    assert Membership.objects.get().takes_mail is True
    page = client.get("/me/mail/").content.decode()
    assert links.site_url(path()) in page
    client.post("/me/mail/", {"act": "renew"})
    assert links.site_url(path()) in client.get("/me/mail/").content.decode()
    assert path() not in page


def test_a_member_without_a_mailbox_yet_can_block():
    """Looking makes none."""
    user = make_user(READER)
    client = Client()
    client.force_login(user)
    assert client.get("/me/mail/").status_code == 200
    assert client.post("/me/mail/", {"act": "renew"}).status_code == 422
    client.post("/me/mail/", {"act": "block"})
    assert not Mailbox.objects.exists()
    assert mail.blocked(box())


def test_an_account_that_is_shut_has_no_committees_here(client):
    user = make_user(READER)
    make_member(make_committee(), user)
    user.is_active = False
    user.save()
    assert reader_of_link(box()).account is None
    assert shown(client.get(path())) == {}


# --- Rows from before --------------------------------------------------------------------------------
@pytest.mark.django_db(transaction=True)
@pytest.mark.alone
def test_mailboxes_from_before_get_their_link():
    graph = MigrationExecutor(connection).loader.graph
    (after,) = [node for node in graph.nodes if node[1].endswith("_link_of_mail_choices")]
    before = [parent.key for parent in graph.node_map[after].parents]
    try:
        MigrationExecutor(connection).migrate(before)
        old = MigrationExecutor(connection).loader.project_state(before).apps.get_model("hub", "Mailbox")
        made = [
            old.objects.create(
                address="", address_digest=bytes([n]), bucket_digest=bytes([n]), created_at=timezone.now()
            )
            for n in range(3)
        ]
    finally:
        MigrationExecutor(connection).migrate(graph.leaf_nodes())
    for mailbox in Mailbox.objects.filter(pk__in=[one.pk for one in made]):
        assert bytes(mailbox.link_hash) == links.token_hash(mailbox.token)
    assert Mailbox.objects.count() == 3


def test_a_new_mailbox_has_its_link_at_once():
    mailbox = actions.mailbox_for(READER, at=timezone.now())
    assert bytes(Mailbox.objects.get().link_hash) == links.token_hash(mailbox.token)


def test_the_link_in_the_old_mailbox_dies_when_the_account_s_address_changes(client):
    old = path()
    accounts.follow_address(READER, "new@example.org", at=timezone.now())
    assert client.get(old).status_code == 404
    assert client.get(path(Mailbox.objects.get())).status_code == 200
