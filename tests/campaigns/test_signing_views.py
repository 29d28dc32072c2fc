"""The visitor's way through signing: form, own page, code, change, newer text, taking back, keeping."""

import html
import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from campaigns.actions import appeals
from campaigns.models import Signature
from hub import links
from hub.models import Confirmation, Mailbox
from tests.campaigns.signing import counts, make_appeal, make_signature, press_button, rewrite
from tests.cast import logged_in
from tests.factories import deliver_mail, links_in, make_user, posted_form
from tests.hub.places_fixture import places  # noqa: F401  (a fixture)

pytestmark = pytest.mark.django_db
READER = "reader@example.org"


def text_of(response) -> str:
    return html.unescape(response.content.decode())


def send(browser, appeal, **fields):
    said = {"email": READER, "shown": "counted", "version": appeals.current(appeal).number, **fields}
    return browser.post(f"/appeals/{appeal.slug}/sign/", posted_form(**said))


def code_of(mailbox) -> str:
    newest = Confirmation.objects.filter(mailbox=mailbox).order_by("-made_at")[0]
    return links.code("confirm", newest.pk)


# --- The form ------------------------------------------------------------------------------------
def test_sending_it_leads_to_ones_own_page(client):
    appeal = make_appeal()
    response = send(client, appeal)
    signature = Signature.objects.get()
    assert (response.status_code, response.url) == (302, f"/t/{signature.token}/")
    page = client.get(response.url)
    assert "One more step: confirm your e-mail" in text_of(page)
    assert page["Cache-Control"] == "private, no-store"
    assert page["Referrer-Policy"] == "no-referrer"
    assert counts(appeal) == {1: 0}


def test_the_code_leads_to_the_mailed_link(client):
    appeal = make_appeal()
    path = send(client, appeal).url
    signature = Signature.objects.get()
    response = client.post(path, {"act": "code", "code": code_of(signature.mailbox)})
    assert response.url == f"/t/{signature.mail_token}/"
    assert "You have signed" in text_of(client.get(response.url))
    assert "Use the link in the mail" in text_of(client.get(path))
    assert counts(appeal) == {1: 1}


def test_a_wrong_code_says_so_and_counts_nothing(client):
    appeal = make_appeal()
    path = send(client, appeal).url
    response = client.post(path, {"act": "code", "code": "000000"})
    assert response.status_code == 422
    assert "That is not the code in the mail" in text_of(response)
    assert counts(appeal) == {1: 0}


def test_a_mail_that_did_not_come_can_be_asked_for_at_once_and_after_wrong_codes(client):
    path = send(client, make_appeal()).url
    assert "Send it again" in text_of(client.get(path))
    for _time in range(6):
        response = client.post(path, {"act": "code", "code": "000000"})
    assert "Too many wrong codes" in text_of(response)
    assert "Send it again" in text_of(response)


@pytest.mark.parametrize("initials", ["M. G.", "MGL", "m.g.", "Ma. C.", "É. Ü.", "Ll. R.-C.", "李", "M"])
def test_initials_of_many_kinds(client, places, initials):  # noqa: F811
    send(client, make_appeal(), shown="initials", initials=initials, place="Portland, ME")
    assert Signature.objects.get().signed_as == f"{initials}\nPortland\nME\nUS"


def test_what_will_be_shown_stands_there_before_it_is(client, places):  # noqa: F811
    response = send(client, make_appeal(), shown="initials", initials="M. G.", place="Berkeley")
    page = text_of(client.get(response.url))
    assert "From then on this is shown of you: <strong>M. G., Berkeley, CA</strong>" in page


def test_whoever_has_signed_is_led_on(client):
    appeal = make_appeal()
    signature = make_signature(appeal, confirmed=True)
    page = text_of(client.get(own_page(signature)))
    assert f'value="{links.site_url(f"/appeals/{appeal.slug}/")}"' in page
    for path in ("/committees/", "/events/"):
        assert f'class="button button-secondary" href="{path}"' in page
    assert "What you can do next" not in text_of(client.get(own_page(make_signature(appeal))))


def test_the_mail_s_button_counts_it(client):
    appeal = make_appeal()
    send(client, appeal)
    (mail,) = deliver_mail()
    assert mail.subject == "Please confirm: Call for a labor party"
    button = next(url for url in links_in(mail) if "/confirm/" in url)
    page = client.get(button)
    ticked = re.search(r'name="act" value="([^"]+)"', page.content.decode()).group(1)
    response = client.post(button, {"act": ticked})
    assert response.url == f"/t/{Signature.objects.get().mail_token}/"
    assert counts(appeal) == {1: 1}


