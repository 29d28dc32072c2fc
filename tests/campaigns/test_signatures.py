"""Signing: what counts, under which version, and that nothing is left of what was taken back."""

from datetime import timedelta

import pytest
from django.utils import timezone, translation

from campaigns.actions import appeals, signatures
from campaigns.actions.asking import ask_signers
from campaigns.actions.signatures import SignRefused
from campaigns.models import AppealVersion, Signature
from hub import accounts, links, moderation
from hub.models import AuditEntry, Block, Mailbox, Message, Review
from hub.personal import purge_all, purge_ground
from tests.campaigns.signing import counts, make_appeal, make_signature, press_button, rewrite
from tests.factories import deliver_mail, make_moderator, make_user

pytestmark = pytest.mark.django_db


# --- Signing and confirming ----------------------------------------------------------------------
def test_it_counts_when_its_mailbox_is_confirmed():
    appeal = make_appeal()
    signature = make_signature(appeal)
    assert counts(appeal) == {1: 0}
    assert press_button(signature).pk == signature.pk
    assert counts(appeal) == {1: 1}


def test_the_code_counts_it_too():
    appeal = make_appeal()
    press_button(make_signature(appeal), by_code=True)
    assert counts(appeal) == {1: 1}


def test_a_remembered_phone_and_a_member_count_at_once():
    appeal = make_appeal()
    mailbox = make_signature(make_appeal(), email="rosa@example.org", confirmed=True).mailbox
    make_signature(appeal, email="rosa@example.org", remembered=mailbox)
    make_signature(appeal, member=make_user())
    assert counts(appeal) == {1: 2}


def test_somebody_elses_remembered_phone_does_not():
    appeal = make_appeal()
    mailbox = make_signature(make_appeal(), email="rosa@example.org", confirmed=True).mailbox
    make_signature(appeal, email="clara@example.org", remembered=mailbox)
    assert counts(appeal) == {1: 0}


def test_signing_twice_is_one_signature_that_says_what_was_said_last():
    appeal = make_appeal()
    first = make_signature(appeal, email="rosa@example.org", confirmed=True)
    second = make_signature(appeal, email="ROSA@example.org", shown="name", signed_as="Rosa L.")
    assert press_button(second).pk == first.pk
    first.refresh_from_db()
    assert (first.shown, first.signed_as) == ("name", "Rosa L.")
    assert counts(appeal) == {1: 1}
    assert Signature.objects.count() == 1


def test_the_links_of_a_merged_one_lead_to_the_first():
    appeal = make_appeal()
    first = make_signature(appeal, email="rosa@example.org", confirmed=True)
    second = make_signature(appeal, email="rosa@example.org")
    press_button(second)
    proves = dict(first.merged_links.values_list("token_hash", "proves"))
    assert {bytes(key): value for key, value in proves.items()} == {
        links.token_hash(second.mail_token): True,
        links.token_hash(second.token): False,
    }
    assert signatures.confirm(second.pk, timezone.now()).pk == first.pk


def test_what_was_never_confirmed_gives_way_to_what_is():
    appeal = make_appeal()
    earlier = make_signature(appeal, email="rosa@example.org", shown="name", signed_as="Rosa L.")
    later = make_signature(appeal, email="rosa@example.org")
    assert press_button(later).pk == later.pk
    assert not Signature.objects.filter(pk=earlier.pk).exists()
    assert counts(appeal) == {1: 1}


def test_the_same_form_signs_once():
    appeal = make_appeal()
    version = appeals.current(appeal)
    said = {"shown": "counted", "signed_as": "", "email": "rosa@example.org", "language": "en"}
    one, two = (
        signatures.sign(version.pk, form_token="one form", **said, at=timezone.now()) for _time in range(2)
    )
    assert one.pk == two.pk
    assert Signature.objects.count() == 1


@pytest.mark.parametrize(
    ("act", "reason"),
    [(appeals.unpublish_appeal, "unpublished"), (appeals.close_appeal, "closed")],
)
def test_what_takes_no_signatures_refuses(act, reason):
    appeal = make_appeal()
    waiting = make_signature(appeal)
    act(appeal, by=None, at=timezone.now())
    with pytest.raises(SignRefused) as refused:
        make_signature(appeal)
    assert refused.value.reason == reason
    assert signatures.confirm(waiting.pk, timezone.now()).confirmed_at is None
    assert counts(appeal) == {1: 0}


