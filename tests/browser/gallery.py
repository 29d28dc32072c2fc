"""Every kind of page the hub shows, each in the states that look different.

`PAGES` tells by name how a browser gets there; `make_rows` makes the events and RSVPs they show.
"""

from collections.abc import Callable
from datetime import timedelta

from django.conf import settings
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Page

from campaigns.actions import appeals
from campaigns.actions.appeals import Words as AppealWords
from campaigns.actions.demands import edit_demand, support_demand
from committees.actions.demands import give_support
from events.actions import events, host_changes, rsvps
from events.models import Event, HostChange, Rsvp, Update
from hub import actions as ground
from hub import links, mail
from hub.models import Confirmation, Review, User
from hub.pictures import read_picture
from hub.views.errors import static_page
from tests.campaigns import endorsing
from tests.campaigns.signing import make_appeal, make_signature, rewrite
from tests.committees.announcing import make_taker, zone_where
from tests.events.hosting import in_state, review_in_state
from tests.factories import (
    demand_details,
    event_details,
    make_announcement,
    make_application,
    make_campaign,
    make_campaign_coordinator,
    make_committee,
    make_day,
    make_demand,
    make_event,
    make_mailed_update,
    make_member,
    make_moderator,
    make_post,
    make_rsvp,
    make_user,
    new_address,
)
from tests.hub.uploaded import picture

Rows = dict[str, str]

# What people write: long words, headings of their own, lists, links, text in another language.
DESCRIPTION = """\
We meet **at the fountain**, rain or shine. Bring a friend, water and a sign.

## What happens

1. Speeches in English and Spanish
2. A walk of 1.5 miles to [the harbor](https://example.org/a-very-long-address/that-does-not-break-anywhere)
3. `Donaudampfschifffahrtsgesellschaftskapitänsmützenabzeichenverordnung`

> An injury to one is an injury to all.

- Step-free access
- Interpretation
"""
LONG_TITLE = (
    "Rally against Donaudampfschifffahrtsgesellschaftskapitänsbesoldungskürzungen and for a party of our own"
)


