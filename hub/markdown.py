"""Text from people: Markdown to HTML through an allow-list without images, so that a page shows
no script and asks no other host for anything."""

from functools import lru_cache

import nh3
from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt
from markdown_it.token import Token

TAGS = {"p", "br", "strong", "em", "ul", "ol", "li", "blockquote", "h3", "h4", "a", "code", "pre", "hr"}
_parser = MarkdownIt("commonmark", {"html": False, "breaks": True}).disable("image")
_cleaner = nh3.Cleaner(
    tags=TAGS,
    attributes={"a": {"href"}},
    url_schemes={"http", "https", "mailto"},
    link_rel="noopener noreferrer nofollow",
)
# The page has its own h1 and h2: headings in a text start below them.
_HEADINGS = {"h1": "h3", "h2": "h3", "h3": "h4", "h4": "h4", "h5": "h4", "h6": "h4"}


# The busiest pages show the same few texts, and writing one takes an eighth of such a page.
@lru_cache(maxsize=128)
def to_html(text: str, site: str = "") -> SafeString:
    """Sanitised HTML of a Markdown text. A mail gives its `site`: there `/events/` leads nowhere."""
    return _render(_parse(text, site))


def to_folded(text: str, length: int) -> tuple[SafeString, SafeString]:
    """The same in two parts: whole blocks (paragraphs, lists, …) with about so many characters, one at
    least, and what is left, which may be empty."""
    tokens = _parse(text)
    ends = [at + 1 for at, token in enumerate(tokens) if token.level == 0 and token.nesting <= 0]
    written = 0
    for begin, end in zip([0, *ends], ends, strict=False):
        written += sum(len(token.content) for token in tokens[begin:end])
        if written >= length:
            return _render(tokens[:end]), _render(tokens[end:])
    return _render(tokens), SafeString()


def to_plain(text: str, site: str = "") -> str:
    """The words of a Markdown text without its signs: blocks with an empty line between them. `site` is as in
    `to_html`."""
    blocks, item = [], ""
    for token in _parse(text, site):
        if token.type == "list_item_open":
            item = f"{token.info}{token.markup} " if token.info else "• "
        elif token.type == "inline":
            blocks.append(item + _plain_line(token.children or []))
            item = ""
        elif token.type in ("fence", "code_block"):
            blocks.append(token.content.rstrip())
    return "\n\n".join(blocks)


def _plain_line(parts: list[Token]) -> str:
    """A line's words; where a link leads stands behind its own."""
    words, leads = [], []
    for part in parts:
        if part.type == "link_open":
            leads.append(str(part.attrGet("href")))
        elif part.type == "link_close":
            words.append(f" ({leads.pop()})")
        elif part.type in ("softbreak", "hardbreak"):
            words.append("\n")
        else:
            words.append(part.content)
    return "".join(words)


def _parse(text: str, site: str = "") -> list[Token]:
    tokens = _parser.parse(text or "")
    for token in tokens:
        token.tag = _HEADINGS.get(token.tag, token.tag)
        for part in token.children or []:
            href = str(part.attrGet("href") or "")
            if site and href.startswith("/") and not href.startswith("//"):
                part.attrSet("href", site + href)
    return tokens


def _render(tokens: list[Token]) -> SafeString:
    html = _parser.renderer.render(tokens, _parser.options, {})
    return mark_safe(_cleaner.clean(html))  # noqa: S308 - cleaned one call before
