"""Samples of what committees announce: an announcement, the test of one, the weekly digest."""

from datetime import timedelta

from committees.actions import announcements, announcing
from committees.models import Announcement, Committee
from hub import digest, news
from hub.demo.letters.of_committees import approved
from hub.forms import new_form_token
from hub.gallery import Stage, sample
from hub.models import Heartbeat, User
from hub.zones import zone_info


def a_draft(stage: Stage) -> tuple[Announcement, User]:
    """One that is not sent yet, and who wrote it."""
    member, coordinator = approved(stage)
    return _draft(stage, member.committee, coordinator), coordinator


def _draft(stage: Stage, committee: Committee, coordinator: User) -> Announcement:
    draft = announcements.write_announcement(
        committee,
        form_token=new_form_token(),
        subject=stage.say("We meet on Tuesday", "Nos reunimos el martes"),
        text=stage.say(
            "Tuesday at seven, in the **library**. We choose who speaks at the forum.\n\n"
            "- Bring a neighbor\n- Bring a chair",
            "El martes a las siete, en la **biblioteca**. Elegimos quién habla en el foro.\n\n"
            "- Trae a alguien\n- Trae una silla",
        ),
        language=stage.language,
        by=coordinator,
        at=stage.now,
    )
    assert draft is not None
    return draft


@sample(announcements.TEST)
def announcement_test(stage: Stage) -> None:
    draft, coordinator = a_draft(stage)
    announcements.send_test(draft.pk, by=coordinator, at=stage.now)


@sample(announcements.KIND)
def announcement(stage: Stage) -> None:
    draft, coordinator = a_draft(stage)
    _send(draft, coordinator, stage)
    announcing.put_announcements(stage.now)


@sample(news.DIGEST)
def weekly_digest(stage: Stage) -> None:
    """The third of a week stands in it alone: two went as mails of their own."""
    draft, coordinator = a_draft(stage)
    for _two in range(announcements.BY_MAIL):
        _send(_draft(stage, draft.committee, coordinator), coordinator, stage)
    _send(draft, coordinator, stage)
    zone = draft.committee.zone
    days = 7 - stage.now.astimezone(zone_info(zone)).weekday()
    stage.now = news.local_hour(stage.now, zone, digest.CLOSES, days=days)
    Heartbeat.objects.filter(name=news.DIGEST).delete()
    digest.plan_digests(stage.now)
    stage.now += timedelta(hours=1)


def _send(draft: Announcement, coordinator: User, stage: Stage) -> None:
    announcements.send(
        draft.pk,
        form_token=new_form_token(),
        seen=announcements.state_of(draft),
        by=coordinator,
        at=stage.now,
    )
