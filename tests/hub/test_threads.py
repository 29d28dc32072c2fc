"""Questions and answers on the web: who reads what, who is told, when it goes."""

import re
from datetime import timedelta

import pytest
from django.contrib.auth.models import Group
from django.test import Client
from django.utils import timezone

from committees.actions import members
from hub import actions, links, threads
from hub.models import Confirmation, Mailbox, Message, SubmittedForm, Thread, ThreadPost
from hub.permissions import MODERATORS
from hub.personal import purge_all
from hub.threads import ThreadRefused
from tests.cast import logged_in
from tests.factories import (
    deliver_mail,
    make_admin,
    make_committee,
    make_event,
    make_member,
    make_thread,
    make_user,
    new_address,
    posted_form,
)

pytestmark = pytest.mark.django_db
SECRET = "the quartz words nobody else may read"


def make_moderator():
    user = make_user(new_address())
    user.groups.add(Group.objects.get_or_create(name=MODERATORS)[0])
    return user


def hosted_event(address="host@example.org"):
    event = make_event(title="Picket at the gate")
    event.host = actions.mailbox_for(address, at=timezone.now())
    event.save(update_fields=["host"])
    return event


def send(path, client=None, **fields):
    return (client or Client()).post(path, posted_form(**fields))


def page(token, client=None):
    return (client or Client()).get(f"/threads/{token}/")


# --- Asking ----------------------------------------------------------------------------------------
def test_nobody_is_told_before_the_mailbox_is_proven():
    event = hosted_event()
    answer = send(f"/events/{event.slug}/ask/", text=SECRET, email="ana@example.org")
    thread = Thread.objects.get()
    assert (answer.status_code, answer["Location"]) == (302, f"/threads/{thread.browser_token}/")
    (mail,) = deliver_mail()
    assert mail.to == ["ana@example.org"]
    assert SECRET not in mail.body + str(mail.alternatives)
    assert page(thread.answerer_token).status_code == 404
    assert "Nobody has seen your question yet" in page(thread.browser_token).content.decode()


def test_the_code_opens_it_and_the_host_is_told_where_to_read():
    event = hosted_event()
    send(f"/events/{event.slug}/ask/", text=SECRET, email="ana@example.org")
    thread = Thread.objects.get()
    code = links.code("confirm", Confirmation.objects.get().pk)
    answer = Client().post(f"/threads/{thread.browser_token}/", {"act": "code", "code": code})
    assert answer["Location"] == f"/threads/{thread.asker_token}/"
    mails = [mail for mail in deliver_mail() if mail.to == ["host@example.org"]]
    assert len(mails) == 1
    assert SECRET not in mails[0].body
    assert "Picket at the gate" in mails[0].body
    assert f"/threads/{thread.answerer_token}/" in mails[0].body
    read = page(thread.answerer_token).content.decode()
    assert SECRET in read
    assert "ana@example.org" not in read


def test_typing_somebody_s_address_does_not_open_their_thread():
    thread = make_thread(hosted_event(), text=SECRET)
    spent = page(thread.browser_token).content.decode()
    assert SECRET not in spent
    assert "Use the link in the mail" in spent


@pytest.mark.parametrize("code", ["000000", "12", ""])
def test_a_wrong_code_is_told_and_opens_nothing(code):
    thread = make_thread(hosted_event(), opened=False)
    right = links.code("confirm", Confirmation.objects.get().pk)
    if code == right:
        code = "000001"
    answer = Client().post(f"/threads/{thread.browser_token}/", {"act": "code", "code": code})
    assert answer.status_code == 422
    thread.refresh_from_db()
    assert thread.opened_at is None


def test_an_account_asks_without_an_address_and_is_believed():
    user = make_user("mel@example.org")
    event = hosted_event()
    answer = send(f"/events/{event.slug}/ask/", logged_in(user), text=SECRET)
    thread = Thread.objects.get()
    assert answer["Location"] == f"/threads/{thread.asker_token}/"
    assert thread.opened_at
    assert thread.asker.address == "mel@example.org"
    assert [mail.to for mail in deliver_mail()] == [["host@example.org"]]


def test_a_form_sent_twice_asks_once():
    event = hosted_event()
    fields = posted_form(text="Parking?", email="ana@example.org")
    first, second = (Client().post(f"/events/{event.slug}/ask/", fields) for _ in range(2))
    assert first["Location"] == second["Location"]
    assert Thread.objects.count() == ThreadPost.objects.count() == 1


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"text": "", "email": "ana@example.org"}, "Write what you want to say."),
        ({"text": "Parking?", "email": ""}, "Write your e-mail address"),
        ({"text": "x" * 2001, "email": "ana@example.org"}, "2000"),
    ],
)
def test_bad_input_is_told_and_kept(fields, sentence):
    event = hosted_event()
    answer = send(f"/events/{event.slug}/ask/", **fields)
    assert answer.status_code == 422
    body = answer.content.decode()
    assert sentence in body
    assert fields["email"] in body
    assert not Thread.objects.exists()
    assert not SubmittedForm.objects.exists()


