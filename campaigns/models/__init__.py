"""What exists on the low floor."""

from campaigns.models.appeals import (
    Appeal,
    AppealReply,
    AppealText,
    AppealVersion,
    PaperSheet,
)
from campaigns.models.campaigns import Campaign, CampaignText, Coordinator
from campaigns.models.demands import Demand, DemandSupporter, DemandText, DemandVersion
from campaigns.models.endorsements import AppealEndorsement, Endorsement, EndorsementLink, OfficerClaim
from campaigns.models.organizations import FormerOrganization, Organization, OrganizationKey
from campaigns.models.posts import Post
from campaigns.models.signatures import Signature, SignatureLink

__all__ = [
    "Appeal",
    "AppealEndorsement",
    "AppealReply",
    "AppealText",
    "AppealVersion",
    "Campaign",
    "CampaignText",
    "Coordinator",
    "Demand",
    "DemandSupporter",
    "DemandText",
    "DemandVersion",
    "Endorsement",
    "EndorsementLink",
    "FormerOrganization",
    "OfficerClaim",
    "Organization",
    "OrganizationKey",
    "PaperSheet",
    "Post",
    "Signature",
    "SignatureLink",
]
