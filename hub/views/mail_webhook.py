"""What a hosted mail provider reports of the hub's mail, as django-anymail reads it: refusals and
complaints are noted, whatever else it tells is passed over."""

import logging
from typing import Any

from anymail.signals import AnymailTrackingEvent, EventType, RejectReason, tracking
from anymail.webhooks.mailgun import MailgunTrackingWebhookView
from anymail.webhooks.postmark import PostmarkTrackingWebhookView
from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt

from hub import bounces
from hub.bounces import Report
from hub.refusals import code_in, status_in

logger = logging.getLogger("hub.webhook")
VIEWS = {"mailgun": MailgunTrackingWebhookView, "postmark": PostmarkTrackingWebhookView}
THE_MAILBOX, SOMETHING_ELSE = 550, 554  # what a refusal without any number counts as
SOFT = "SoftBounce"  # Postmark's for what may be taken another time, which Anymail counts among the bounces


# A program posts, without a cookie: its secret or signature, which Anymail looks at first, allows it.
@csrf_exempt
def mail_webhook(request: HttpRequest) -> HttpResponse:
    """POST by the provider that MAIL_WEBHOOK names. 400 for anybody else's and for what can't be read."""
    try:
        return VIEWS[settings.MAIL_WEBHOOK].as_view()(request)
    except (AttributeError, LookupError, TypeError, ValueError):  # something else than the provider's JSON
        logger.exception("could not read what %s reports", settings.MAIL_WEBHOOK)
        return HttpResponseBadRequest()


def note(event: AnymailTrackingEvent, **_more: Any) -> None:
    """Note a refusal or a complaint. An error of the database is told as 503, so the provider asks again."""
    report = _report(event)
    if report is not None:
        bounces.record(report, at=timezone.now())


# Anymail hands over what it has read by a signal. That is its interface; rules of ours aren't made so.
tracking.connect(note)


def _report(event: AnymailTrackingEvent) -> Report | None:
    about: dict[str, Any] = {
        "message_id": event.message_id or "",
        "address": event.recipient or "",
        "vouched": True,
    }
    if event.event_type == EventType.COMPLAINED:
        return Report(**about, complaint=True)
    if event.event_type not in (EventType.BOUNCED, EventType.REJECTED) or _raw(event, "Type") == SOFT:
        return None
    words = event.mta_response or event.description or ""
    status = status_in(words)
    if status and not status.startswith("5."):
        return None
    said = _raw(event, "event-data", "delivery-status", "code")  # Mailgun's, which the words leave out
    code = code_in(f"{said} {words}")
    if not code:
        unknown = event.reject_reason in (RejectReason.BOUNCED, RejectReason.INVALID)
        code = THE_MAILBOX if unknown else SOMETHING_ELSE
    return Report(**about, code=code, status=status, words=words)


def _raw(event: AnymailTrackingEvent, *names: str) -> Any:
    """Something of the provider's own event; None where it isn't there."""
    found = event.esp_event
    for name in names:
        found = found.get(name) if hasattr(found, "get") else None
    return found
