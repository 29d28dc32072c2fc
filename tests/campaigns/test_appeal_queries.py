"""How many questions the pages of documents ask the database, however many have signed."""

import secrets
from itertools import islice

import pytest
from django.utils import timezone

from campaigns.models import AppealVersion, Signature
from tests.campaigns.signing import make_appeal, make_signature, rewrite
from tests.test_queries import asked, opened

pytestmark = pytest.mark.django_db

PAGES = {
    "/appeals/": 2,  # a page of documents with their newest versions, their words
    # The words with version, document and campaign; the counters; answers; demands; who endorses it.
    "/appeals/{slug}/": 5,
    "/es/appeals/{slug}/": 5,
    "/appeals/{slug}/sign/": 1,
    "/appeals/{slug}/names/": 3,  # the words, the counters, a page of names
    "/appeals/{slug}/names/?page=2": 3,
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
