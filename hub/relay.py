"""The line to the mail relay. Django's, but that it knows whether a mail may be out, and tells a relay that
doesn't encrypt from one that isn't there. Where encryption is configured nothing is said without it."""

import smtplib
import ssl
from typing import Any

from django.core.mail.backends.smtp import EmailBackend


class NoTLS(OSError):
    """The relay doesn't encrypt, or it isn't the one its certificate is for."""


def unreached(error: OSError) -> str:
    """Why there is no line, for the ledger."""
    what = "no TLS" if isinstance(error, NoTLS) else "no connection"
    return f"{what}: {type(error.__cause__ or error).__name__}"


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

    def starttls(self, *args: Any, **kwargs: Any) -> Any:
        try:
            return super().starttls(*args, **kwargs)
        except OSError as error:  # smtplib's own errors are OSErrors
            raise NoTLS from error


class SealedLine(_Line, smtplib.SMTP_SSL):
    """TLS from the first byte."""

    def _get_socket(self, *args: Any) -> Any:
        try:
            return super()._get_socket(*args)  # type: ignore[misc]
        except ssl.SSLError as error:
            raise NoTLS from error


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
