"""What of campaigns has pictures: organizations, their logos."""

from campaigns.models import Organization
from hub.images import register_owner

register_owner(Organization)
