"""Samples of the ground floor's mail: confirming, accounts, questions, what moderators decide."""

from typing import Any

from events.actions import proposals
from events.models import Event
from events.threads import QUESTION
from hub import accounts, moderation, threads
from hub.demo.letters.people import a_moderator, a_party, an_event, event_details, type_code
from hub.forms import new_form_token
from hub.gallery import Stage, sample
from hub.models import Review, Thread


@sample("hub.confirmation")
def confirmation(stage: Stage) -> None:
    a_party(stage, an_event(stage, capacity=40), proven=False)


@sample("hub.code")
def code(stage: Stage) -> None:
    address = stage.address()
    digits = accounts.mailed_code(address)
    accounts.mail_code("login", address, digits, language=stage.language, at=stage.now)


@sample("hub.account_exists")
def account_exists(stage: Stage) -> None:
    accounts.mail_instead("hub.account_exists", stage.address(), language=stage.language, at=stage.now)


@sample("hub.account_unknown")
def account_unknown(stage: Stage) -> None:
    accounts.mail_instead("hub.account_unknown", stage.address(), language=stage.language, at=stage.now)


@sample("hub.account_changed")
def account_changed(stage: Stage) -> None:
    accounts.mail_notice("password_changed", stage.address(), language=stage.language, at=stage.now)


# --- Questions -------------------------------------------------------------------------------------
@sample("hub.thread_question")
def question(stage: Stage) -> Thread:
    """To the host, who reads it in the language of the one who asks."""
    event = _published(stage)
    thread = threads.ask(
        QUESTION,
        event.pk,
        form_token=new_form_token(),
        email=stage.address(),
        text=stage.say("Is there parking?", "¿Hay estacionamiento?"),
        language=stage.language,
        answerer=event.host,
        remembered=None,
        by=None,
        at=stage.now,
    )
    assert thread is not None
    type_code(thread.asker, threads.ACT_KIND, thread.pk, stage.now)
    return thread


@sample("hub.thread_answer")
def answer(stage: Stage) -> None:
    asked = question(stage)
    text = stage.say("Yes, behind the hall.", "Sí, detrás del salón.")
    threads.say(asked.pk, by_asker=False, text=text, form_token=new_form_token(), by=None, at=stage.now)


# --- What moderators decide ------------------------------------------------------------------------
@sample("hub.review_received")
def received(stage: Stage) -> Review:
    event = proposals.propose_event(
        event_details(stage),
        form_token=new_form_token(),
        email=stage.address(),
        by=None,
        remembered=None,
        language=stage.language,
        at=stage.now,
    )
    assert event is not None
    type_code(event.host, proposals.ACT_KIND, event.pk, stage.now)
    review = moderation.latest("events.event", event.pk)
    assert review is not None
    return review


def _published(stage: Stage) -> Event:
    return Event.objects.select_related("host").get(pk=published(stage).object_id)


@sample("hub.review_published")
def published(stage: Stage) -> Review:
    review = received(stage)
    moderation.publish(review, by=a_moderator(stage), at=stage.now)
    return review


def _with_reason(act: Any, stage: Stage, reason: str) -> None:
    act(received(stage), reason=reason, by=a_moderator(stage), at=stage.now)


@sample("hub.review_returned")
def returned(stage: Stage) -> None:
    reason = stage.say("How do people find the entrance?", "¿Cómo se llega a la entrada?")
    _with_reason(moderation.send_back, stage, reason)


@sample("hub.review_rejected")
def rejected(stage: Stage) -> None:
    reason = stage.say("This is no event of the campaign.", "Este evento no es de la campaña.")
    _with_reason(moderation.reject, stage, reason)
