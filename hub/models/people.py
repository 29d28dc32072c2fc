"""Accounts."""

from typing import Any, ClassVar

from django.apps import apps
from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.db import models, transaction
from django.utils.translation import gettext_lazy as _

from hub.models.base import HubModel
from hub.sealing import SealedEmail, SealedField, normalize_email


class UserManager(BaseUserManager["User"]):
    """Makes accounts; the address is the log-in."""

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """A new account, whose address is taken for proven; without a password it can only be entered
        by mailed code."""
        if not email:
            raise ValueError("An account needs an e-mail address.")
        user = self.model(email=normalize_email(email), **fields)
        user.set_password(password)
        return self.keep(user)

    def keep(self, user: "User") -> "User":
        """Store a new account together with allauth's row of its proven address."""
        with transaction.atomic(using=self._db):
            user.save(using=self._db)
            proven = apps.get_model("account", "EmailAddress")(
                user=user, email=user.email, verified=True, primary=True
            )
            proven.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """A new administrator."""
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)


class User(HubModel, AbstractBaseUser, PermissionsMixin):
    """A person with an account. The e-mail address is the log-in, the display name may be a
    pseudonym; nothing else is known about them."""

    email = SealedEmail(_("e-mail address"), unique=True)
    display_name = SealedField()
    language = models.CharField(max_length=5, default="en")
    time_zone = models.CharField(max_length=64, blank=True, help_text="IANA name; empty: not known")
    is_staff = models.BooleanField(default=False)
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        verbose_name = "account"

    def __str__(self) -> str:
        """Never the address: this text ends up in logs and admin pages."""
        return f"account {str(self.pk)[:8]}"

    @property
    def language_or_default(self) -> str:
        return self.language if self.language in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE
