"""How many questions the pages of documents ask the database, however many have signed."""

import secrets
from itertools import islice

import pytest
from django.test import Client
from django.utils import timezone

from campaigns.actions import appeals, demands
from campaigns.actions.appeals import Reply
from campaigns.models import AppealVersion, Signature
from tests.campaigns.endorsing import endorse, make_organization
from tests.campaigns.signing import make_appeal, make_signature, rewrite
from tests.factories import make_demand, new_address, posted_form
from tests.test_queries import IN_ONE, asked, opened

pytestmark = pytest.mark.django_db

PAGES = {
    "/appeals/": 2,  # a page of documents with their newest versions, their words
    "/appeals/{slug}/": 1,  # the words with version, document, counters, and what there is beside them
    "/es/appeals/{slug}/": 1,
    "/appeals/{slug}/sign/": 1,
    "/appeals/{slug}/names/": 2,  # the words with the counters, a page of names
    "/appeals/{slug}/names/?page=2": 2,
    "/appeals/{slug}/versions/": 2,
    "/appeals/{slug}/versions/2/": 3,  # and the words before, and whether there are newer ones
    "/appeals/{slug}/languages/": 1,
    "/appeals/{slug}/sheet/": 1,
    # Twice the signature, since the address alone does not say what it leads to; its words; what is newer.
    "/t/{token}/": 5,
}


def sign_often(appeal, number: int) -> None:
    """Past the actions, which would take minutes: half are shown."""
    now, version = timezone.now(), appeal.versions.order_by("-number")[0]
    rows = (
        Signature(
            appeal=appeal,
            version=version,
            language="en",
            shown="counted" if count % 2 else "initials",
            signed_as="" if count % 2 else "M. G.\nOakland\nCA\nUS",
            made_at=now,
            confirmed_at=now,
            link_hash=secrets.token_bytes(32),
            mail_link_hash=secrets.token_bytes(32),
        )
        for count in range(number)
    )
    while batch := list(islice(rows, 2000)):
        Signature.objects.bulk_create(batch, batch_size=500)
    AppealVersion.objects.filter(pk=version.pk).update(signed=number)


@pytest.mark.parametrize("number", [10, 2_000, pytest.param(100_000, marks=pytest.mark.slow)])
def test_pages_ask_the_same_however_many_have_signed(number):
    appeal = make_appeal(goal=1_000_000)
    mine = make_signature(appeal, confirmed=True)
    rewrite(appeal, "Spelling.", substantial=False)
    sign_often(appeal, number)
    found = {path: len(asked(opened(path.format(slug=appeal.slug, token=mine.mail_token)))) for path in PAGES}
    assert found == PAGES


def test_what_stands_beside_the_words_is_asked_for_where_there_is_some(client):
    appeal, now = make_appeal(), timezone.now()
    appeals.set_replies(appeal, [Reply("An answer", "https://example.org/a", "en")], by=None, at=now)
    demands.carry_demands(appeal, [make_demand(texts={"en": ("Health care", "", "2020")})], by=None, at=now)
    endorse(appeal, make_organization(), published=True)
    path = f"/appeals/{appeal.slug}/"
    # And each of them; of those who endorse it how many, the first, and which text they have read.
    assert len(asked(opened(path))) == 6
    page = client.get(path).content.decode()
    for words in ("An answer", "Health care", "Teamsters Local 12"):
        assert words in page


def test_sending_the_form_asks_little():
    appeal = make_appeal()
    path = f"/appeals/{appeal.slug}/sign/"

    def send(version: int) -> list[str]:
        fields = posted_form(email=new_address(), shown="counted", version=version)
        return asked(lambda: Client().post(path, fields))

    rewrite(appeal, "Spelling.", substantial=False)
    for version in (1, 2):
        queries = send(version)
        # The versions; mails that were not answered, the one read, the mailbox, everything that is made.
        assert len(queries) == (5 if IN_ONE else 9)
        assert not any("appealtext" in sql for sql in queries)  # words may be long
    assert list(Signature.objects.order_by("made_at").values_list("version__number", flat=True)) == [1, 2]
