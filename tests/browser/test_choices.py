"""Choosing what one is mailed, on a phone: from the mail with one's links, and from a reminder's page."""

import pytest
from playwright.sync_api import expect

from committees.models import Membership
from events.models import Rsvp
from hub.models import Block
from tests import services
from tests.browser.acts import MAIL_WITHIN, link_in, text_of
from tests.browser.walks import STICKS_OUT, Walk
from tests.factories import make_committee, make_event, make_member, make_rsvp, make_user

WALKS = [
    Walk(width, language, script)
    for width in (320, 360)
    for language, script in (("en", True), ("es", False))
]


@pytest.mark.parametrize("walk", WALKS, ids=str)
def test_a_reader_chooses(phone, site, walk):
    user = make_user()
    party = make_rsvp(make_event(title="Rally"), email=user.email, confirmed=True, language=walk.language)
    kept = make_rsvp(make_event(title="Forum"), email=user.email, confirmed=True, language=walk.language)
    member = make_member(make_committee(), user)
    page = walk.visitor(phone)

    # A reminder's page leads there by mail only.
    page.goto(f"{walk.root}/unsubscribe/{party.mail_token}/")
    assert page.evaluate(STICKS_OUT) == []
    page.get_by_role("button", name=walk.say("Mail me that link")).click()
    expect(page.locator(".notice-success")).to_be_visible()
    page.goto(mailed_link(site, user.email))
    assert page.evaluate(STICKS_OUT) == []

    page.get_by_role("checkbox", name="Rally").uncheck()
    page.get_by_role("checkbox", name="Mission Committee").check()
    page.get_by_role("button", name=walk.say("Save"), exact=True).click()
    expect(page.locator(".notice-success")).to_have_text(walk.say("Saved."))
    expect(page.get_by_role("checkbox", name="Rally")).not_to_be_checked()
    expect(page.get_by_role("checkbox", name="Forum")).to_be_checked()
    assert Rsvp.objects.get(pk=party.pk).reminders_stopped_at is not None
    assert Rsvp.objects.get(pk=kept.pk).reminders_stopped_at is None
    assert Membership.objects.get(pk=member.pk).takes_mail

    before = Block.objects.count()
    page.get_by_role("button", name=walk.say("No reminders and no news"), exact=True).click()
    expect(page.locator(".notice-success")).to_be_visible()
    assert page.evaluate(STICKS_OUT) == []
    assert Block.objects.count() == before + 1
    page.get_by_role("button", name=walk.say("Write to me again")).click()
    expect(page.get_by_role("button", name=walk.say("No reminders and no news"), exact=True)).to_be_visible()
    assert Block.objects.count() == before


def mailed_link(site, address: str) -> str:
    """The link in the mail with one's links, which comes among others to this address."""

    def with_links() -> list:
        mails = [one.email for one in site.sink.messages() if one.recipients == [address]]
        return [mail for mail in mails if "/mail/" in text_of(mail)]

    services.wait_until(lambda: bool(with_links()), "the links arrive", MAIL_WITHIN)
    (mail,) = with_links()
    return link_in(mail, "mail")


@pytest.mark.parametrize("language", ["en", "es"])
def test_the_gallery_of_mail_can_be_read_on_a_phone(phone, language):
    walk = Walk(320, language)
    page = walk.visitor(phone)
    page.goto(f"{walk.root}/dev/mail/kinds/")
    assert page.evaluate(STICKS_OUT) == []
    expect(page.locator("[data-kind]").first).to_be_visible()
    page.locator("main li a").last.click()
    expect(page.locator("[data-kind]").last).to_be_in_viewport()
