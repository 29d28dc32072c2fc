"""What campaigns keep about people."""

from typing import Any

from campaigns.models import Post
from hub.models import User
from hub.personal import register_export


@register_export
def export_posts(user: User) -> dict[str, Any]:
    """What the account has written for the feed. The posts stay when it goes: they are the campaign's."""
    return {
        "posts_written": [
            {"title": post.title, "status": post.status, "changed_at": post.changed_at.isoformat()}
            for post in Post.objects.filter(author=user).order_by("changed_at")
        ]
    }
