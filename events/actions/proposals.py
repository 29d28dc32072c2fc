"""What a host does with an event of their own: propose it, prove the mailbox, change it, take it back,
be forgotten. And what a moderator's decision does to it."""

import json
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction

from committees.models import Committee
from committees.permissions import is_coordinator
from events.actions import edits, seats
from events.actions.events import (
    REVIEW_KIND,
    EventDetails,
    EventRefused,
    create_event,
    edit_event,
    publish_event,
)
from events.models import Event, Timeslot
from hub import actions as ground
from hub import audit, links, moderation
from hub.inserts import insert
from hub.models import Mailbox, Review, User
from hub.moderation import ReviewRefused
from hub.personal import forget_if_unused

ACT_KIND = "events.proposal"
ACTIVE_FOR = timedelta(days=30)  # a committee this long active vouches for its coordinators
A_DAY = timedelta(hours=24)
AT_ONCE_A_DAY = 3  # events of one host that are published without a moderator


# --- Proposing -----------------------------------------------------------------------------------
def propose_event(
    details: EventDetails,
    *,
    form_token: str,
    email: str,
    by: User | None,
    remembered: Mailbox | None,
    language: str,
    at: datetime,
) -> Event | None:
    """Propose an event, with an account or with an address that has yet to be confirmed; the same form
    sent twice gives the first one's event, or None if that is gone.

    With a proven mailbox (an account's, or of a remembered phone) it goes to the moderators, or is
    published at once for whom they trust; otherwise it waits for the mailbox. Raises EventRefused.
    """
    try:
        with transaction.atomic():
            return _propose(details, form_token, email, by, remembered, language, at)
    except IntegrityError:
        before = ground.result_of(form_token)
        if before is None:
            raise
        return Event.objects.filter(pk=before).first()


def _propose(
    details: EventDetails,
    form_token: str,
    email: str,
    by: User | None,
    remembered: Mailbox | None,
    language: str,
    at: datetime,
) -> Event:
    if by is not None:
        ground.lock_account(by)
    committee = details.values.get("committee")
    if committee is not None and not (by and is_coordinator(by, committee)):
        raise EventRefused("committee")
    if committee is not None and committee.visibility == Committee.Visibility.HIDDEN:
        details.values["visibility"] = Event.Visibility.MEMBERS
    event = create_event(details, by=by, at=at)
    insert([ground.submitted(form_token, result_id=event.pk, at=at)])
    mailbox = ground.mailbox_of(by, at=at) if by else ground.mailbox_for(email, at=at)
    event.host, event.host_language, event.proposed_at = mailbox, language, at
    if committee is None:  # a committee's event belongs to its coordinators, not to who holds a link
        event.host_link_hash = links.token_hash(event.host_token)
        event.host_form_link_hash = links.token_hash(event.host_form_token)
    event.save(
        update_fields=["host", "host_language", "proposed_at", "host_link_hash", "host_form_link_hash"]
    )
    if by or (remembered is not None and remembered.pk == mailbox.pk):
        return _take_up(event, by=by, at=at)
    ground.ask_to_confirm(mailbox, kind=ACT_KIND, act_id=event.pk, at=at)
    return event


def confirm(event_id: UUID, at: datetime) -> Event | None:
    """The host's mailbox was just proven: the event goes to the moderators, or is published. One whose
    date has passed meanwhile stays a draft. None if it is gone."""
    with transaction.atomic():
        seats.lock(list(Timeslot.objects.filter(event_id=event_id).values_list("pk", flat=True)))
        event = Event.objects.select_related("committee").filter(pk=event_id).first()
        if event is None or event.host_id is None or not event.awaits_mailbox or event.is_over(at):
            return event
        event.host = Mailbox.objects.select_for_update().get(pk=event.host_id)
        return _take_up(event, by=None, at=at)


def _take_up(event: Event, *, by: User | None, at: datetime) -> Event:
    """Publish what needs no moderator, hand in everything else. The host's mailbox is locked, so that
    several at once are counted."""
    if _may_publish_at_once(event, by, at):
        return publish_event(event, by=by, at=at)
    return _hand_in(event, by=by, at=at)


