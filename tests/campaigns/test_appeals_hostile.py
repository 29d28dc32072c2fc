"""Text that attacks: whatever is typed into a document or a signature, nothing in its pages, the admin and
the mail runs, or asks another host."""

import pytest

from campaigns.actions import appeals
from campaigns.models import Appeal, Signature
from tests.campaigns.signing import make_appeal, make_signature, press_button, rewrite
from tests.campaigns.test_appeal_admin import LIST, written
from tests.cast import logged_in
from tests.factories import deliver_mail, make_moderator, new_address, posted_form
from tests.hostile import PAYLOADS, dangers

pytestmark = [pytest.mark.django_db, pytest.mark.once]
PATHS = ("", "sign/", "names/", "languages/", "sheet/", "versions/", "versions/1/", "versions/2/")
BY_TENS = range(0, len(PAYLOADS), 10)


def documents_words(payload: str) -> dict[str, str]:
    line = payload.replace("\n", " ")
    reply = {"title": line[:160], "url": "https://a.example/?q=%22%3E", "language": "en"}
    return {
        "title_en": line[:160],
        "summary_en": line[:300],
        "body_en": f"{payload}\n\n{payload}",
        "title_es": line[:160],
        "summary_es": line[:300],
        "body_es": payload,
        **{f"replies-0-{name}": value for name, value in reply.items()},
        "replies-TOTAL_FORMS": "1",
    }


@pytest.mark.parametrize("first", BY_TENS)
def test_nothing_typed_into_a_document_runs_or_asks_another_host(admin, visitor, first):
    for payload in PAYLOADS[first : first + 10]:
        fields = written(**documents_words(payload))
        assert dangers(admin.post(f"{LIST}preview/", fields).content.decode()) == []
        assert admin.post(f"{LIST}add/", {**fields, "_publish": "1"}).status_code == 302, payload
        appeal = Appeal.objects.latest("changed_at")
        said = appeals.words_of(appeals.current(appeal))
        rewrite(appeal, f"{payload} and more", substantial=False, texts=said)
        for path in PATHS:
            page = visitor.get(f"/appeals/{appeal.slug}/{path}").content.decode()
            assert dangers(page) == [], (payload, path)
        assert dangers(admin.get(f"{LIST}{appeal.pk}/change/").content.decode()) == []
        visitor.post(f"/appeals/{appeal.slug}/sign/", posted_form(email=new_address(), shown="counted"))
        (mail,) = deliver_mail()
        assert dangers(mail.alternatives[0].content) == []
        assert "\n" not in mail.subject
    for path in ("/appeals/", "/es/appeals/", "/"):
        assert dangers(visitor.get(path).content.decode()) == [], path
    for path in (LIST, "/admin/hub/auditentry/"):
        assert dangers(admin.get(path).content.decode()) == [], path


@pytest.mark.parametrize("first", BY_TENS)
def test_nothing_typed_into_a_signature_runs_or_asks_another_host(visitor, first):
    appeal, moderator = make_appeal(), logged_in(make_moderator())
    for payload in PAYLOADS[first : first + 10]:
        line = " ".join(payload.split())[:80]
        said = {"shown": "identification", "name": line, "role": line, "organization": line}
        answer = visitor.post(f"/appeals/{appeal.slug}/sign/", posted_form(email=new_address(), **said))
        if answer.status_code == 422:  # an address in it: the form shows it again, and no list ever
            assert dangers(answer.content.decode()) == [], payload
            signed_as = f"{line}\n{line}\n{line}"
            signature = make_signature(appeal, shown="identification", signed_as=signed_as)
        else:
            signature = Signature.objects.latest("made_at")
            assert dangers(visitor.get(answer.url).content.decode()) == [], payload
        press_button(signature)
        assert dangers(visitor.get(f"/t/{signature.mail_token}/").content.decode()) == [], payload
        queue = moderator.get("/moderation/")
        review = queue.context["items"][-1]["review"]
        assert dangers(moderator.get(f"/moderation/{review.pk}/").content.decode()) == [], payload
        seen = {"act": "publish", "seen": review.submitted_at.isoformat()}
        moderator.post(f"/moderation/{review.pk}/", seen)
    names = visitor.get(f"/appeals/{appeal.slug}/names/").content.decode()
    assert names.count("(for identification only)") == len(PAYLOADS[first : first + 10])
    assert dangers(names) == []