def test_no_text_of_the_sender_s_is_in_the_mail(client):
    send(client, make_appeal(), shown="name", name="Buy gold at evil example")
    (mail,) = deliver_mail()
    assert "gold" not in mail.body + mail.alternatives[0].content


def test_a_known_and_an_unknown_address_get_the_same(client):
    appeal = make_appeal()
    make_signature(appeal, email="known@example.org", confirmed=True)
    deliver_mail()
    pages = []
    for address in ("known@example.org", "other@example.org"):
        browser = Client()
        response = send(browser, appeal, email=address)
        page = re.sub(r"/t/[\w-]+/|.…@", "", text_of(browser.get(response.url)))
        pages.append(re.sub(r'value="[^"]+"|<svg.*?</svg>', "", page, flags=re.DOTALL))
        assert len(deliver_mail()) == 1
    assert pages[0] == pages[1]


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"email": ""}, "Write your e-mail address."),
        ({"email": "no address"}, "Write an e-mail address like name@example.org."),
        ({"shown": ""}, "Choose what is shown of you."),
        ({"shown": "everything"}, "Choose what is shown of you."),
        ({"shown": "name"}, "Write the name that is to be shown."),
        ({"shown": "name", "name": "  "}, "Write the name that is to be shown."),
        ({"shown": "name", "name": "\u200b\u202e."}, "Write the name that is to be shown."),
        ({"shown": "initials", "initials": "..", "place": "94110"}, "Write your initials"),
        ({"shown": "initials", "place": "94110"}, "Write your initials"),
        ({"shown": "initials", "initials": "M. G."}, "Write a ZIP code or the name of your city."),
        ({"shown": "initials", "initials": "Maria", "place": "94110"}, "Write only the first letters"),
        ({"shown": "initials", "initials": "Mar. G.", "place": "94110"}, "Write only the first letters"),
        ({"shown": "initials", "initials": "M. G.", "place": "Portland"}, "There is more than one Portland."),
        ({"shown": "initials", "initials": "M. G.", "place": "Nowhereville"}, "Nowhereville"),
        ({"shown": "identification", "name": "Rosa"}, "Write what you do in your union or group"),
        ({"shown": "identification", "name": "Rosa", "role": "x"}, "Write the union or group you name"),
    ],
)
def test_bad_input_comes_back_with_a_sentence_and_what_was_typed(client, places, fields, sentence):  # noqa: F811
    response = send(client, make_appeal(), **fields)
    assert response.status_code == 422
    assert sentence in text_of(response)
    assert not Signature.objects.exists()
    assert not Mailbox.objects.exists()
    for name, value in fields.items():
        assert name == "shown" or html.escape(value) in response.content.decode()


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("  Rosa\tL.\r\n", "Rosa L."),
        ("Rosa\u202e .L", "Rosa .L"),
        ("\u2067Rosa\x1b[31m\x07", "Rosa[31m"),
        ("روزا ل", "روزا ل"),
        ("Zoë ✊🏽 O’Brien-Łuć", "Zoë ✊🏽 O’Brien-Łuć"),
    ],
)
def test_a_name_turns_nothing_round_and_holds_nothing_nobody_sees(client, typed, kept):
    send(client, make_appeal(), shown="name", name=typed)
    assert Signature.objects.get().lines == [kept]


@pytest.mark.parametrize(
    "name",
    ["Rosa rosa@example.org", "see http://a.example", "www.a.example", "Rosa 415-555-0100", "R 415 555 0100"],
)
def test_a_name_is_no_way_to_reach_somebody(client, name):
    response = send(client, make_appeal(), shown="name", name=name)
    assert response.status_code == 422
    assert "Write it without an e-mail, a website or a telephone number" in text_of(response)
    assert not Signature.objects.exists()


@pytest.mark.parametrize("organization", ["UE Local 1877", "Local 10, 34 and 1021", "Sección 22 del SNTE"])
def test_the_number_of_a_local_is_none(client, organization):
    fields = {"name": "Rosa", "role": "steward", "organization": organization}
    assert send(client, make_appeal(), shown="identification", **fields).status_code == 302


def test_nothing_that_is_needed_is_called_optional(client):
    page = text_of(client.get(f"/appeals/{make_appeal().slug}/sign/"))
    assert page.count("(optional)") == 1  # of the trap for robots
    assert "a pseudonym is welcome" in page


