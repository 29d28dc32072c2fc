"""The line to the mail relay. Django's, but that it knows whether a mail may be out."""

import smtplib
from typing import Any

from django.core.mail.backends.smtp import EmailBackend


class _Line:
    """Mixed into smtplib's two kinds of line. Until a mail's text is handed over, one that breaks has
    taken nothing."""

    handed_over = False

    def mail(self, *args: Any, **kwargs: Any) -> Any:
        self.handed_over = False
        return super().mail(*args, **kwargs)  # type: ignore[misc]

    def data(self, *args: Any, **kwargs: Any) -> Any:
        self.handed_over = True
        return super().data(*args, **kwargs)  # type: ignore[misc]


class Line(_Line, smtplib.SMTP):
    """In clear, or by STARTTLS."""


class SealedLine(_Line, smtplib.SMTP_SSL):
    """TLS from the first byte."""


class RelayBackend(EmailBackend):
    """Sends over one line until it is closed."""

    @property
    def connection_class(self) -> type[smtplib.SMTP]:
        """Which kind of line is opened."""
        return SealedLine if self.use_ssl else Line

    @property
    def may_be_out(self) -> bool:
        """Whether the text of the last mail was handed over, whatever became of the line since."""
        return not isinstance(self.connection, _Line) or self.connection.handed_over
