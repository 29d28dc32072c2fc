"""The ground floor's tables."""

from hub.models.audit import AuditEntry
from hub.models.base import HubModel, Moderated
from hub.models.counts import DailyCount
from hub.models.images import Image
from hub.models.limits import Limit
from hub.models.mailboxes import (
    Block,
    Confirmation,
    Mailbox,
    SubmittedForm,
    Suppression,
    Trust,
    address_digest,
    bucket_digest,
    without_tag,
)
from hub.models.messages import Heartbeat, MailHold, MailPace, Message, message_key
from hub.models.people import User
from hub.models.places import City, PlaceSource, ZipCode
from hub.models.reviews import Review
from hub.models.tags import TaggedItem
from hub.models.threads import Thread, ThreadPost

__all__ = [
    "AuditEntry",
    "Block",
    "City",
    "Confirmation",
    "DailyCount",
    "Heartbeat",
    "HubModel",
    "Image",
    "Limit",
    "MailHold",
    "MailPace",
    "Mailbox",
    "Message",
    "Moderated",
    "PlaceSource",
    "Review",
    "SubmittedForm",
    "Suppression",
    "TaggedItem",
    "Thread",
    "ThreadPost",
    "Trust",
    "User",
    "ZipCode",
    "address_digest",
    "bucket_digest",
    "message_key",
    "without_tag",
]
