"""What moderators do about a line in the list of signers that shouldn't stand, and what its signer finds."""

import pytest
from django.utils import timezone

from campaigns.actions import signatures
from campaigns.models import Signature
from hub import links
from hub.models import AuditEntry, Review
from tests.campaigns.signing import counts, make_appeal, make_signature
from tests.factories import deliver_mail, make_moderator, make_user

pytestmark = pytest.mark.django_db
READER = "reader@example.org"


def take_off(signature: Signature) -> Signature:
    signatures.take_off_line(signature.pk, by=make_moderator(), at=timezone.now())
    return Signature.objects.get(pk=signature.pk)


def test_a_moderator_takes_a_line_off_where_it_stands(moderator, admin, visitor):
    appeal = make_appeal()
    other = make_signature(appeal, confirmed=True, shown="name", signed_as="Olga")
    for number, client in enumerate((moderator, admin)):
        signature = make_signature(
            appeal, email=f"{number}@example.org", confirmed=True, shown="name", signed_as="The Boss"
        )
        path = f"/appeals/{appeal.slug}/names/"
        assert "The Boss" in client.get(path).content.decode()
        answer = client.post(path, {"line": str(signature.pk)}, follow=True)
        assert "The line is taken off." in answer.content.decode()
        page = visitor.get(path).content.decode()
        assert "The Boss" not in page
        assert "Olga" in page
        signature.refresh_from_db()
        assert (signature.shown, signature.signed_as) == ("counted", "")
    assert counts(appeal) == {1: 3}
    assert Signature.objects.get(pk=other.pk).signed_as == "Olga"
    entries = AuditEntry.objects.filter(action="take_off_line")
    assert {(entry.object_id, entry.actor) for entry in entries} == {
        (appeal.pk, moderator.user),
        (appeal.pk, admin.user),
    }


def test_nobody_else_can(visitor, member, coordinator):
    appeal = make_appeal()
    signature = make_signature(appeal, confirmed=True, shown="name", signed_as="Rosa")
    path = f"/appeals/{appeal.slug}/names/"
    for client in (visitor, member, coordinator):
        assert "Take this line off" not in client.get(path).content.decode()
        assert client.post(path, {"line": str(signature.pk)}).status_code == 403
    assert Signature.objects.get().signed_as == "Rosa"


@pytest.mark.parametrize("line", ["", "1", "not a key", "00000000-0000-4000-8000-000000000000"])
def test_a_line_that_is_none_is_missing(moderator, line):
    appeal = make_appeal()
    signature = make_signature(make_appeal(), confirmed=True, shown="name", signed_as="Rosa")
    for key in (line, str(signature.pk)):  # and of another document
        assert moderator.post(f"/appeals/{appeal.slug}/names/", {"line": key}).status_code == 404
    assert Signature.objects.get().signed_as == "Rosa"


def test_the_signer_is_told_and_only_counted_from_then_on(client, sink):
    signature = make_signature(
        make_appeal(), email=READER, confirmed=True, shown="name", signed_as="The Boss"
    )
    deliver_mail()
    sink.clear()
    signature = take_off(signature)
    deliver_mail()
    (mail,) = sink.messages()
    assert mail.recipients == [READER]
    assert mail.email["Subject"] == "Only counted now: Call for a labor party"
    assert links.url("signature", signature.mail_token) in mail.email.get_body(("plain",)).get_content()
    assert "Boss" not in str(mail.email)
    path = f"/t/{signature.mail_token}/"
    page = client.get(path).content.decode()
    assert "A moderator took off what was shown of you." in page
    assert 'id="change"' not in page
    client.post(path, {"act": "change", "shown": "name", "name": "The Boss"})
    make_signature(signature.appeal, email=READER, confirmed=True, shown="name", signed_as="The Boss")
    signature.refresh_from_db()
    assert (signature.shown, signature.signed_as) == ("counted", "")
    client.post(path, {"act": "withdraw"})
    assert not Signature.objects.exists()


def test_a_line_that_waits_for_its_look_goes_with_it():
    signature = make_signature(
        make_appeal(), member=make_user(), shown="identification", signed_as="Rosa\nsteward\nLocal 12"
    )
    assert Review.objects.filter(decision="").exists()
    take_off(signature)
    assert not Review.objects.filter(decision="").exists()


def test_what_is_only_counted_or_gone_stays_as_it_is():
    counted = make_signature(make_appeal(), confirmed=True)
    assert take_off(counted).taken_off_at is None
    signatures.withdraw(counted.pk, at=timezone.now())
    signatures.take_off_line(counted.pk, by=make_moderator(), at=timezone.now())
    assert not AuditEntry.objects.filter(action="take_off_line").exists()