def test_what_is_not_for_signing_refuses():
    with pytest.raises(SignRefused) as refused:
        make_signature(make_appeal(signable=False))
    assert refused.value.reason == "unsignable"
    assert not Mailbox.objects.exists()


# --- Versions ------------------------------------------------------------------------------------
def test_it_stands_under_the_version_that_was_read():
    appeal = make_appeal()
    first = appeals.current(appeal)
    rewrite(appeal, "Spelling.", substantial=False)
    make_signature(appeal, version=first, confirmed=True)
    make_signature(appeal, confirmed=True)
    assert counts(appeal) == {1: 1, 2: 1}


def test_a_text_that_says_something_else_by_now_is_read_again():
    appeal = make_appeal()
    first = appeals.current(appeal)
    rewrite(appeal, "Something else.")
    rewrite(appeal, "Spelling.", substantial=False)
    with pytest.raises(SignRefused) as refused:
        make_signature(appeal, version=first)
    assert refused.value.reason == "newer"


@pytest.mark.parametrize("kinds", ["", "s", "c", "sc", "cs", "cc"])
def test_whether_there_is_a_newer_text_is_one_rule(kinds):
    """s: it says something else; c: small corrections."""
    appeal = make_appeal()
    first = appeals.current(appeal)
    for number, kind in enumerate(kinds):
        rewrite(appeal, f"Text {number}", substantial=kind == "s")
    for version in (first, appeals.current(appeal)):
        (read,) = signatures._TO_SIGN.rows(pk=version.pk)
        assert read.overtaken == (signatures.newer_than(version) is not None)


def test_whoever_counts_at_once_looks_again_under_the_lock(monkeypatch):
    """A version that was published while the lock was waited for."""
    appeal, lock = make_appeal(), appeals.lock
    first = appeals.current(appeal)

    def locked_late(pk):
        monkeypatch.setattr(appeals, "lock", lock)
        rewrite(appeal, "Something else.")
        return lock(pk)

    monkeypatch.setattr(appeals, "lock", locked_late)
    with pytest.raises(SignRefused) as refused:
        make_signature(appeal, version=first, member=make_user())
    assert refused.value.reason == "newer"
    assert not Signature.objects.exists()


def test_signing_the_newer_text_moves_the_signature_and_the_counts():
    appeal = make_appeal()
    mine = make_signature(appeal, confirmed=True)
    make_signature(appeal, confirmed=True)
    rewrite(appeal, "Something else.")
    signatures.sign_newer(mine.pk, seen=2, at=timezone.now())
    assert counts(appeal) == {1: 1, 2: 1}
    signatures.sign_newer(mine.pk, seen=2, at=timezone.now())  # pressed twice
    assert counts(appeal) == {1: 1, 2: 1}


def test_the_newer_text_is_the_one_that_was_read():
    appeal = make_appeal()
    mine = make_signature(appeal, confirmed=True)
    rewrite(appeal, "Something else.")
    rewrite(appeal, "And something else again.")
    with pytest.raises(SignRefused) as refused:
        signatures.sign_newer(mine.pk, seen=2, at=timezone.now())
    assert refused.value.reason == "newer"
    assert counts(appeal) == {1: 1, 2: 0, 3: 0}


def test_signing_again_after_a_change_moves_it_too():
    appeal = make_appeal()
    make_signature(appeal, email="rosa@example.org", confirmed=True)
    rewrite(appeal, "Something else.")
    make_signature(appeal, email="rosa@example.org", confirmed=True)
    assert counts(appeal) == {1: 0, 2: 1}


def test_a_substantial_change_asks_each_signer_once():
    appeal = make_appeal()
    mine = make_signature(appeal, email="rosa@example.org", confirmed=True)
    deliver_mail()
    version = rewrite(appeal, "Something else.")
    (mail,) = deliver_mail()
    assert mail.to == ["rosa@example.org"]
    assert links.url("signature", mine.mail_token) in mail.body
    assert deliver_mail() == []
    rewrite(appeal, "Spelling.", substantial=False)
    assert deliver_mail() == []
    version.refresh_from_db()
    assert version.asked_at is not None