def make_rows() -> Rows:
    """Rows for every page, committed; gives what their addresses are made of."""
    now = timezone.now()
    plain = make_event(title="Rally for a Labor Party", description=DESCRIPTION)
    make_event(
        title=LONG_TITLE,
        venue="Unter den Donaudampfschifffahrtsgesellschaftskapitänslinden",
        street="1 Llanfairpwllgwyngyllgogerychwyrndrobwllllantysiliogogogoch Road",
        kind="march",
    )
    spanish = make_event(title="Reunión del comité", language="es", kind="meeting", city="San Jose")
    online = make_event(
        title="Phone bank", kind="phone-bank", city="", online=True, online_link="https://x.org/"
    )
    hidden = make_event(title="Organizing meeting", reveal="confirmed", kind="meeting", capacity=40)
    cancelled = make_event(title="Picket at the port", kind="picket", event_status="cancelled")
    postponed = make_event(title="Forum on hours", kind="forum", event_status="postponed")
    over = make_event(title="Last month's rally", start=now - timedelta(days=30))
    full = make_event(title="Training for marshals", kind="training", capacity=2)
    tight = make_event(title="Bus to the capital", kind="other", capacity=3)

    make_rsvp(full, confirmed=True, party_size=2)
    waiting = make_rsvp(full, confirmed=True, name="Ana")
    partly = make_rsvp(tight, confirmed=True, party_size=2)
    make_rsvp(tight, confirmed=True)
    rsvps.change(partly.pk, party_size=3, name="", need="", neutral=False, at=now)
    pending = make_rsvp(full, email=new_address())
    held = make_rsvp(hidden, email=new_address(), party_size=2)
    expired = make_rsvp(full, email=new_address(), at=now - timedelta(days=2))
    going = make_rsvp(hidden, confirmed=True, party_size=2, need="A chair, please.")
    unreachable = make_rsvp(plain)
    open_pending = make_rsvp(plain, email=new_address())
    gone = make_rsvp(plain, confirmed=True)
    rsvps.cancel(gone.pk, at=now)
    vigil = make_event(title="Vigil", kind="other", city="Berkeley")
    told = make_rsvp(vigil, confirmed=True)
    events.cancel_event(vigil, by=None, at=now)
    hall = make_event(title="Hall for five", kind="meeting", capacity=5)
    make_rsvp(hall, confirmed=True, party_size=2)
    roomy = make_rsvp(hall, confirmed=True, party_size=4)
    strike = make_event(title="Strike school", kind="training")
    put_off = make_rsvp(strike, confirmed=True)
    events.postpone_event(strike, by=None, at=now)
    moved = make_event(title=LONG_TITLE, kind="march", capacity=4)
    asked = make_rsvp(moved, confirmed=True, party_size=3)
    elsewhere = event_details(title=LONG_TITLE, kind="march", capacity=4, venue="Harry Bridges Plaza")
    elsewhere.start, elsewhere.end = elsewhere.start + timedelta(days=1), elsewhere.end + timedelta(days=1)
    events.edit_event(moved, elsewhere, by=None, at=timezone.now())
    address = new_address()
    several = make_rsvp(plain, email=address)
    make_rsvp(hidden, email=address)
    draft = make_event(title="Social that comes later", kind="social", city="Berkeley")
    off = make_rsvp(draft, confirmed=True)
    events.unpublish_event(draft, by=None, at=now)

    committee = make_committee(name="Mission Committee", about=DESCRIPTION, question="What brings you to us?")
    make_member(committee, role="coordinator")
    frozen = make_committee(name=LONG_TITLE, language="es", frozen=True)
    for one in (committee, frozen):
        make_event(title="Committee meeting", kind="meeting", committee=one)
    asking = make_application(committee)
    day = make_day(texts={"en": (LONG_TITLE, DESCRIPTION), "es": ("Jornada por un partido", "¡De pie!")})
    holding = make_committee(name="Committee of the Donaudampfschifffahrtsgesellschaft")
    held_by = make_event(title="Rally of the committee", committee=holding, day=day)
    make_event(title=LONG_TITLE, city="Berkeley", day=day, online=True, event_status="cancelled")
    make_event(title="Mitin en Madrid", city="Madrid", region="", country="ES", zone="Europe/Madrid", day=day)
    make_event(title="On the screen", city="", online=True, day=day)
    Update.objects.create(event=held_by, made_at=now, text=f"{LONG_TITLE}. Bring water!")
    coordinator = make_member(holding, role="coordinator").user
    reader = make_taker(holding, time_zone=zone_where(2))  # asleep: their mail waits
    announced = make_announcement(holding, subject=LONG_TITLE[:100], text=DESCRIPTION)
    drafted = make_announcement(holding, subject=LONG_TITLE[:100], text=DESCRIPTION, sent=False)
    make_rsvp(held_by, confirmed=True, name="Donaudampfschifffahrtsgesellschaftskapitän", need="A chair.")
    make_rsvp(held_by, party_size=3)
    inside = {"title": held_by.title, "committee": holding, "day": day, "venue": "Pier 1"}
    events.edit_event(held_by, event_details(**inside), by=None, at=timezone.now())
    word = make_mailed_update(held_by, text=f"{LONG_TITLE}. Bring water & bread!")
    mailed = make_mailed_update(held_by, text=f"{LONG_TITLE}: at the gate.", sent=True)

    shelter = make_demand(texts={"en": ("Free, safe shelter for everyone", DESCRIPTION, "2020, urgent call")})
    newer = {
        "en": (LONG_TITLE, f"{DESCRIPTION}\n\nAnd heating.", "2027, conference"),
        "es": ("Techo", "", "2027"),
    }
    edit_demand(
        shelter,
        demand_details(campaign=shelter.campaign, texts=newer, tags=["housing", "public services"]),
        seen=1,
        by=None,
        at=now,
    )
    make_demand(tags=["health"])
    retired = make_demand(status="retired")
    support_demand(shelter, coordinator, at=now)
    give_support(holding, shelter, by=None, at=now)
    plain.demands.set([shelter])
    over.demands.set([shelter])

    texts = {
        "en": AppealWords(LONG_TITLE, "What it asks, in a sentence.", DESCRIPTION),
        "es": AppealWords("Llamado por un partido", "Funden comités.", "Llamamos a **todas**."),
    }
    appeal = make_appeal(texts=texts, goal=100)
    appeals.add_paper(appeal, 12, seen=1, by=None, at=now)
    letter = make_appeal(kind="open-letter", signable=False, texts={"es": texts["es"]})
    name = {"shown": "name", "signed_as": "Donaudampfschifffahrtsgesellschaftskapitän"}
    line = "Joe H.\nshop steward\nDonaudampfschifffahrtsgesellschaft"
    signed = make_signature(appeal, confirmed=True, **name)
    identified = make_signature(appeal, confirmed=True, shown="identification", signed_as=line)
    make_signature(appeal, confirmed=True, shown="initials", signed_as="M. G.\nOakland\nCA\nUS")
    rewrite(appeal, f"{DESCRIPTION}\nWith one line more.", texts=texts)
    unsigned = make_signature(appeal)
    closed = appeals.close_appeal(make_appeal(), by=None, at=now)

    photo = read_picture(picture(size=(1200, 800)))
    post = make_post(
        title=LONG_TITLE,
        comment=f"{DESCRIPTION}\n{DESCRIPTION}",
        credit=f"Photo: {LONG_TITLE}",
        link_url="https://example.org/a-very-long-address/that-does-not-break-anywhere",
        link_title=LONG_TITLE,
        link_site="donaudampfschifffahrtsgesellschaft.example",
        link_excerpt="After nine weeks they went back with a contract, and with a laugh.",
        videos=[("https://example.org/" + "x" * 60, ""), ("https://example.org/2", "The speeches")],
        further=[("https://example.org/3", "More of it")],
        photos=[(photo, "A square, half of it red, half of it blue")],
        tags=["housing", "public services", "Donaudampfschifffahrtsgesellschaft"],
        pinned=True,
    )
    for thing in (plain, spanish, committee, frozen):
        thing.posts.add(post)
    make_post(title="Se organizan", language="es", comment="Por fin.", tags=["housing"])
    for n in range(10):
        make_post(title=f"Short post {n}")
    hour = now + timedelta(days=2)
    scheduled = make_post(title="In two days", published=False, publish_at=hour)
    runs = make_campaign_coordinator(plain.campaign, new_address())

    blue = make_campaign(
        title=LONG_TITLE, accent="#1d4f91", about=DESCRIPTION, legal_support="Call the Legal Hotline."
    )
    blue_appeal = make_appeal(campaign=blue)
    endorsing.endorse(blue_appeal, published=True)
    make_demand(campaign=blue)
    make_event(campaign=blue)

    def confirmation_of(party: Rsvp) -> str:
        return links.token("confirm", Confirmation.objects.get(mailbox=party.mailbox).pk)

    return (
        endorsement_rows()
        | choosing_rows()
        | {
            "appeal": appeal.slug,
            "campaign": plain.campaign.slug,
            "blue_campaign": blue.slug,
            "blue_appeal": blue_appeal.slug,
            "letter": letter.slug,
            "closed_appeal": closed.slug,
            "signed": signed.mail_token,
            "unsigned": unsigned.token,
            "spent_signature": signed.token,
            "line_in_queue": str(Review.objects.get(object_id=identified.pk).pk),
            "post": post.slug,
            "scheduled": scheduled.slug,
            "runs": session_of(runs),
            "demand": shelter.slug,
            "retired": retired.slug,
            "day": day.slug,
            "past_day": make_day(first_date=now.date() - timedelta(days=30)).slug,
            "held_by": held_by.slug,
            "coordinator": session_of(coordinator),
            "holding": holding.slug,
            "announced": str(announced.pk),
            "drafted": str(drafted.pk),
            "word": str(word.pk),
            "mailed": str(mailed.pk),
            "reader": reader.mail_token,
            "plain": plain.slug,
            "spanish": spanish.slug,
            "online": online.slug,
            "hidden": hidden.slug,
            "cancelled": cancelled.slug,
            "postponed": postponed.slug,
            "over": over.slug,
            "full": full.slug,
            "pending": pending.token,
            "held": held.token,
            "expired": expired.token,
            "going": going.mail_token,
            "spent": going.token,
            "waiting": waiting.mail_token,
            "partly": partly.mail_token,
            "unreachable": unreachable.token,
            "open_pending": open_pending.token,
            "gone": gone.mail_token,
            "told": told.mail_token,
            "off": off.mail_token,
            "committee": committee.slug,
            "frozen": frozen.slug,
            "asking": asking.token,
            "proposed": in_state("unconfirmed").host_token,
            "returned": in_state("returned").host_token,
            "rejected": in_state("rejected").host_token,
            "changed": in_state("changed").host_token,
            "called_off": called_off().host_token,
            "in_queue": str(review_in_state("in-queue").pk),
            "edit_in_queue": str(review_in_state("edit-in-queue").pk),
            "decided": str(review_in_state("decided").pk),
            "moderator": session_of(make_moderator()),
            "ask": confirmation_of(pending),
            "answered": confirmation_of(going),
            "choice": confirmation_of(several),
            "roomy": roomy.mail_token,
            "put_off": put_off.mail_token,
            "asked": asked.mail_token,
        }
    )


