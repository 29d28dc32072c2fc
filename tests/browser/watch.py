"""What a browser did while nobody looked: requests, failures, words in the console."""

from urllib.parse import urlsplit

REPORT_VIOLATIONS = """
document.addEventListener("securitypolicyviolation", (event) =>
  console.error(`CSP ${event.violatedDirective} refused ${event.blockedURI}`));
"""


class Watch:
    """Listens to browser contexts; `complaints` is what must stay empty, in order of appearance."""

    def __init__(self, site_url: str) -> None:
        self.host = urlsplit(site_url).netloc
        self.urls: list[str] = []
        self.complaints: list[str] = []

    def follow(self, context) -> None:
        """From here on, every page of this context."""
        context.add_init_script(REPORT_VIOLATIONS)
        context.on("request", self._request)
        context.on("requestfailed", self._failed)
        context.on("response", self._response)
        context.on("console", self._console)
        context.on("weberror", lambda error: self.complaints.append(f"exception: {error.error}"))

    def _request(self, request) -> None:
        self.urls.append(request.url)
        address = urlsplit(request.url)
        if address.scheme != "data" and address.netloc != self.host:
            self.complaints.append(f"another host: {request.url}")

    def _failed(self, request) -> None:
        # Aborted: the page was left before its icon came, or a file was saved instead of shown. What
        # a policy refuses has another name, and a line in the console.
        if request.failure != "net::ERR_ABORTED":
            self.complaints.append(f"failed: {request.url}: {request.failure}")

    def _response(self, response) -> None:
        if response.status >= 400 and not response.request.is_navigation_request():
            self.complaints.append(f"{response.status}: {response.url}")
        if response.status >= 500:
            self.complaints.append(f"{response.status}: {response.url}")

    def _console(self, message) -> None:
        # Chromium says so of every page that is meant to be a 404 or 422; `_response` looks at files.
        if message.text.startswith("Failed to load resource: the server responded with a status of 4"):
            return
        if message.type in ("error", "warning"):
            self.complaints.append(f"console {message.type}: {message.text}")