def test_known_and_unknown_addresses_get_the_same_answer():
    event = hosted_event()
    make_user("known@example.org")
    make_thread(event, email="asked.before@example.org")
    bodies = set()
    for address in ("known@example.org", "unknown@example.org", "asked.before@example.org"):
        answer = send(f"/events/{event.slug}/ask/", text="Parking?", email=address)
        body = page(answer["Location"].split("/")[2]).content.decode()
        body = re.sub(r'value="[^"]{20,}"|/threads/[^/]+/|datetime="[^"]+"|\d\d:\d\d UTC', "", body)
        bodies.add((answer.status_code, body))
    assert len(bodies) == 1


# --- Answering -------------------------------------------------------------------------------------
def test_the_host_answers_and_the_asker_is_told_to_look():
    thread = make_thread(hosted_event(), email="ana@example.org")
    deliver_mail()
    answer = send(f"/threads/{thread.answerer_token}/", act="say", text=SECRET)
    assert answer.status_code == 302
    (mail,) = deliver_mail()
    assert (mail.to, mail.subject) == (["ana@example.org"], "You have an answer")
    assert SECRET not in mail.body
    assert f"/threads/{thread.asker_token}/" in mail.body
    assert SECRET in page(thread.asker_token).content.decode()


def test_words_sent_twice_are_said_once():
    thread = make_thread(hosted_event())
    fields = posted_form(act="say", text="Yes, behind the hall.")
    for _ in range(2):
        assert Client().post(f"/threads/{thread.answerer_token}/", fields).status_code == 302
    assert thread.posts.count() == 2


def test_without_a_host_s_mailbox_the_moderators_answer():
    moderator, other = make_moderator(), make_user(new_address())
    thread = make_thread(make_event())
    told = {address for mail in deliver_mail() for address in mail.to}
    assert moderator.email in told
    assert page(thread.answerer_token).status_code == 302
    assert page(thread.answerer_token, logged_in(other)).status_code == 404
    client = logged_in(moderator)
    assert page(thread.answerer_token, client).status_code == 200
    moderator.groups.clear()  # a lost role is gone with the next request
    assert page(thread.answerer_token, client).status_code == 404
    assert send(f"/threads/{thread.answerer_token}/", client, act="say", text="x").status_code == 404
    assert thread.posts.count() == 1


def test_twenty_words_a_day_are_enough():
    thread, now = make_thread(hosted_event()), timezone.now()
    for n in range(threads.POSTS_A_DAY):
        threads.say(thread.pk, by_asker=False, text=str(n), form_token=f"form {n}", by=None, at=now)
    with pytest.raises(ThreadRefused):
        threads.say(thread.pk, by_asker=False, text="more", form_token="form more", by=None, at=now)
    answer = send(f"/threads/{thread.answerer_token}/", act="say", text="more and kept")
    assert answer.status_code == 422
    assert "That is enough for one day" in answer.content.decode()
    assert "more and kept" in answer.content.decode()


def test_markup_is_text():
    thread = make_thread(hosted_event(), text="<script>alert(1)</script>")
    assert "<script>alert" not in page(thread.answerer_token).content.decode()


def test_an_event_off_the_site_can_be_asked_nothing_more():
    event = hosted_event()
    thread = make_thread(event)
    event.status = "archived"
    event.save()
    assert send(f"/threads/{thread.asker_token}/", act="say", text="Hello?").status_code == 422
    assert "Nobody can be asked about this any more" in page(thread.asker_token).content.decode()


# --- Going -----------------------------------------------------------------------------------------
def test_erasing_takes_both_sides_words_and_the_mailbox():
    thread = make_thread(hosted_event(), email="ana@example.org", text=SECRET)
    answer = Client().post(f"/threads/{thread.asker_token}/", {"act": "erase"})
    assert answer["Location"] == "/mine/erased/"
    assert not Thread.objects.exists()
    assert not ThreadPost.objects.exists()
    assert [mailbox.address for mailbox in Mailbox.objects.all()] == ["host@example.org"]
    assert not Message.objects.exclude(about_id=None).exists()
    assert deliver_mail() == []


def test_the_host_can_t_erase_what_was_asked():
    thread = make_thread(hosted_event())
    Client().post(f"/threads/{thread.answerer_token}/", {"act": "erase"})
    assert Thread.objects.exists()


