"""What has pictures on this floor: posts their photos, organizations their logos."""

from campaigns.models import Organization, Post
from hub.images import register_owner

register_owner(Post)
register_owner(Organization)