def called_off() -> Event:
    """An event its host wants to cancel, confirmed, and by now rather to postpone, not yet confirmed."""
    event, now = in_state("approved"), timezone.now()
    asked = host_changes.ask_change(event, HostChange.Act.CANCEL, by=None, at=now)
    host_changes.confirm_change(asked.pk, now)
    host_changes.ask_change(event, HostChange.Act.POSTPONE, by=None, at=now)
    return event


def choosing_rows() -> Rows:
    """Mailboxes with something to choose; one that a relay has refused, and whose owner wants nothing."""
    now, user = timezone.now(), make_user()
    make_rsvp(make_event(title=LONG_TITLE), email=user.email, confirmed=True)
    make_rsvp(make_event(title="Foro", language="es"), email=user.email, confirmed=True)
    make_member(make_committee(name=LONG_TITLE), user)
    make_member(make_committee(kind="workplace"), user)
    refused = make_rsvp(make_event(), confirmed=True).mailbox
    mail.suppress(refused, now)
    ground.block(refused, at=now)
    return {
        "chooses": ground.mailbox_for(user.email, at=now).token,
        "chooser": session_of(user),
        "refused": refused.token,
    }


def not_ours(page: Page, rows: Rows) -> None:
    """The page of choices again, after something that no button of it sends."""
    page.goto(f"/mail/{rows['chooses']}/")
    page.locator("[name=act][value=save]").evaluate("(field) => { field.value = 'something else' }")
    with page.expect_navigation():
        page.locator("form:has([name=shown]) button").click()


