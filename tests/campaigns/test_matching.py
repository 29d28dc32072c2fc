"""Whether two names are one organization: what people type, and 300 pairs of real names labelled by hand."""

import csv
from pathlib import Path

import pytest

from campaigns import matching
from campaigns.matching import keys, read, same_organization

PAIRS = Path(__file__).resolve().parent.parent / "data" / "organization_pairs.csv"
with PAIRS.open(newline="") as file:
    ROWS = list(csv.DictReader(file))


# --- The labelled pairs ----------------------------------------------------------------------------
def figures(rows: list[dict[str, str]]) -> tuple[float, float, list[str]]:
    """Precision, recall and the pairs that were got wrong. A pair is only found as it would be in the
    database: it has a key in common."""
    found = {id(row) for row in rows if keys(row["first"]) & keys(row["second"]) and same(row)}
    same_pairs = {id(row) for row in rows if row["label"] == "same"}
    right = found & same_pairs
    wrong = [
        f"{row['first']} | {row['second']} ({row['label']})" for row in rows if id(row) in found ^ same_pairs
    ]
    return len(right) / len(found), len(right) / len(same_pairs), wrong


def same(row: dict[str, str]) -> bool:
    return same_organization(row["first"], row["second"])


@pytest.mark.parametrize("part", ["all", "tuning", "held out"])
def test_real_names_are_told_apart_and_found(part, capsys):
    rows = ROWS if part == "all" else [row for row in ROWS if row["part"] == part]
    precision, recall, wrong = figures(rows)
    with capsys.disabled():
        print(f"\norganizations, {part} ({len(rows)} pairs): precision {precision:.3f}, recall {recall:.3f}")
    assert precision >= 0.98, wrong
    assert recall >= 0.90, wrong


def test_the_pairs_are_what_they_are_said_to_be():
    assert len(ROWS) == 300
    assert {row["label"] for row in ROWS} == {"same", "different"}
    assert sum(row["label"] == "same" for row in ROWS) == 150
    for part in ("tuning", "held out"):
        assert sum(row["part"] == part for row in ROWS) == 150
    pairs = {frozenset((row["first"], row["second"])) for row in ROWS}
    assert len(pairs) == 300


# --- What people type ------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Teamsters Local 12", "teamsters, loc. 12"),
        ("Teamsters Local 12", "Teamsters L. 12"),
        ("Teamsters Local 12", "Teamsters No. 12"),
        ("Teamsters Local 12", "TEAMSTERS #012"),
        ("Teamsters Local 12", "Int'l Bhd. of Teamsters Local Union 12"),
        ("Amer. Fed. of Musicians 77", "American Federation of Musicians Local 77"),
        ("Illinois Nurses Assn", "Illinois Nurses Association"),
        ("Plumbers & Pipefitters Local 111", "Plumbers and Pipefitters 111"),
        ("Unión de Maestras", "UNION DE MAESTRAS"),
        ("Partido Obrero (PO)", "Partido Obrero"),
        ("TIR (Revolutionary Internationalist Tendency)", "TIR"),
        ("TIR (Revolutionary Internationalist Tendency)", "Revolutionary Internationalist Tendency"),
        ("32-B", "32B"),
        ("Migrar No es Delito", "migrar no es delito"),
    ],
)
def test_spellings_of_one(one, other):
    assert same_organization(one, other)
    assert same_organization(other, one)
    assert keys(one) & keys(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Teamsters Local 12", "Teamsters Local 21"),
        ("Teamsters Local 12", "Roofers Local 12"),
        ("Teamsters Local 12", "Teamsters District Council 12"),
        ("Teamsters Local 12", "Teamsters"),
        ("SWP", "SEP"),
        ("Polo Obrero", "Partido Obrero"),
        ("Workers Party", "Workers Party of Elsewhere"),
        ("Socialist Party", "Socialist Workers Party"),
        ("Local 12", "Local 12 of Nothing Else"),
        ("", "Teamsters"),
        ("(!)", "…"),
    ],
)
def test_names_of_two(one, other):
    assert not same_organization(one, other)
    assert not same_organization(other, one)


def test_a_name_is_taken_apart():
    assert read("Int'l Bhd of Teamsters, Local 012") == matching.Name(frozenset({"12"}), frozenset({"ibt"}))
    assert read("IAM District Lodge 60, Local 435").numbers == {"district 60", "435"}


def test_a_very_long_name_takes_no_time():
    """160 characters are the most a name may have."""
    name = " ".join(["(((1a"] * 32)
    assert len(name) >= 160
    assert same_organization(name, name) in (True, False)
