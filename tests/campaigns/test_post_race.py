"""Scheduled posts when several ticks come at the same moment."""

from datetime import timedelta
from functools import partial

import pytest
from django.utils import timezone

from campaigns.actions.posts import publish_due
from campaigns.models import Post
from hub.models import AuditEntry
from tests import races
from tests.factories import make_post

pytestmark = [pytest.mark.alone, pytest.mark.django_db(transaction=True)]


def test_of_several_ticks_at_once_one_publishes_each_post():
    now = timezone.now()
    posts = [make_post(published=False, publish_at=now + timedelta(minutes=1)) for _ in range(20)]
    later = now + timedelta(minutes=2)
    races.at_once([partial(publish_due, later)] * 4)
    published = Post.objects.filter(pk__in=[post.pk for post in posts], status="published")
    assert set(published.values_list("published_at", flat=True)) == {later}
    assert published.count() == len(posts)
    assert AuditEntry.objects.filter(action="publish_post").count() == len(posts)
