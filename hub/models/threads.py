"""Questions and answers on the web: two sides, each with its link, no inbound mail."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from hub import links
from hub.models.base import HubModel
from hub.models.mailboxes import Mailbox
from hub.sealing import SealedField


class Thread(HubModel):
    """A conversation about a thing between whoever asked and whoever answers for it.

    The asker is a mailbox (of a visitor, or of an account's address). Who answers is a mailbox too (a
    host without an account), or the accounts that the kind of thing names (moderators, coordinators).
    A question whose mailbox waits to be confirmed is seen by nobody else (`opened_at`).
    """

    kind = models.CharField(max_length=40, help_text="registered name, for example events.question")
    about_id = models.UUIDField(db_index=True, help_text="the event, committee or review it is about")
    asker = models.ForeignKey(Mailbox, on_delete=models.SET_NULL, null=True, related_name="questions")
    answerer = models.ForeignKey(Mailbox, on_delete=models.SET_NULL, null=True, related_name="asked")
    language = models.CharField(max_length=5, choices=settings.LANGUAGES, help_text="of the asker")
    made_at = models.DateTimeField()
    opened_at = models.DateTimeField(null=True, help_text="when the asker's mailbox was proven")
    last_at = models.DateTimeField(help_text="of the last word; 30 days later it goes")
    # What the asker's browser got after the form opens the thread until the mailbox is proven; then
    # only the mailed link does, so that typing somebody's address never opens their page.
    browser_link_hash = models.BinaryField(
        max_length=32, unique=True, null=True, help_text="empty where the answering side began"
    )
    asker_link_hash = models.BinaryField(max_length=32, unique=True, help_text="mailed to the asker")
    answerer_link_hash = models.BinaryField(max_length=32, unique=True)

    class Meta:
        indexes = [
            models.Index(fields=["last_at"], name="thread_last"),
            models.Index(fields=["made_at"], name="thread_unopened", condition=Q(opened_at__isnull=True)),
        ]

    def __str__(self) -> str:
        return f"thread {str(self.pk)[:8]}"

    @property
    def browser_token(self) -> str:
        """The link of the browser that sent the question."""
        return links.token("thread", self.pk)

    @property
    def asker_token(self) -> str:
        """The link that proves the asker's mailbox."""
        return links.token("thread-asker", self.pk)

    @property
    def answerer_token(self) -> str:
        """The link of whoever answers."""
        return links.token("thread-answerer", self.pk)


class ThreadPost(HubModel):
    """One side's words."""

    thread = models.ForeignKey(Thread, on_delete=models.CASCADE, related_name="posts")
    at = models.DateTimeField()
    by_asker = models.BooleanField()
    text = SealedField()

    class Meta:
        ordering = ["at"]

    def __str__(self) -> str:
        return f"post {str(self.pk)[:8]}"
