"""What the demo's coordinator has announced: read by the members, with the page of how its mail got on."""

from datetime import datetime, timedelta

from committees.actions import announcements as actions
from committees.actions.announcing import put_announcements
from committees.models import Committee, Membership
from hub.demo.content import text
from hub.forms import new_form_token
from hub.models import Message, User

SENT = timedelta(days=3)  # ago
SUBJECT = "Tuesday: who brings what to the rally"
TEXT = text(
    "We meet on **Tuesday at seven**, half an hour, to share out the work for the day of action:",
    "- banners and paint\n- two people who speak Spanish at the table\n- a cart for the water",
    "You can't come? Write to us on the committee's page what you can bring.",
)


def make_announcement(committee: Committee, *, by: User, now: datetime) -> None:
    """Write and send it to the members, who have it already: still in the demo's transaction, so that no
    worker writes to anybody."""
    at = now - SENT
    Membership.objects.active().filter(committee=committee).update(takes_mail=True)
    draft = actions.write_announcement(
        committee,
        form_token=new_form_token(),
        subject=SUBJECT,
        text=TEXT,
        language=committee.language,
        by=by,
        at=at,
    )
    assert draft is not None
    seen = actions.state_of(draft)
    sent = actions.send(draft.pk, form_token=new_form_token(), seen=seen, by=by, at=at)
    put_announcements(at)
    actions.mail_of(sent).update(state=Message.State.SENT, state_at=at)
