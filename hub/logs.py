"""Logs that can be handed around: no path (it may hold a secret link), no address, no IP."""

import logging
import traceback
from types import TracebackType


class NoPaths(logging.Filter):
    """Replaces what Django logs of a request by the name of its route.

    Django's own records name the path, and a path of ours may be somebody's secret link.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        request = getattr(record, "request", None)
        if request is not None and record.name.startswith("django"):
            record.msg = (
                f"{request.method} {route_name(request)} {getattr(record, 'status_code', '')}".rstrip()
            )
            record.args = ()
        return True


class LineFormatter(logging.Formatter):
    """One line a record; of an exception the frames and the class, but never its text: database
    and mail errors quote the values they are about."""

    def formatException(
        self, ei: tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]
    ) -> str:
        kind, _error, trace = ei
        frames = "".join(traceback.format_tb(trace)) if trace else ""
        return f"{frames}{kind.__module__}.{kind.__qualname__}" if kind else ""


def route_name(request: object) -> str:
    """The name of the page a request went to, without anything the visitor sent."""
    match = getattr(request, "resolver_match", None)
    return (match.view_name if match else None) or "no-route"
