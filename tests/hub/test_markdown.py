"""Text from people: formatted, and nothing in it runs, loads or asks another host."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.markdown import TAGS, to_html, to_plain


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("**Bread** and *roses*", "<p><strong>Bread</strong> and <em>roses</em></p>"),
        ("one\ntwo", "<p>one<br>\ntwo</p>"),
        ("- a\n- b", "<ul>\n<li>a</li>\n<li>b</li>\n</ul>"),
        ("1. a", "<ol>\n<li>a</li>\n</ol>"),
        ("> quoted", "<blockquote>\n<p>quoted</p>\n</blockquote>"),
        ("# one", "<h3>one</h3>"),
        ("## two", "<h3>two</h3>"),
        ("### three", "<h4>three</h4>"),
        ("###### six", "<h4>six</h4>"),
        ("Title\n=====", "<h3>Title</h3>"),
        ("`code`", "<p><code>code</code></p>"),
        ("<b>bold</b>", "<p>&lt;b&gt;bold&lt;/b&gt;</p>"),
        ("![picture](x.png)", '<p>!<a href="x.png" rel="noopener noreferrer nofollow">picture</a></p>'),
        ("a & b < c", "<p>a &amp; b &lt; c</p>"),
        ("", ""),
    ],
)
def test_formatting(text, html):
    assert to_html(text).strip() == html


def test_links_say_that_they_lead_away():
    html = to_html("[site](https://example.org/?a=1&b=2) [mail](mailto:a@example.org)")
    assert html.count('rel="noopener noreferrer nofollow"') == 2
    assert 'href="https://example.org/?a=1&amp;b=2"' in html
    assert 'href="mailto:a@example.org"' in html


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "![picture](https://example.org/pixel.png)",
        "![picture][1]\n\n[1]: https://example.org/pixel.png",
        "[x](javascript:alert(1))",
        "[x](JaVaScRiPt:alert(1))",
        "[x](java\tscript:alert(1))",
        "[x](&#106;avascript:alert(1))",
        "[x](data:text/html;base64,PHNjcmlwdD4=)",
        "[x](vbscript:msgbox(1))",
        "<javascript:alert(1)>",
        "<a href='javascript:alert(1)'>x</a>",
        "<iframe src=https://example.org></iframe>",
        "<style>body{background:url(https://example.org)}</style>",
        "<svg/onload=alert(1)>",
        "<form action=https://example.org><input></form>",
        "<b style='background:url(https://example.org)'>x</b>",
        '[x](https://example.org "onmouseover=alert(1)")',
        "<math><mi xlink:href='javascript:alert(1)'>",
        "`<script>`",
        "    <script>alert(1)</script>",
        "<!-- --!><img src=x onerror=alert(1)>",
    ],
)
def test_nothing_runs_and_nothing_is_fetched(text):
    harmless(to_html(text))


@given(st.text(alphabet=st.sampled_from(list("<>/!&;:#*_[]()'\"`=\n\t abijsrcptv\0é")), max_size=200))
def test_no_text_gets_through(text):
    harmless(to_html(text))


def harmless(html: str) -> None:
    """Only our tags, and on them only a link's href (http, https, mailto), rel and title."""
    tags = re.findall(r"<(/?)([a-zA-Z0-9!]+)([^>]*)>", html)
    assert {name for _slash, name, _rest in tags} <= TAGS
    for _slash, name, rest in tags:
        attributes = re.findall(r'([\w:-]+)="([^"]*)"', rest)
        assert {key for key, _value in attributes} <= ({"href", "rel", "title"} if name == "a" else set())
        assert re.sub(r'[\w:-]+="[^"]*"', "", rest).strip() in ("", "/")
        for key, value in attributes:
            if key == "href" and ":" in value.split("/")[0]:
                assert value.split(":")[0].lower() in ("http", "https", "mailto")


def test_in_a_mail_an_address_of_this_site_is_whole():
    text = "[the list](/events/) [another](https://example.org/x) [odd](//example.org/y)"
    assert 'href="/events/"' in to_html(text)
    html = to_html(text, "https://hub.example.org")
    assert 'href="https://hub.example.org/events/"' in html
    assert 'href="https://example.org/x"' in html
    assert 'href="//example.org/y"' in html
    assert to_plain("See [the list](/events/).", "https://hub.example.org") == (
        "See the list (https://hub.example.org/events/)."
    )