def _may_publish_at_once(event: Event, by: User | None, at: datetime) -> bool:
    """For the trusted; but never a place that isn't public, nor a host's fourth event in a day."""
    if not event.place_is_public:
        return False
    lately = Event.objects.filter(host=event.host, proposed_at__isnull=False, published_at__gt=at - A_DAY)
    if lately.count() >= AT_ONCE_A_DAY:
        return False
    if event.committee is not None:
        return _is_settled(event.committee, at) and by is not None and is_coordinator(by, event.committee)
    return moderation.is_trusted(event.host)


def _is_settled(committee: Committee, at: datetime) -> bool:
    since = committee.active_since
    return committee.stage == Committee.Stage.ACTIVE and since is not None and since <= at - ACTIVE_FOR


def _hand_in(event: Event, *, by: User | None, at: datetime) -> Event:
    event.status = Event.Status.SUBMITTED
    event.save(update_fields=["status", "changed_at"])
    moderation.submit(
        REVIEW_KIND,
        event.pk,
        mailbox=event.host,
        by=by,
        language=event.host_language or event.language,
        first_start=event.next_start,
        at=at,
    )
    return event


# --- Changing and taking back --------------------------------------------------------------------
def change_event(
    event: Event, details: EventDetails, *, by: User | None, by_form: bool = False, at: datetime
) -> Event:
    """The host's own edit. Before publication it changes the event and hands it in again; of a published
    one it counts at once for coordinators, and for trusted hosts who are logged in as long as nobody is
    sent elsewhere; otherwise it waits for a moderator while the page stays. Raises EventRefused for what
    was rejected.

    `by` is the account that acts; None for whoever holds the host's link. `by_form` is it by the link of
    the browser that sent the form, which does nothing any more once the mailbox is proven.
    """
    with transaction.atomic():
        waiting = moderation.lock_waiting(REVIEW_KIND, event.pk)  # before the timeslot, as deciding does
        event = Event.objects.select_related("committee", "host").get(pk=event.pk)
        _refuse_if_spent(event, by_form)
        if event.status in (Event.Status.REJECTED, Event.Status.ARCHIVED):
            raise EventRefused("rejected")
        if event.status == Event.Status.PUBLISHED:
            return _change_published(event, details, waiting, by=by, at=at)
        before_mailbox = event.awaits_mailbox
        event = edit_event(event, details, by=by, at=at)
        return event if before_mailbox else _hand_in(event, by=by, at=at)


def _change_published(
    event: Event, details: EventDetails, waiting: Review | None, *, by: User | None, at: datetime
) -> Event:
    slot = event.timeslots.all()[0]
    values = edits.changes(event, slot, details)
    if not values:
        moderation.withdraw(REVIEW_KIND, event.pk, by=by, at=at)
        return event
    if _counts_at_once(event, values, by):
        moderation.withdraw(REVIEW_KIND, event.pk, by=by, at=at)  # the form held what waited too
        return edit_event(event, details, by=by, at=at)
    moderation.submit_edit(
        REVIEW_KIND,
        event.pk,
        values,
        mailbox=event.host,
        by=by,
        language=event.host_language or event.language,
        first_start=min(slot.start, details.start),
        at=at,
    )
    audit.record("propose_edit", event, at=at, by=by, count=len(values))
    return event


def _counts_at_once(event: Event, values: dict[str, Any], by: User | None) -> bool:
    if values.get("reveal", Event.Reveal.PUBLIC) != Event.Reveal.PUBLIC:
        return False  # a place that is no longer public always waits
    if event.committee is not None:
        return by is not None and is_coordinator(by, event.committee)
    # A link can be stolen, and words can send people elsewhere too: nothing is changed by it alone.
    return by is not None and moderation.is_trusted(event.host) and edits.MOVES.isdisjoint(values)


