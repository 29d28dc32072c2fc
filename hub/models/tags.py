"""Words by which demands and posts are grouped."""

from django.db import models
from taggit.models import GenericUUIDTaggedItemBase, TaggedItemBase


class TaggedItem(GenericUUIDTaggedItemBase, TaggedItemBase):
    """A tag on a thing whose key is a UUID."""

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["content_type", "object_id", "tag"], name="one_tag_a_thing")
        ]
