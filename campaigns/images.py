"""What has pictures on this floor."""

from campaigns.models import Post
from hub.images import register_owner

register_owner(Post)
