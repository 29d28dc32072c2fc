"""Pictures of things: whose there are, who may see them, adding and removing.

Each app registers in its `images.py` which of its models have pictures. Who may see a row of theirs by
`visible_to` sees its pictures too.
"""

import logging
import secrets
import time
from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID

from django.db import models, transaction
from django.db.models import Q, QuerySet

from hub import audit
from hub.models import Image, User
from hub.models.images import media_folder
from hub.personal import register_purge
from hub.pictures import Picture

logger = logging.getLogger("hub.images")

STRAY_KEPT = timedelta(hours=1)  # a file without a row: one that is being added has none yet

owners: dict[str, type[models.Model]] = {}


def register_owner(model: type[models.Model]) -> None:
    """Make rows of a model able to have pictures; its manager has `visible_to`."""
    owners[model._meta.label] = model


def visible_to(user: Any) -> QuerySet[Image]:
    """The pictures of everything somebody may see."""
    seen = Q(pk__in=[])
    for label, model in owners.items():
        things: Any = model._default_manager
        seen |= Q(owner_kind=label, owner_id__in=things.visible_to(user).values("pk"))
    return Image.objects.filter(seen)


def pictures_of(ids: Iterable[UUID]) -> dict[UUID, list[Image]]:
    """The pictures of each of these things, in the order they were added, in one query. The caller has
    looked at who may see the things."""
    found: defaultdict[UUID, list[Image]] = defaultdict(list)
    for image in Image.objects.filter(owner_id__in=list(ids)):
        found[image.owner_id].append(image)
    return dict(found)


# --- Acts ----------------------------------------------------------------------------------------
def add_image(
    owner: models.Model, picture: Picture, *, alt: str, language: str, by: User | None, at: datetime
) -> Image:
    """Give a thing a picture. Its files are written first: should the transaction come to nothing, the
    purge finds them without a row."""
    image = Image(
        name=secrets.token_hex(16),
        kind=picture.kind,
        width=picture.width,
        height=picture.height,
        alt=alt,
        language=language,
        owner_kind=owner._meta.label,
        owner_id=owner.pk,
        added_at=at,
    )
    for path, data in zip(image.paths, (picture.large, picture.small), strict=True):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    with transaction.atomic():
        image.save(force_insert=True)
        audit.record("add_image", owner, at=at, by=by)
    return image


def remove_image(image: Image, *, by: User | None, at: datetime) -> None:
    """Take a picture away, its files too."""
    with transaction.atomic():
        owner = owners[image.owner_kind](pk=image.owner_id)
        audit.record("remove_image", owner, at=at, by=by)
        _delete(Image.objects.filter(pk=image.pk))


def remove_images_of(owner: models.Model) -> None:
    """To be called by whatever deletes the owner, in its transaction."""
    _delete(Image.objects.filter(owner_kind=owner._meta.label, owner_id=owner.pk))


@transaction.atomic
def _delete(images: QuerySet[Image]) -> None:
    for image in images:
        image.delete()
        # Not before it is certain that the row is gone.
        transaction.on_commit(partial(_unlink, image.paths))


def _unlink(paths: Iterable[Path]) -> None:
    for path in paths:
        path.unlink(missing_ok=True)


# --- Purging -------------------------------------------------------------------------------------
@register_purge
def purge_images(now: datetime) -> None:
    """Pictures whose owner is gone, and files that no row knows of: what an act that was cut short may
    have left behind."""
    for label, model in owners.items():
        gone = ~Q(owner_id__in=model._default_manager.values("pk"))
        _delete(Image.objects.filter(gone, owner_kind=label))
    old = time.time() - STRAY_KEPT.total_seconds()
    if not media_folder().is_dir():
        return
    # Files first, rows second: one that is added meanwhile is in neither or in both.
    stray = {path for path in media_folder().iterdir() if path.stat().st_mtime < old}
    known = {path for image in Image.objects.all() for path in image.paths}
    _unlink(stray - known)