def test_it_goes_thirty_days_after_the_last_word(time_machine):
    now = timezone.now()
    time_machine.move_to(now, tick=False)
    thread, silent = make_thread(), make_thread()
    threads.say(silent.pk, by_asker=True, text="?", form_token="a form", by=None, at=now - timedelta(days=2))
    time_machine.shift(timedelta(days=29))
    purge_all(timezone.now())
    assert set(Thread.objects.all()) == {thread}
    time_machine.shift(timedelta(days=1))
    purge_all(timezone.now())
    assert not Thread.objects.exists()


def test_one_nobody_confirmed_is_wiped_after_a_day(time_machine):
    time_machine.move_to(timezone.now(), tick=False)
    make_thread(make_event(), opened=False)
    time_machine.shift(timedelta(hours=24))
    purge_all(timezone.now())
    assert not Thread.objects.exists()
    assert not Mailbox.objects.exists()


def test_administrators_are_told_where_no_moderator_is():
    admin = make_admin("ada@example.org")
    make_thread()
    assert admin.email in {address for mail in deliver_mail() for address in mail.to}


def test_whoever_answers_is_written_to_in_the_language_of_their_account():
    moderator = make_moderator()
    moderator.language = "es"
    moderator.save(update_fields=["language"])
    make_thread(make_event())  # asked in English
    (mail,) = [mail for mail in deliver_mail() if mail.to == [moderator.email]]
    assert mail.subject == "Alguien te pregunta algo"
    assert "/es/threads/" in mail.body


def test_the_asker_reads_that_it_was_sent_until_somebody_answers():
    thread = make_thread(hosted_event())
    assert "You get a mail when somebody answers" in page(thread.asker_token).content.decode()
    send(f"/threads/{thread.answerer_token}/", act="say", text="Yes.")
    assert "You get a mail when somebody answers" not in page(thread.asker_token).content.decode()


def test_a_form_sent_again_by_somebody_else_opens_nothing():
    event = hosted_event()
    form = posted_form(text=SECRET, email="ana@example.org")
    path = f"/events/{event.slug}/ask/"
    Client().post(path, form)
    thread = Thread.objects.get()
    threads.confirm(thread.pk, timezone.now())
    for client in (Client(), logged_in(make_user())):
        answer = client.post(path, form)
        assert answer["Location"] == f"/threads/{thread.browser_token}/"
        assert SECRET not in client.get(answer["Location"]).content.decode()
    ana = logged_in(make_user("ana@example.org"))
    assert ana.post(path, form)["Location"] == f"/threads/{thread.asker_token}/"


def test_accounts_read_questions_with_their_second_step_only(settings):
    thread, moderator = make_thread(make_event(), text=SECRET), make_moderator()
    settings.DEMO = False
    path = f"/threads/{thread.answerer_token}/"
    assert page(thread.answerer_token, logged_in(make_user())).status_code == 404
    for answer in (logged_in(moderator).get(path), send(path, logged_in(moderator), act="say", text="Yes")):
        assert (answer.status_code, answer["Location"]) == (302, f"/account/second/app/?next={path}")
    assert ThreadPost.objects.count() == 1


def said_to_asker(thread) -> str:
    """Everything the asker's links and mails say."""
    Client().post("/mine/", posted_form(email=thread.asker.address))
    mails = "".join(
        f"{mail.subject} {mail.body}" for mail in deliver_mail() if mail.to == [thread.asker.address]
    )
    confirming = Confirmation.objects.filter(mailbox=thread.asker)
    paths = [f"/confirm/{links.token('confirm', one.pk)}/" for one in confirming]
    paths += [f"/threads/{thread.asker_token}/", f"/threads/{thread.browser_token}/"]
    return mails + "".join(Client().get(path).content.decode() for path in paths)


@pytest.mark.parametrize("opened", [True, False])
def test_an_event_for_members_is_named_to_no_other_asker(opened):
    committee = make_committee(stage="active")
    member = make_member(committee)
    event = make_event(committee=committee, title="Quartz")
    asked = [make_thread(event, email=email, opened=opened) for email in ("", member.user.email)]
    event.visibility = "members"
    event.save()
    assert ["Quartz" in said_to_asker(thread) for thread in asked] == [False, True]
    members.leave(committee, member.user, at=timezone.now())
    assert "Quartz" not in page(asked[1].asker_token).content.decode()
    if opened:
        answer = send(f"/threads/{asked[1].asker_token}/", act="say", text="And now?")
        assert answer.status_code == 422
        coordinator = committee.memberships.get(role="coordinator").user
        assert "Quartz" in page(asked[1].answerer_token, logged_in(coordinator)).content.decode()
