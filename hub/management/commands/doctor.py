"""`manage.py doctor`: what is misconfigured or standing still, a sentence each."""

import contextlib
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core.mail import get_connection
from django.core.management.base import BaseCommand
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

from campaigns.models import Campaign
from hub.bounces import BOUNCED
from hub.models import City, Heartbeat, Mailbox, MailHold, Message, User, ZipCode
from hub.sealing import SealedDataError

TICK_SILENT = timedelta(minutes=1)
PURGE_SILENT = timedelta(hours=24)
OVERDUE = timedelta(minutes=5)
FAILED_LATELY = timedelta(days=1)


class Command(BaseCommand):
    """Look at everything the hub needs; exit 0 if all is well, 1 if something isn't."""

    help = "Say in sentences what is misconfigured or standing still."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        complaints = list(check())
        for complaint in complaints:
            self.stdout.write(f"- {complaint}")
        if complaints:
            raise SystemExit(1)
        self.stdout.write("Everything the doctor looks at is well.")


def check() -> Iterator[str]:
    """Every complaint as a sentence that says what to do."""
    database = list(check_database())
    yield from database
    if not database:
        yield from check_data()
        yield from check_worker()
    yield from check_mail()
    yield from check_settings()


def check_database() -> Iterator[str]:
    """Is it there, and is every migration applied?"""
    try:
        executor = MigrationExecutor(connection)
        plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    except DatabaseError:
        yield "The database does not answer: is it running, and is DATABASE_URL right?"
        return
    if plan:
        yield f"{len(plan)} migrations are not applied: run manage.py migrate."


def check_data() -> Iterator[str]:
    """Places, a campaign, an administrator, and keys that open what is sealed."""
    if not (ZipCode.objects.exists() and City.objects.exists()):
        yield "No ZIP codes or cities are loaded, so nobody finds anything near: run manage.py load_places."
    if not Campaign.objects.home().exists():
        yield "No campaign is the home page's: make one in the admin and tick “is home”."
    if not User.objects.filter(is_superuser=True, is_active=True).exists():
        yield "Nobody can enter the admin: run manage.py createsuperuser."
    newest = Mailbox.objects.order_by("-created_at").first()
    if newest is not None:
        try:
            opens = bool(newest.address)
        except SealedDataError:
            opens = False
        if not opens:
            yield "DATA_KEYS do not open what is in the database: put back the key it was sealed with."


def check_worker() -> Iterator[str]:
    """Does the tick tick, is anything purged, is mail moving?"""
    now = timezone.now()
    beats = dict(Heartbeat.objects.values_list("name", "at"))
    if beats.get("tick") is None or beats["tick"] < now - TICK_SILENT:
        yield "No tick for over a minute: are the Celery worker and beat running, and the same broker set?"
    if beats.get("purge") is not None and beats["purge"] < now - PURGE_SILENT:
        yield "Nothing was purged for over a day: look into the worker's log for a failed purge."
    held = MailHold.objects.first()
    if held is not None:
        yield f"Mail is held ({held.reason}): nothing leaves until manage.py mail release."
        return
    overdue = Message.objects.filter(
        state__in=(Message.State.WAITING, Message.State.CLAIMED), due_at__lt=now - OVERDUE
    ).count()
    if overdue:
        yield f"{overdue} mails are overdue by more than five minutes: does the mail relay answer?"
    uncertain = Message.objects.filter(state=Message.State.UNCERTAIN).count()
    if uncertain:
        yield f"{uncertain} mails are uncertain: a worker died while sending them."
    lately = Message.objects.filter(state=Message.State.FAILED, state_at__gt=now - FAILED_LATELY)
    failed = lately.exclude(reason__startswith=BOUNCED).count()  # what came back, the relay had taken
    if failed:
        yield f"{failed} mails failed in the last day: does the relay take mail from MAIL_FROM?"


def check_mail() -> Iterator[str]:
    """Can the relay be reached and logged in to?"""
    mail = get_connection()
    try:
        mail.open()
    except OSError as error:
        yield f"The mail relay can't be used ({type(error).__name__}): check EMAIL_URL."
    finally:
        with contextlib.suppress(OSError):
            mail.close()
    if not settings.DEMO and not (settings.EMAIL_USE_TLS or settings.EMAIL_USE_SSL):
        yield "Mail goes to the relay unencrypted: use smtp+tls:// or smtp+ssl:// in EMAIL_URL."


def check_settings() -> Iterator[str]:
    """What production allows but shouldn't be left so."""
    if settings.DEMO:
        return
    if not settings.HTTPS:
        yield "SITE_URL is not https: cookies and links travel in clear."
    if settings.SITE_HOST not in settings.ALLOWED_HOSTS:
        yield f"ALLOWED_HOSTS does not hold {settings.SITE_HOST}, the host of SITE_URL."
    if not settings.SOURCE_URL:
        yield "SOURCE_URL is not set: the licence (AGPL) wants the hub's source offered to its users."
    if connection.vendor == "sqlite":
        yield "The database is SQLite: several web processes need PostgreSQL, set DATABASE_URL."
    if not settings.REDIS_URL:
        yield "REDIS_URL is not set: the worker and beat must run on this very machine."