def test_after_taking_it_back_the_link_says_so(client):
    signature = make_signature(make_appeal(), confirmed=True)
    path = f"/t/{signature.mail_token}/"
    client.post(path, {"act": "withdraw"})
    for language, said in (("", "You took your signature back?"), ("/es", "¿Retiraste tu firma?")):
        response = client.get(f"{language}{path}")
        assert response.status_code == 410
        assert said in text_of(response)


def test_what_was_not_chosen_is_not_kept(client):
    send(client, make_appeal(), shown="counted", name="Rosa L.", initials="R. L.", role="x" * 300)
    assert Signature.objects.get().signed_as == ""


@pytest.mark.parametrize(
    ("place", "lines"),
    [("94110", ["R. L.", "San Francisco, CA"]), ("Athens, Greece", ["R. L.", "Athens, Greece"])],
)
def test_initials_stand_with_a_large_city(client, places, place, lines):  # noqa: F811
    send(client, make_appeal(), shown="initials", initials="R. L.", place=place)
    assert Signature.objects.get().lines == lines


def test_a_member_signs_with_their_account():
    appeal, user = make_appeal(), make_user()
    response = send(logged_in(user), appeal, email="")
    signature = Signature.objects.get()
    assert response.url == f"/t/{signature.mail_token}/"
    assert signature.mailbox.is_of(user.email)
    assert counts(appeal) == {1: 1}


# --- Where nobody can sign -----------------------------------------------------------------------
def test_a_closed_one_says_so(client):
    appeal = appeals.close_appeal(make_appeal(), by=None, at=timezone.now())
    page = client.get(f"/appeals/{appeal.slug}/sign/")
    assert (page.status_code, "Nobody can sign it any more" in text_of(page)) == (410, True)
    assert send(client, appeal).status_code == 422
    assert not Signature.objects.exists()


def test_one_that_is_not_for_signing_says_so(client):
    appeal = make_appeal(signable=False)
    page = client.get(f"/appeals/{appeal.slug}/sign/")
    assert (page.status_code, "This is not for signing" in text_of(page)) == (410, True)
    assert send(client, appeal).status_code == 422


def test_a_draft_does_not_exist(client):
    appeal = make_appeal(published=False)
    for path in ("", "sign/", "names/", "languages/", "sheet/", "versions/", "versions/1/"):
        assert client.get(f"/appeals/{appeal.slug}/{path}").status_code == 404, path
    assert send(client, appeal).status_code == 404


def test_a_text_that_changed_meanwhile_is_shown_again_and_nothing_typed_is_lost(client):
    appeal = make_appeal()
    rewrite(appeal, "Something **else** entirely.")
    response = send(client, appeal, version=1, shown="name", name="Rosa L.")
    assert response.status_code == 422
    page = text_of(response)
    assert "The text has changed" in page
    assert "Something <strong>else</strong> entirely." in page
    assert 'value="Rosa L."' in page
    assert 'name="version" value="2"' in page
    assert not Signature.objects.exists()
    assert send(client, appeal, version=2, shown="name", name="Rosa L.").status_code == 302


def test_small_corrections_do_not_stop_anybody(client):
    appeal = make_appeal()
    rewrite(appeal, "Spelling.", substantial=False)
    assert send(client, appeal, version=1).status_code == 302
    assert Signature.objects.get().version.number == 1


@pytest.mark.parametrize("version", ["", "99", "x", "١", "-1", "9" * 30])
def test_a_number_that_is_no_version_means_the_newest(client, version):
    appeal = make_appeal()
    rewrite(appeal, "Else.")
    assert send(client, appeal, version=version).status_code == 302
    assert Signature.objects.get().version.number == 2


# --- One's own page ------------------------------------------------------------------------------
def own_page(signature) -> str:
    return f"/t/{signature.mail_token}/"


def test_getting_a_link_changes_nothing(client):
    appeal = make_appeal()
    signature = make_signature(appeal)
    for token in (signature.token, signature.mail_token):
        client.get(f"/t/{token}/")
        client.head(f"/t/{token}/")
    assert counts(appeal) == {1: 0}


def test_showing_more_and_less(client):
    appeal = make_appeal()
    signature = make_signature(appeal, confirmed=True)
    response = client.post(own_page(signature), {"act": "change", "shown": "name", "name": "Rosa L."})
    assert "Saved." in text_of(client.get(response.url))
    assert "Rosa L." in text_of(client.get(f"/appeals/{appeal.slug}/names/"))
    client.post(own_page(signature), {"act": "change", "shown": "counted"})
    assert "Rosa L." not in text_of(client.get(f"/appeals/{appeal.slug}/names/"))