def endorsement_rows() -> Rows:
    """Organizations, and endorsements in every state their own pages have."""
    forum, appeal = make_event(title="Forum on repression", kind="forum"), endorsing.write_appeal()
    for name, country, level in (
        (LONG_TITLE, "DE", "party"),
        ("Seccional 12", "MX", "local"),
        ("UE Local 5", "US", "local"),
    ):
        organization = endorsing.make_organization(name, country=country, level=level)
        endorsing.endorse(forum, organization, role="co-organizer", motion=DESCRIPTION, published=True)
    old = endorsing.endorse(appeal, endorsing.make_organization("UE Local 6"), published=True)
    endorsing.rewrite(appeal, LONG_TITLE)
    waits = endorsing.endorse(forum, motion=DESCRIPTION)
    return {
        "forum": forum.slug,
        "appeal": appeal.slug,
        "old": old.mail_token,
        "organization": old.organization.slug,
        "claim": endorsing.claim_for(old.organization).token,
        "endorsement_waits": str(endorsing.review_of(waits).pk),
        "en_spent": waits.token,
        **{f"en_{state}": endorsing.in_state(state).mail_token for state in ("returned", "withdrawn")},
        "en_pending": endorsing.in_state("pending").token,
    }


def at(path: str) -> Callable[[Page, Rows], None]:
    """The page with this address."""
    return lambda page, rows: page.goto(path.format(**rows)) and None