def test_who_confirms_an_old_text_later_is_asked_too():
    appeal = make_appeal()
    signature = make_signature(appeal, email="rosa@example.org")
    deliver_mail()
    rewrite(appeal, "Something else.")
    deliver_mail()
    press_button(signature)
    (mail,) = deliver_mail()
    assert "something else" in mail.body


def test_who_confirms_late_is_asked_once_about_the_newest_text_of_several():
    appeal = make_appeal()
    signature = make_signature(appeal)
    deliver_mail()
    for body in ("Something else.", "Something else again."):
        rewrite(appeal, body)
        deliver_mail()
    press_button(signature)
    assert len(deliver_mail()) == 1
    assert deliver_mail() == []


def test_of_two_newer_texts_at_once_the_newest_is_asked_about_alone():
    appeal = make_appeal()
    make_signature(appeal, confirmed=True)
    deliver_mail()
    rewrite(appeal, "Something else.")
    rewrite(appeal, "Something else again.")
    assert len(deliver_mail()) == 1
    assert not AppealVersion.objects.filter(number__gt=1, asked_at=None).exists()


def test_who_confirms_when_the_mail_to_the_others_is_forgotten_is_asked_alone(monkeypatch):
    monkeypatch.setattr("campaigns.actions.asking.AT_ONCE", 2)
    appeal = make_appeal()
    *others, late = sorted((make_signature(appeal) for _number in range(6)), key=lambda one: one.pk)
    for signature in others:
        press_button(signature)
    rewrite(appeal, "Something else.")
    for _tick in range(4):
        deliver_mail()
    forget_mail()
    press_button(late)
    (mail,) = deliver_mail()
    assert mail.to == [late.mailbox.address]
    assert Message.objects.filter(kind="campaigns.newer").count() == 6


def test_asking_goes_on_after_the_first_mail_is_forgotten(monkeypatch):
    """As where a document was off the site for days while its signers were being asked."""
    monkeypatch.setattr("campaigns.actions.asking.AT_ONCE", 2)
    appeal = make_appeal()
    for _number in range(5):
        make_signature(appeal, confirmed=True)
    version = rewrite(appeal, "Something else.")
    deliver_mail()
    forget_mail()
    for _tick in range(4):
        deliver_mail()
    version.refresh_from_db()
    assert version.asked_at is not None
    assert Message.objects.filter(kind="campaigns.newer").count() == 5


def forget_mail() -> None:
    """Two days pass for what was mailed."""
    Message.objects.update(state_at=timezone.now() - timedelta(days=3))
    purge_ground(timezone.now())
    assert not Message.objects.filter(about_id__isnull=False, state="sent").exists()


def test_who_has_signed_the_new_text_is_not_asked():
    appeal = make_appeal()
    mine = make_signature(appeal, confirmed=True)
    deliver_mail()
    rewrite(appeal, "Something else.")
    ask_signers(timezone.now())
    signatures.sign_newer(mine.pk, seen=2, at=timezone.now())
    assert deliver_mail() == []


def test_many_are_asked_in_parts(monkeypatch):
    monkeypatch.setattr("campaigns.actions.asking.AT_ONCE", 2)
    appeal = make_appeal()
    for _number in range(5):
        make_signature(appeal, confirmed=True)
    version = rewrite(appeal, "Something else.")
    asked = Message.objects.filter(kind="campaigns.newer")
    for expected, done in [(2, False), (4, False), (5, True), (5, True)]:
        ask_signers(timezone.now())
        version.refresh_from_db()
        assert (asked.count(), version.asked_at is not None) == (expected, done)


def test_nobody_is_asked_by_what_is_off_the_site_or_closed():
    appeal = make_appeal()
    make_signature(appeal, confirmed=True)
    rewrite(appeal, "Something else.")
    appeals.unpublish_appeal(appeal, by=None, at=timezone.now())
    ask_signers(timezone.now())
    assert not Message.objects.filter(kind="campaigns.newer").exists()


