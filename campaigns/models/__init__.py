"""What exists on the low floor."""

from campaigns.models.appeals import (
    Appeal,
    AppealReply,
    AppealText,
    AppealVersion,
    PaperSheet,
)
from campaigns.models.campaigns import Campaign, Coordinator
from campaigns.models.demands import Demand, DemandSupporter, DemandText, DemandVersion
from campaigns.models.posts import Post
from campaigns.models.signatures import Signature, SignatureLink

__all__ = [
    "Appeal",
    "AppealReply",
    "AppealText",
    "AppealVersion",
    "Campaign",
    "Coordinator",
    "Demand",
    "DemandSupporter",
    "DemandText",
    "DemandVersion",
    "PaperSheet",
    "Post",
    "Signature",
    "SignatureLink",
]