def pressed(path: str, button: str) -> Callable[[Page, Rows], None]:
    """What comes after this button on the page with this address. It is pressed faster than a person
    can, so a visitor's form comes back with an error of no field, too."""

    def go(page: Page, rows: Rows) -> None:
        page.goto(path.format(**rows))
        with page.expect_navigation():
            page.locator(button).click()

    return go


def session_of(user: User) -> str:
    """The session in which this account has logged in."""
    client = Client()
    client.force_login(user)
    return client.cookies[settings.SESSION_COOKIE_NAME].value


def logged_in(path: str, whose: str) -> Callable[[Page, Rows], None]:
    """The page with this address, for the account of this session."""

    def go(page: Page, rows: Rows) -> None:
        page.goto("/livez")
        url = page.url.removesuffix("livez")
        page.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": rows[whose], "url": url}])
        page.goto(path.format(**rows))

    return go


def broken(name: str) -> Callable[[Page, Rows], None]:
    """A page the hub keeps ready for when it is broken."""

    def go(page: Page, rows: Rows) -> None:
        page.route(
            "**/broken/", lambda route: route.fulfill(content_type="text/html", body=static_page(name))
        )
        page.goto("/broken/")

    return go


def kept(page: Page, rows: Rows) -> None:
    """What this phone keeps, once it keeps something."""
    for token in ("going", "gone"):
        page.goto(f"/rsvp/{rows[token]}/")
        page.locator("form:has([value=keep]) button").click()
    page.goto("/mine/")


def empty_word(page: Page, rows: Rows) -> None:
    """Nothing typed for those who are coming."""
    logged_in("/es/events/{held_by}/mail/", "coordinator")(page, rows)
    with page.expect_navigation():
        page.locator("main form .button").click()


def too_many_still_coming(page: Page, rows: Rows) -> None:
    """More people than the hall has room for."""
    page.goto(f"/es/rsvp/{rows['asked']}/still-coming/")
    page.locator("#still_party_size").fill("9")
    with page.expect_navigation():
        page.locator("form:has([value=yes]) button").click()


def wrong_address(page: Page, rows: Rows) -> None:
    """Nothing typed where the e-mail is corrected."""
    page.goto(f"/es/rsvp/{rows['pending']}/")
    page.locator("#email > summary").click()
    with page.expect_navigation():
        page.locator("#email button").click()