# --- What is shown -------------------------------------------------------------------------------
def test_what_a_signer_shows_can_be_changed():
    appeal = make_appeal()
    signature = make_signature(appeal, confirmed=True, shown="name", signed_as="Rosa L.")
    signatures.change(signature.pk, shown="counted", signed_as="", at=timezone.now())
    signature.refresh_from_db()
    assert signature.lines == []
    assert bytes(signature.__dict__["signed_as"] or b"") == b""  # what isn't shown isn't kept
    assert not Signature.objects.shown().exists()


def test_initials_stand_with_the_place():
    appeal = make_appeal()
    city = make_signature(appeal, shown="initials", signed_as="M. G.\nOakland\nCA\nUS")
    state = make_signature(appeal, shown="initials", signed_as="M. G.\n\nCA\nUS")
    abroad = make_signature(appeal, shown="initials", signed_as="M. G.\n\n\nGR")
    assert [one.lines for one in (city, state, abroad)] == [
        ["M. G.", "Oakland, CA"],
        ["M. G.", "CA"],
        ["M. G.", "Greece"],
    ]


def identified(appeal, **fields):
    line = "Rosa L.\nshop steward\nLocal 12"
    return make_signature(appeal, shown="identification", signed_as=line, confirmed=True, **fields)


def test_the_place_stands_in_the_reader_s_language():
    signature = make_signature(make_appeal(), shown="initials", signed_as="M. G.\nMexico City\n\nMX")
    assert signature.lines == ["M. G.", "Mexico City, Mexico"]
    with translation.override("es"):
        assert signature.lines == ["M. G.", "Ciudad de México, México"]


def test_for_identification_only_waits_for_a_moderator():
    signature = identified(make_appeal())
    assert signature.lines == ["Rosa L."]
    review = Review.objects.get()
    moderation.publish(review, by=make_user(), at=timezone.now())
    signature.refresh_from_db()
    assert signature.lines == ["Rosa L.", "shop steward", "Local 12"]
    mail = deliver_mail()[-1]
    assert mail.subject == "Your line under “Call for a labor party” is shown now"
    assert "your name, role and organization stand among those who have signed" in mail.body
    assert ">My signature</a>" in mail.alternatives[0].content


def test_refused_it_keeps_the_name_and_forgets_the_rest():
    appeal = make_appeal()
    signature = identified(appeal)
    moderation.reject(Review.objects.get(), reason="No such local.", by=make_user(), at=timezone.now())
    signature.refresh_from_db()
    assert (signature.shown, signature.signed_as) == ("name", "Rosa L.")
    assert counts(appeal) == {1: 1}


def test_a_signature_earns_no_trust():
    signature = identified(make_appeal())
    moderation.publish_and_trust(Review.objects.get(), by=make_user(), at=timezone.now())
    signature.refresh_from_db()
    assert signature.looked_at
    assert not moderation.is_trusted(signature.mailbox)


def test_a_changed_line_is_looked_at_anew():
    signature = identified(make_appeal())
    moderation.publish(Review.objects.get(), by=make_user(), at=timezone.now())
    signatures.change(
        signature.pk, shown="identification", signed_as="Rosa L.\nboss\nLocal 13", at=timezone.now()
    )
    signature.refresh_from_db()
    assert signature.lines == ["Rosa L."]
    assert Review.objects.waiting().count() == 1
    signatures.change(signature.pk, shown="counted", signed_as="", at=timezone.now())
    assert not Review.objects.waiting().exists()


def test_unconfirmed_nobody_is_asked_to_look():
    make_signature(make_appeal(), shown="identification", signed_as="Rosa L.\nsteward\nLocal 12")
    assert not Review.objects.exists()


