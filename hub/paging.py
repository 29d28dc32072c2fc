"""Pages of a list: its query string says which, and no list is read further than page 50."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest

PAGE = 20
LAST_PAGE = 50
COUNT_TO = 1000  # a full count of a large table costs more than the page


def asked_page(request: HttpRequest) -> int:
    """The page that is asked for, whether or not there is one."""
    text = request.GET.get("page", "1")
    return max(1, int(text)) if text.isascii() and text.isdigit() and len(text) < 4 else 1


def page_number(request: HttpRequest) -> int:
    """The page that is shown, 1 to LAST_PAGE."""
    return min(asked_page(request), LAST_PAGE)


def page_of(rows: Any, number: int, size: int = PAGE) -> list[Any]:
    """The rows of a page and, where there is one, the first of the next."""
    first = (number - 1) * size
    return list(rows[first : first + size + 1])


def pager(request: HttpRequest, number: int, found: Sequence[Any], size: int = PAGE) -> dict[str, Any]:
    """What `components/pager.html` takes, for the rows that `page_of` found."""
    more = len(found) > size and number < LAST_PAGE
    return {
        "page_number": number,
        "previous_url": address(request, page=str(number - 1)) if number > 1 else "",
        "next_url": address(request, page=str(number + 1)) if more else "",
    }


def address(request: HttpRequest, **changes: str) -> str:
    """This list's address with some parameters changed, or removed by an empty value."""
    query = {name: value for name, value in request.GET.items() if value and name != "page"}
    query |= changes
    text = urlencode({name: value for name, value in query.items() if value})
    return f"{request.path}?{text}" if text else request.path