PAGES: dict[str, Callable[[Page, Rows], None]] = {
    "home": at("/"),
    "home in Spanish": at("/es/"),
    "campaign": at("/campaigns/{campaign}/"),
    "campaign in its colour": at("/es/campaigns/{blue_campaign}/"),
    "appeal in its campaign's colour": at("/appeals/{blue_appeal}/"),
    "list": at("/events/"),
    "list with filters": at("/events/?near=94110&within=50&kind=rally&when=month&online=no&from=2020-01-01"),
    "list of an ambiguous place": at("/events/?near=San+Jose"),
    "list without events": at("/es/events/?near=Suva&within=25"),
    "list of a misspelled place": at("/events/?near=San+Fransisco"),
    "list beyond its end": at("/es/events/?page=40"),
    "list with errors": at("/events/?near=nowhere+at+all&kind=nothing&from=2027-05-02&to=2027-05-01"),
    "appeals": at("/appeals/"),
    "appeal": at("/appeals/{appeal}/"),
    "appeal in Spanish": at("/es/appeals/{appeal}/"),
    "letter that is not for signing": at("/appeals/{letter}/"),
    "appeal that is closed": at("/appeals/{closed_appeal}/"),
    "appeal in two languages": at("/appeals/{appeal}/languages/"),
    "appeal on paper": at("/es/appeals/{appeal}/sheet/"),
    "versions of an appeal": at("/appeals/{appeal}/versions/"),
    "version of an appeal": at("/es/appeals/{appeal}/versions/2/"),
    "who has signed": at("/appeals/{appeal}/names/"),
    "signing": at("/appeals/{appeal}/sign/"),
    "signing with errors": pressed("/es/appeals/{appeal}/sign/", "form .button-big"),
    "signing what is closed": at("/appeals/{closed_appeal}/sign/"),
    "signature with a newer text": at("/t/{signed}/"),
    "signature to be confirmed": at("/es/t/{unsigned}/"),
    "signature with a wrong code": pressed("/t/{unsigned}/", "form:has([value=code]) button"),
    "signature whose link is spent": at("/t/{spent_signature}/"),
    "line in the queue": logged_in("/moderation/{line_in_queue}/", "moderator"),
    "event": at("/events/{plain}/"),
    "event in another language": at("/events/{spanish}/"),
    "event online": at("/es/events/{online}/"),
    "event at a place not public": at("/events/{hidden}/"),
    "event that is full": at("/events/{full}/"),
    "event cancelled": at("/events/{cancelled}/"),
    "event postponed": at("/events/{postponed}/"),
    "event over": at("/events/{over}/"),
    "committees": at("/committees/"),
    "committees with filters": at("/es/committees/?near=94110&within=50&kind=neighborhood"),
    "committees of workplaces": at("/committees/?kind=workplace"),
    "committees with errors": at("/committees/?near=nowhere+at+all&kind=nothing"),
    "no committees": at("/committees/?near=Suva&within=25"),
    "committee": at("/committees/{committee}/"),
    "committee frozen": at("/committees/{frozen}/"),
    "joining": at("/committees/{committee}/join/"),
    "joining with errors": pressed("/es/committees/{committee}/join/", ".button-big"),
    "joining refused": at("/committees/{frozen}/join/"),
    "joined": at("/committees/{committee}/join/done/"),
    "application": at("/t/{asking}/"),
    "application with a wrong code": pressed("/t/{asking}/", "form:has([value=code]) button"),
    "left": at("/committees/left/"),
    "application that is spent": at("/es/t/none/"),
    "logged out": at("/es/account/login/?out=1"),
    "event of a committee and a day": at("/events/{held_by}/"),
    "event, logged in": logged_in("/es/events/{held_by}/", "coordinator"),
    "coordinators' page of an event": logged_in("/es/events/{held_by}/edit/", "coordinator"),
    "announcements": logged_in("/committees/{holding}/announcements/", "coordinator"),
    "writing an announcement": logged_in("/es/committees/{holding}/announcements/write/", "coordinator"),
    "announcement to be looked at": logged_in(
        "/committees/{holding}/announcements/{drafted}/", "coordinator"
    ),
    "mail of an announcement": logged_in("/es/jobs/{announced}/", "coordinator"),
    "announcements to be stopped": at("/unsubscribe/{reader}/"),
    "writing to who is coming": logged_in("/events/{held_by}/mail/", "coordinator"),
    "word to who is coming": logged_in("/es/events/{held_by}/mail/{word}/", "coordinator"),
    "word with errors": empty_word,
    "mail of a word": logged_in("/jobs/{mailed}/", "coordinator"),
    "who is coming": logged_in("/events/{held_by}/coming/", "coordinator"),
    "list of a day that is not there": at("/events/?day=no-such-day&committee=none"),
    "list of a day": at("/events/?day={day}"),
    "demands": at("/demands/"),
    "demands in Spanish, filtered": at("/es/demands/?tag=housing"),
    "demands of a tag that is not there": at("/demands/?tag=no-such-tag"),
    "demand": at("/demands/{demand}/"),
    "demand in Spanish": at("/es/demands/{demand}/"),
    "demand, logged in": logged_in("/demands/{demand}/", "coordinator"),
    "demand retired": at("/demands/{retired}/"),
    "retired demands": at("/demands/retired/"),
    "history of a demand": at("/demands/{demand}/history/"),
    "support of a committee": logged_in("/demands/{demand}/committee/", "coordinator"),
    "leaflet": at("/demands/platform/"),
    "leaflet in Spanish": at("/es/demands/platform/"),
    "news": at("/news/"),
    "news in Spanish": at("/es/news/?page=2"),
    "news with a tag": at("/news/?tag=housing"),
    "news with a tag that is not there": at("/es/news/?tag=no-such-tag"),
    "post": at("/news/{post}/"),
    "post in another language": at("/es/news/{post}/"),
    "post, scheduled": logged_in("/es/news/{scheduled}/", "runs"),
    "beginning a post": logged_in("/events/{plain}/post/", "runs"),
    "days": at("/days/"),
    "day": at("/days/{day}/"),
    "day in Spanish": at("/es/days/{day}/"),
    "day that is over": at("/days/{past_day}/"),
    "hosting": at("/es/days/{day}/host/"),
    "hosting, too late": at("/days/{past_day}/host/"),
    "RSVP form": at("/events/{plain}/rsvp/"),
    "RSVP form of a full event": at("/es/events/{full}/rsvp/"),
    "RSVP form with errors": pressed("/events/{full}/rsvp/", ".button-big"),
    "RSVP form closed": at("/events/{cancelled}/rsvp/"),
    "own page pending": at("/rsvp/{pending}/"),
    "own page pending with a hold": at("/es/rsvp/{held}/"),
    "own page with a wrong code": pressed("/rsvp/{pending}/", "form:has([value=code]) button"),
    "own page going": at("/rsvp/{going}/"),
    "own page going, place shown": pressed("/rsvp/{going}/", "form:has([value=reveal]) button"),
    "own page going in part": at("/es/rsvp/{partly}/"),
    "own page going without e-mail": at("/rsvp/{unreachable}/"),
    "own page going, not confirmed": at("/rsvp/{open_pending}/"),
    "own page waitlisted": at("/rsvp/{waiting}/"),
    "own page waitlisted with room for some": at("/es/rsvp/{roomy}/"),
    "own page, event postponed": at("/rsvp/{put_off}/"),
    "own page, asked after a change": at("/es/rsvp/{asked}/"),
    "still coming": at("/rsvp/{asked}/still-coming/"),
    "still coming, in Spanish": at("/es/rsvp/{asked}/still-coming/"),
    "still coming, with errors": too_many_still_coming,
    "own page with a wrong address": wrong_address,
    "own page saved": at("/rsvp/{going}/?saved=1"),
    "own page cancelled": at("/rsvp/{gone}/"),
    "own page, event cancelled": at("/rsvp/{told}/"),
    "own page, event off the site": at("/es/rsvp/{off}/"),
    "own page expired": at("/rsvp/{expired}/"),
    "own page, link used up": at("/rsvp/{spent}/"),
    "proposal form": at("/events/propose/"),
    "proposal form with errors": pressed("/es/events/propose/", ".button-big"),
    "host's page, mailbox unproven": at("/host/{proposed}/"),
    "host's page, returned": at("/es/host/{returned}/"),
    "host's page, rejected": at("/host/{rejected}/"),
    "host's page, a change waits": at("/host/{changed}/"),
    "host's page, called off": at("/es/host/{called_off}/?done=change_code"),
    "organizations": at("/organizations/"),
    "organizations with filters": at("/es/organizations/?country=DE&level=party"),
    "organizations with errors": at("/organizations/?country=XX&level=empire"),
    "no organizations": at("/organizations/?country=FJ"),
    "organization": at("/organizations/{organization}/"),
    "acting for an organization": at("/es/organizations/{organization}/officer/"),
    "acting for an organization with errors": pressed(
        "/organizations/{organization}/officer/", ".button-big"
    ),
    "acting for an organization, mailbox unproven": at("/officer/{claim}/"),
    "event with endorsers": at("/events/{forum}/"),
    "endorsers": at("/es/endorse/event/{forum}/list/"),
    "endorsers of a document": at("/endorse/appeal/{appeal}/list/"),
    "endorsing": at("/endorse/event/{forum}/"),
    "endorsing with errors": pressed("/es/endorse/event/{forum}/", ".button-big"),
    "endorsing, closed": at("/endorse/event/{cancelled}/"),
    "model resolution": at("/endorse/event/{forum}/resolution/"),
    "model resolution in Spanish": at("/es/endorse/appeal/{appeal}/resolution/"),
    "endorsement, mailbox unproven": at("/endorsement/{en_pending}/"),
    "endorsement with a wrong code": pressed("/endorsement/{en_pending}/", "form:has([value=code]) button"),
    "endorsement, a newer text": at("/endorsement/{old}/"),
    "endorsement, returned": at("/es/endorsement/{en_returned}/"),
    "endorsement, withdrawn": at("/endorsement/{en_withdrawn}/"),
    "endorsement, link used up": at("/endorsement/{en_spent}/"),
    "item of the queue, an endorsement": logged_in("/moderation/{endorsement_waits}/", "moderator"),
    "queue": logged_in("/moderation/", "moderator"),
    "item of the queue": logged_in("/moderation/{in_queue}/", "moderator"),
    "item of the queue, a change": logged_in("/es/moderation/{edit_in_queue}/", "moderator"),
    "item of the queue, decided": logged_in("/moderation/{decided}/", "moderator"),
    "confirm": at("/confirm/{ask}/"),
    "confirm one of several": at("/confirm/{choice}/"),
    "confirm, nothing left": at("/confirm/{answered}/"),
    "confirm, link unknown": at("/confirm/no-such-token/"),
    "mail choices": at("/mail/{chooses}/"),
    "mail choices in Spanish, refused and blocked": at("/es/mail/{refused}/"),
    "mail choices with an error": not_ours,
    "mail choices, link unknown": at("/mail/no-such-token/"),
    "mail choices, one's own": logged_in("/me/mail/", "chooser"),
    "stopping reminders": at("/unsubscribe/{going}/"),
    "mine": at("/mine/"),
    "mine with something kept": kept,
    "mine with errors": pressed("/mine/", "form:has(#id_email) .button"),
    "mine, mail sent": at("/mine/?sent=1"),
    "erased": at("/mine/erased/"),
    "log-in": at("/account/login/"),
    "log-in with errors": pressed("/account/login/", "main form button"),
    "log-in by code": at("/es/account/login/code/"),
    "log-in by code with errors": pressed("/account/login/code/", "main form button"),
    "sign-up": at("/account/signup/"),
    "sign-up with errors": pressed("/es/account/signup/", "main form button"),
    "password forgotten": at("/account/password/reset/"),
    "account erased": at("/me/erased/"),
    "not found": at("/events/no-such-event/"),
    "own page of nobody": at("/es/rsvp/no-such-token/"),
    "not found in Spanish": at("/es/events/no-such-event/"),
    "broken": broken("500"),
    "unavailable": broken("503"),
    "bad request": broken("400"),
    "too long": broken("too_long"),
    "sent mail": at("/dev/mail/"),
    "every kind of mail": at("/dev/mail/kinds/"),
    "every kind of mail in Spanish": at("/es/dev/mail/kinds/"),
    "style page": at("/dev/style/"),
}