# --- Taking it back ------------------------------------------------------------------------------
def test_taken_back_nothing_is_left_but_a_lower_count():
    appeal = make_appeal()
    signature = identified(appeal, email="rosa@example.org")
    make_signature(appeal, confirmed=True)
    signatures.withdraw(signature.pk, at=timezone.now())
    assert counts(appeal) == {1: 1}
    assert not Signature.objects.filter(pk=signature.pk).exists()
    assert not Mailbox.objects.filter(pk=signature.mailbox_id).exists()
    assert not Review.objects.waiting().exists()
    assert not Message.objects.filter(about_id=signature.pk).exists()
    entry = AuditEntry.objects.get(action="withdraw_signature")
    assert (entry.actor, entry.subject, entry.reason, entry.changes) == (None, None, "", {})
    signatures.withdraw(signature.pk, at=timezone.now())  # pressed twice
    assert counts(appeal) == {1: 1}


def test_taken_back_what_a_moderator_wrote_about_it_is_gone_too():
    mine = make_signature(make_appeal(), confirmed=True, shown="identification", signed_as="R\nsteward\nUE")
    review = Review.objects.get()
    moderation.reject(review, reason="R is no steward.", by=make_moderator(), at=timezone.now())
    signatures.withdraw(mine.pk, at=timezone.now())
    review.refresh_from_db()
    assert review.reason == ""


def test_taken_back_before_it_was_confirmed():
    appeal = make_appeal()
    signature = make_signature(appeal)
    signatures.withdraw(signature.pk, never_write=True, at=timezone.now())
    assert counts(appeal) == {1: 0}
    assert not Block.objects.exists()  # nobody has proven that the address is theirs


def test_never_write_again_is_kept():
    signature = make_signature(make_appeal(), confirmed=True)
    signatures.withdraw(signature.pk, never_write=True, at=timezone.now())
    assert Block.objects.count() == 1


# --- How long it is kept -------------------------------------------------------------------------
def test_unconfirmed_it_is_gone_after_a_day():
    at = timezone.now()
    make_signature(make_appeal(), at=at)
    purge_all(at + timedelta(hours=24) - timedelta(seconds=1))
    assert Signature.objects.count() == 1
    purge_all(at + timedelta(hours=24))
    assert not Signature.objects.exists()
    assert not Mailbox.objects.exists()


def test_a_month_after_closing_only_what_is_shown_stays():
    at = timezone.now()
    appeal, kept_open = make_appeal(), make_appeal()
    signature = make_signature(appeal, confirmed=True, shown="name", signed_as="Rosa L.", at=at)
    make_signature(kept_open, confirmed=True, at=at)
    appeals.close_appeal(appeal, by=None, at=at)
    purge_all(at + timedelta(days=30) - timedelta(seconds=1))
    assert Signature.objects.get(pk=signature.pk).mailbox is not None
    purge_all(at + timedelta(days=30))
    signature.refresh_from_db()
    assert (signature.mailbox, signature.lines) == (None, ["Rosa L."])
    assert Mailbox.objects.count() == 1
    assert counts(appeal) == {1: 1}


@pytest.mark.parametrize("decided", [True, False])
def test_a_month_after_closing_the_queue_knows_no_address_either(decided):
    at = timezone.now()
    appeal = make_appeal()
    mine = make_signature(appeal, confirmed=True, shown="identification", signed_as="R\nsteward\nUE", at=at)
    appeals.close_appeal(appeal, by=None, at=at)
    deliver_mail()
    moderator = make_moderator()
    review = Review.objects.get(object_id=mine.pk)
    if decided:
        moderation.publish(review, by=moderator, at=at + timedelta(days=29))
    deliver_mail()
    purge_all(at + timedelta(days=30))
    review.refresh_from_db()
    assert (review.mailbox, review.submitter) == (None, None)
    assert not Mailbox.objects.exists()
    if not decided:
        moderation.publish(review, by=moderator, at=at + timedelta(days=31))
    mine.refresh_from_db()
    assert mine.lines == ["R", "steward", "UE"]


def test_erasing_the_account_takes_its_signatures_back():
    appeal, user = make_appeal(), make_user()
    make_signature(appeal, member=user)
    accounts.erase_account(user, at=timezone.now())
    assert counts(appeal) == {1: 0}
    assert not Mailbox.objects.exists()


def test_versions_agree_with_their_rows():
    """`counts` itself must fail when a counter is wrong."""
    appeal = make_appeal()
    AppealVersion.objects.filter(appeal=appeal).update(signed=3)
    with pytest.raises(AssertionError):
        counts(appeal)