def withdraw(event: Event, *, by: User | None, by_form: bool = False, at: datetime) -> None:
    """Take an event back that was never published: it is deleted. Raises EventRefused for one that was.
    `by_form` as in `change_event`."""
    with transaction.atomic():
        moderation.withdraw(REVIEW_KIND, event.pk, by=by, at=at)
        seats.lock(list(event.timeslots.values_list("pk", flat=True)))
        event = Event.objects.get(pk=event.pk)
        _refuse_if_spent(event, by_form)
        if event.published_at is not None:
            raise EventRefused("published")
        moderation.forget_submitter(REVIEW_KIND, event.pk, at=at)  # mailboxes after timeslots
        host_id = event.host_id
        audit.record("withdraw_event", event, at=at, by=by)
        ground.forget_result(event.pk)
        event.delete()
        if host_id is not None:
            forget_if_unused(host_id)


def _refuse_if_spent(event: Event, by_form: bool) -> None:
    """Between finding the page and this act somebody may have proven the mailbox."""
    if by_form and not event.awaits_mailbox:
        raise EventRefused("spent")


def forget_host(event: Event, *, by_form: bool = False, at: datetime) -> None:
    """Delete the host's address and public name here; the event stays otherwise as it is, without an edit
    that waited, and nobody can be written to about it. One whose mailbox was never proven goes whole."""
    if event.awaits_mailbox or by_form:
        withdraw(event, by=None, by_form=by_form, at=at)
        return
    with transaction.atomic():
        # Before the event, as deciding does.
        moderation.forget_submitter(REVIEW_KIND, event.pk, at=at)
        event = Event.objects.select_for_update().get(pk=event.pk)
        host_id, event.host, event.host_language, event.host_name = event.host_id, None, "", ""
        event.save(update_fields=["host", "host_language", "host_name", "changed_at"])
        audit.record("forget_host", event, at=at, by=None)
        if host_id is not None:
            forget_if_unused(host_id)


def expire(event_id: UUID, *, at: datetime) -> None:
    """Nobody proved the mailbox in time: the proposal goes, and the address with it."""
    with transaction.atomic():
        # Keeps a confirmation of this moment out.
        seats.lock(list(Timeslot.objects.filter(event_id=event_id).values_list("pk", flat=True)))
        event = Event.objects.unconfirmed().filter(pk=event_id).first()
        if event is None:
            return
        host_id = event.host_id
        audit.record("expire_event", event, at=at, by=None)
        event.delete()
        if host_id is not None:
            forget_if_unused(host_id)


# --- What a decision does ------------------------------------------------------------------------
def publish(event_id: UUID, by: User | None, at: datetime) -> None:
    """A moderator publishes it. Raises ReviewRefused if it is over."""
    try:
        publish_event(Event.objects.get(pk=event_id), by=by, at=at)
    except EventRefused as refused:
        raise ReviewRefused(refused.reason) from refused


def send_back(event_id: UUID, by: User | None, at: datetime) -> None:
    """A moderator returns it to its host."""
    _set_status(event_id, Event.Status.RETURNED, "return_event", by, at)


def reject(event_id: UUID, by: User | None, at: datetime) -> None:
    """A moderator rejects it."""
    _set_status(event_id, Event.Status.REJECTED, "reject_event", by, at)


def _set_status(event_id: UUID, status: str, action: str, by: User | None, at: datetime) -> None:
    event = Event.objects.select_for_update().get(pk=event_id)
    event.status = status
    event.save(update_fields=["status", "changed_at"])
    audit.record(action, event, at=at, by=by)


def apply_edit(review: Review, by: User | None, at: datetime) -> None:
    """A moderator lets an edit count, on the event as it is now. Raises ReviewRefused if that is over, or
    would be by the edit."""
    event = Event.objects.get(pk=review.object_id)
    details = edits.details_with(event, event.timeslots.all()[0], json.loads(review.values))
    if event.is_over(at) or details.end <= at:
        raise ReviewRefused("over")
    edit_event(event, details, by=by, at=at)