def test_changing_without_a_name_is_refused(client):
    signature = make_signature(make_appeal(), confirmed=True)
    response = client.post(own_page(signature), {"act": "change", "shown": "name"})
    assert response.status_code == 422
    assert "Write the name that is to be shown." in text_of(response)


def test_the_browser_that_typed_the_address_can_do_nothing_once_it_is_proven(client):
    appeal = make_appeal()
    signature = make_signature(appeal)
    press_button(signature)
    for act in ("change", "withdraw", "newer", "keep", "code", "resend"):
        client.post(f"/t/{signature.token}/", {"act": act, "shown": "name", "name": "Forged"})
    signature.refresh_from_db()
    assert (signature.shown, counts(appeal)) == ("counted", {1: 1})


def test_signing_the_newer_text(client):
    appeal = make_appeal()
    signature = make_signature(appeal, confirmed=True)
    assert "There is a newer text" not in text_of(client.get(own_page(signature)))
    rewrite(appeal, "Something **else**.")
    page = text_of(client.get(own_page(signature)))
    assert "There is a newer text" in page
    assert "Something <strong>else</strong>." in page
    client.post(own_page(signature), {"act": "newer", "version": "2"})
    assert counts(appeal) == {1: 0, 2: 1}
    assert "There is a newer text" not in text_of(client.get(own_page(signature)))


def test_the_newer_text_changed_again_before_the_press(client):
    appeal = make_appeal()
    signature = make_signature(appeal, confirmed=True)
    rewrite(appeal, "Two.")
    rewrite(appeal, "Three.")
    response = client.post(own_page(signature), {"act": "newer", "version": "2"})
    assert response.status_code == 422
    assert "The text has changed again" in text_of(response)
    assert counts(appeal) == {1: 1, 2: 0, 3: 0}


@pytest.mark.parametrize("version", ["", "0", "99", "x"])
def test_a_newer_text_that_is_none(client, version):
    appeal = make_appeal()
    signature = make_signature(appeal, confirmed=True)
    rewrite(appeal, "Two.")
    response = client.post(own_page(signature), {"act": "newer", "version": version})
    assert response.status_code == 422
    assert counts(appeal) == {1: 1, 2: 0}


def test_taking_it_back(client):
    appeal = make_appeal()
    signature = make_signature(appeal, confirmed=True, shown="name", signed_as="Rosa L.")
    assert client.post(own_page(signature), {"act": "withdraw"}).url == "/mine/erased/"
    assert "Rosa L." not in text_of(client.get(f"/appeals/{appeal.slug}/names/"))
    assert counts(appeal) == {1: 0}
    assert client.get(own_page(signature)).status_code == 410


def test_off_the_site_it_names_nothing_and_can_be_taken_back(client):
    appeal = make_appeal()
    signature = make_signature(appeal, confirmed=True)
    appeals.unpublish_appeal(appeal, by=None, at=timezone.now())
    page = text_of(client.get(own_page(signature)))
    assert "Call for a labor party" not in page
    client.post(own_page(signature), {"act": "change", "shown": "name", "name": "Rosa"})
    signature.refresh_from_db()
    assert signature.shown == "counted"
    client.post(own_page(signature), {"act": "withdraw"})
    assert not Signature.objects.exists()


def test_not_confirmed_in_time(client):
    signature = make_signature(make_appeal(), at=timezone.now() - timedelta(hours=25))
    assert "Not confirmed in time" in text_of(client.get(f"/t/{signature.token}/"))


def test_kept_on_this_phone_and_forgotten(client):
    appeal = make_appeal()
    signature = make_signature(appeal, confirmed=True)
    client.post(own_page(signature), {"act": "keep"})
    assert "Call for a labor party" in text_of(client.get("/mine/"))
    client.post(own_page(signature), {"act": "forget"})
    assert "Call for a labor party" not in text_of(client.get("/mine/"))


def test_mail_me_my_links_names_it(client):
    make_signature(make_appeal(), email=READER, confirmed=True)
    deliver_mail()
    client.post("/mine/", posted_form(email=READER))
    (mail,) = deliver_mail()
    assert links.url("signature", Signature.objects.get().mail_token) in mail.body


def test_in_spanish(client):
    appeal = make_appeal()
    page = client.get(f"/es/appeals/{appeal.slug}/")
    assert "Llamamos a <strong>los trabajadores</strong>." in text_of(page)
    response = client.post(f"/es/appeals/{appeal.slug}/sign/", posted_form(email=READER, shown="counted"))
    assert response.url.startswith("/es/t/")
    (mail,) = deliver_mail()
    assert mail.subject == "Confirma: Llamado por un partido"
