"""What changed between two texts: complete, readable, and safe as HTML."""

import itertools
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns.difference import Run, difference, difference_html, markdown_difference_html

TEXTS = st.text(alphabet="ab \n.<&é'", max_size=60)


@pytest.mark.parametrize(
    ("before", "after", "runs"),
    [
        ("", "", []),
        ("Same.", "Same.", [("same", "Same.")]),
        ("", "New", [("added", "New")]),
        ("Old", "", [("removed", "Old")]),
        ("End war", "End all war", [("same", "End "), ("added", "all "), ("same", "war")]),
        (
            "End the war now",
            "End every war at once",
            [
                ("same", "End "),
                ("removed", "the"),
                ("added", "every"),
                ("same", " war "),
                ("removed", "now"),
                ("added", "at once"),
            ],
        ),
        ("one two", "three four", [("removed", "one two"), ("added", "three four")]),
        ("it's ours", "it’s ours", [("removed", "it's"), ("added", "it’s"), ("same", " ours")]),
        ("a\r\nb", "a\nb", [("same", "a\nb")]),
    ],
)
def test_words_that_changed(before, after, runs):
    assert difference(before, after) == [Run(*run) for run in runs]


@given(TEXTS, TEXTS)
def test_both_texts_stand_in_the_difference(before, after):
    runs = difference(before, after)
    assert "".join(run.text for run in runs if run.kind != "added") == before
    assert "".join(run.text for run in runs if run.kind != "removed") == after
    assert all(run.text for run in runs)
    assert all(left.kind != right.kind for left, right in itertools.pairwise(runs))


def test_html_has_paragraphs_and_marks():
    html = difference_html("First.\n\nStop the war\nnow", "First.\n\nStop every war\nnow\n\nAnd more")
    assert html == (
        "<p>First.</p>\n<p>Stop <del>the</del><ins>every</ins> war<br>now</p>\n<p><ins>And more</ins></p>"
    )


@given(TEXTS, TEXTS)
def test_what_people_write_is_never_markup(before, after):
    html = difference_html(before, after)
    for mark in ("p", "del", "ins", "br"):
        html = html.replace(f"<{mark}>", "").replace(f"</{mark}>", "")
    assert "<" not in html


def test_a_script_is_text():
    html = difference_html("<script>alert(1)</script>", "<img src=x onerror=alert(1)> [a](javascript:x)")
    assert "<script" not in html
    assert "<img" not in html
    assert "<a" not in html


def passages(words: str) -> str:
    return "\n".join(f"{number}\n{words * 180}" for number in range(60))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("a\n" * 12_000, "a\nb\n" * 6_000),
        ("word " * 10_000, "word other " * 5_000),
        ("a b. " * 5_000, "b a, " * 5_000),
        # Few kinds of words, or of lines, over and over; in one passage or in many.
        ("a b " * 499, "b a " * 499),
        ("a\n" * 1900, "a\nb\n" * 950),
        ("a b c " * 300, "c b a " * 300),
        (passages("a b "), passages("b a ")),
        ("\n".join(str(n % 150) for n in range(1990)), "\n".join(str(n * 7 % 150) for n in range(1990))),
    ],
)
def test_the_largest_texts_hold_up_no_page(before, after):
    started = time.process_time()
    difference_html(before, after)
    assert time.process_time() - started < 4


def test_a_real_document_rewritten_from_end_to_end_is_compared_word_by_word():
    text = Path("ARCHITECTURE.md").read_text()[:50_000]
    words = text.split(" ")
    runs = difference(text, " ".join(word for place, word in enumerate(words) if place % 7))
    assert len(runs) > 1_000
    assert len([run for run in runs if run.kind == "same" and len(run.text) > 400]) < 20


def test_of_markdown_stands_what_is_read():
    before = "## We demand\n\n**Close** the [camps](https://example.org/a).\n\n- Now\n- All\n\n1. One"
    html = markdown_difference_html(before, before.replace("camps", "prisons"))
    assert html == (
        "<p>We demand</p>\n"
        "<p>Close the <del>camps</del><ins>prisons</ins> (https://example.org/a).</p>\n"
        "<p>• Now</p>\n<p>• All</p>\n<p>1. One</p>"
    )


def test_where_only_signs_changed_they_stand_there():
    assert "<ins>**</ins>" in markdown_difference_html("Close it.", "**Close** it.")
    assert markdown_difference_html("", "<script>") == "<p><ins>&lt;script&gt;</ins></p>"
