"""The demo's mailbox: both forms of a mail, and of its HTML as much as a page may show."""

import pytest
from django.core.mail import EmailMultiAlternatives

from hub import dev_mail
from tests.factories import deliver_mail, make_event, make_rsvp

pytestmark = pytest.mark.django_db


@pytest.fixture
def folder(settings, tmp_path):
    settings.DEMO_MAIL_DIR = tmp_path
    return tmp_path


def test_a_mail_is_shown_in_both_forms(folder, visitor):
    party = make_rsvp(make_event(title="Rally & march", capacity=5), email="reader@example.org")
    dev_mail.FolderBackend().send_messages(deliver_mail())
    (mail,) = dev_mail.newest(folder)
    listed = visitor.get("/dev/mail/").content.decode()
    assert f'<a href="/dev/mail/{mail.name}/">Please confirm: Rally &amp; march</a>' in listed
    assert "<table" not in listed
    shown = visitor.get(f"/dev/mail/{mail.name}/").content.decode()
    assert "Was that you? Then open this page and press its button:" in shown
    assert '<td bgcolor="#b00e1b"><a href="http://localhost:8000/confirm/' in shown
    assert f"/rsvp/{party.mail_token}/" in shown
    assert "&lt;td bgcolor=" in shown  # its source


def test_html_that_does_things_is_not_run(folder, visitor):
    email = EmailMultiAlternatives("Subject", "Text", "hub@example.org", ["reader@example.org"])
    email.attach_alternative(
        '<script>alert(1)</script><p onclick="x()" style="color:red">Words<img src="https://x.example/y">'
        '<a href="javascript:x()">link</a></p><iframe src="https://x.example/"></iframe>',
        "text/html",
    )
    dev_mail.FolderBackend().send_messages([email])
    (mail,) = dev_mail.newest(folder)
    assert mail.shown_html == '<p>Words<a rel="noopener noreferrer">link</a></p>'
    assert b"<img" not in visitor.get(f"/dev/mail/{mail.name}/").content
