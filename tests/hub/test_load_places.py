"""Loading places: all or nothing, once, and again only when the data has changed."""

import gzip
import os
import subprocess
import sys
import threading
from io import StringIO
from pathlib import Path

import pytest
import zipcodes
from django.core.management import CommandError, call_command
from django.db import connection
from hypothesis import given, settings
from hypothesis import strategies as st

from hub.management.commands import load_places
from hub.management.commands.load_places import COLUMNS, BadFile, read_cities
from hub.models.places import City, PlaceSource, ZipCode
from hub.places import DATA, find_place
from tests.hub.places_fixture import CITIES

HEADER = ",".join(COLUMNS)
FRESNO = "Fresno,CA,US,542107,36.7477,-119.7724,America/Los_Angeles"
# As the package gives them: in use, closed, military without a point, wrong sign, unknown time zone.
ZIP_CODES = [
    ("94110", True, "San Francisco", "CA", "37.7509", "-122.4153", "America/Los_Angeles"),
    ("94158", False, "San Francisco", "CA", "37.77", "-122.39", "America/Los_Angeles"),
    ("09012", True, "Apo", "AE", "0.0000", "0.0000", ""),
    ("96960", True, "Majuro", "MH", "7.0801", "-171.1569", "Pacific/Majuro"),
    ("99634", True, "Napakiak", "AK", "60.69", "-161.95", "Napakiak"),
]


@pytest.fixture
def few_zip_codes(monkeypatch):
    names = ("zip_code", "active", "city", "state", "lat", "long", "timezone")
    entries = [dict(zip(names, values, strict=True)) for values in ZIP_CODES]
    monkeypatch.setattr(zipcodes, "list_all", lambda: entries)


def load(path=CITIES, **options):
    out = StringIO()
    call_command("load_places", cities=path, stdout=out, **options)
    return out.getvalue()


def city_file(tmp_path, *lines, header=HEADER, name="cities.csv"):
    path = tmp_path / name
    path.write_text("\n".join([header, *lines]) + "\n", encoding="utf-8")
    return path


@pytest.mark.django_db
def test_the_committed_data_loads_and_knows_the_campaign_s_places(django_assert_max_num_queries):
    said = StringIO()
    call_command("load_places", stdout=said)
    assert City.objects.count() == PlaceSource.objects.get(name="cities").rows > 33_000
    assert ZipCode.objects.count() == PlaceSource.objects.get(name="zipcodes").rows > 40_000
    assert not ZipCode.objects.filter(latitude=0).exists()
    for text, label in (
        ("San Francisco", "San Francisco, CA"),
        ("Los Ángeles", "Los Angeles, CA"),
        ("Nueva York", "New York City, NY"),
        ("Buenos Aires", "Buenos Aires, Argentina"),
        ("El Pireo", "Piraeus, Greece"),
        ("Estambul", "Istanbul, Turkey"),
        ("Ciudad de México", "Mexico City, Mexico"),
        ("Sacramento", "Sacramento, CA"),
        ("Berkeley", "Berkeley, CA"),
        ("Fremont", "Fremont, CA"),
        ("Atenas", "Athens, Greece"),
        ("Londres", "London, United Kingdom"),
        ("Berlín, Alemania", "Berlin, Germany"),
        ("Roma, Italia", "Rome, Italy"),
        ("94110", "San Francisco, CA 94110"),
        ("00926", "San Juan, PR 00926"),
        ("96910", "Hagatna, GU 96910"),
        ("East Palestine, OH", "East Palestine, OH"),
    ):
        with django_assert_max_num_queries(2):
            assert find_place(text).label == label
    springfields = find_place("Springfield").alternatives
    assert len(springfields) == 5
    assert [find_place(text).label for text in springfields] == list(springfields)


@pytest.mark.django_db
@pytest.mark.usefixtures("few_zip_codes")
def test_a_second_run_reads_and_writes_nothing(monkeypatch, django_assert_max_num_queries):
    assert load() == "Cities: 48 of 48 loaded\nZIP codes: 3 of 3 loaded\n"
    before = set(City.objects.values_list("pk", flat=True))

    def unwanted(*args):
        raise AssertionError("read again")

    monkeypatch.setattr(zipcodes, "list_all", unwanted)
    monkeypatch.setattr(load_places, "read_cities", unwanted)
    with django_assert_max_num_queries(4):
        assert load() == "Cities: 48, unchanged\nZIP codes: 3, unchanged\n"
    assert set(City.objects.values_list("pk", flat=True)) == before


@pytest.mark.django_db
@pytest.mark.usefixtures("few_zip_codes")
def test_zip_codes_without_a_point_stay_out_and_mistakes_are_mended():
    load()
    rows = dict(ZipCode.objects.values_list("code", "zone"))
    assert rows == {"94110": "America/Los_Angeles", "96960": "Pacific/Majuro", "99634": ""}
    assert ZipCode.objects.get(code="96960").longitude == 171.1569


@pytest.mark.django_db
@pytest.mark.usefixtures("few_zip_codes")
def test_changed_data_replaces_the_old(tmp_path):
    load()
    assert load(city_file(tmp_path, FRESNO)) == "ZIP codes: 3, unchanged\nCities: 1 of 1 loaded\n"
    assert [city.name for city in City.objects.all()] == ["Fresno"]
    # The same number of rows, another place: the digest notices what a count would not.
    load(city_file(tmp_path, FRESNO.replace("36.7477", "36.7")))
    assert City.objects.get().latitude == 36.7


@pytest.mark.django_db
@pytest.mark.usefixtures("few_zip_codes")
def test_an_emptied_table_is_filled_again():
    load()
    ZipCode.objects.all().delete()
    assert "ZIP codes: 3 of 3 loaded" in load()
    assert ZipCode.objects.count() == 3


@pytest.mark.django_db
@pytest.mark.usefixtures("few_zip_codes")
def test_quiet_says_nothing():
    assert load(quiet=True) == ""
    assert load(quiet=True) == ""


@pytest.mark.django_db
@pytest.mark.usefixtures("few_zip_codes")
def test_a_file_may_be_gzipped_and_have_escapes_or_utf_8(tmp_path):
    lines = (
        r"Logro\xf1o,La Rioja,ES,147036,42.466,-2.45,Europe/Madrid",
        "Łódź,Łódź Voivodeship,PL,768755,51.77,19.4739,Europe/Warsaw",
    )
    plain = city_file(tmp_path, *lines)
    packed = tmp_path / "cities.csv.gz"
    packed.write_bytes(gzip.compress(plain.read_bytes()))
    for path in (plain, packed):
        load(path)
        assert set(City.objects.values_list("name", "folded")) == {("Logroño", "logrono"), ("Łódź", "lodz")}


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("Fresno,CA,US", "3 fields instead of 7"),
        (FRESNO.replace("Fresno", ""), "a city has no name"),
        (FRESNO.replace("Fresno", "..."), "a city has no name"),
        (FRESNO.replace("Fresno", "F" * 101), "too long or unreadable"),
        (FRESNO.replace("Fresno", r"Fresno\x00"), "too long or unreadable"),
        (FRESNO.replace("Fresno", r"Fresno\ud800"), "too long or unreadable"),
        (FRESNO.replace("Fresno", r"Fresno\xg"), "can't decode"),
        (FRESNO.replace("US", "ZZ"), "the country 'ZZ' is not in countries.csv"),
        (FRESNO.replace("36.7477", "96.7477"), "latitude is '96.7477', not a number from -90 to 90"),
        (FRESNO.replace("36.7477", "nan"), "latitude is 'nan'"),
        (FRESNO.replace("-119.7724", "west"), "longitude is 'west', not a number from -180 to 180"),
        (FRESNO.replace("542107", "-1"), "population is '-1'"),
        (FRESNO.replace("542107", "1.5"), "population is '1.5'"),
        (FRESNO.replace("Los_Angeles", "Los_Diablos"), "time zone 'America/Los_Diablos' is unknown here"),
        ('"Fresno', "unexpected end of data"),
    ],
)
@pytest.mark.django_db
@pytest.mark.usefixtures("few_zip_codes")
def test_a_bad_line_is_one_sentence_and_loads_nothing(tmp_path, line, reason):
    path = city_file(tmp_path, FRESNO, line)
    with pytest.raises(CommandError) as caught:
        load(path)
    sentence = str(caught.value)
    assert sentence.startswith(f"{path} is not a file of cities: line 3: ")
    assert reason in sentence
    assert sentence.endswith(". Nothing was loaded.")
    assert not City.objects.exists()
    assert not ZipCode.objects.exists()
    assert not PlaceSource.objects.exists()


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "the header is ''"),
        (b"name,city\nFresno,CA\n", "the header is 'name,city' instead of 'name,region,"),
        (HEADER.encode() + b"\n", "there is no city in it"),
        (b"\x1f\x8b\x08 broken", "it is a damaged gzip file"),
        (gzip.compress(HEADER.encode())[:-9], "it is a damaged gzip file"),
        (b"\xff\xfe\x00", "it is neither ASCII nor UTF-8 text"),
    ],
    # Named: the bytes of a gzip file hold the time they were made at.
    ids=["nothing", "header", "empty", "damaged", "cut-off", "text"],
)
@pytest.mark.django_db
@pytest.mark.usefixtures("few_zip_codes")
def test_a_bad_file_keeps_what_was_loaded(tmp_path, content, reason):
    load()
    path = tmp_path / "bad.csv"
    path.write_bytes(content)
    with pytest.raises(CommandError, match="is not a file of cities") as caught:
        load(path)
    assert reason in str(caught.value)
    assert City.objects.count() == 48


@given(st.binary() | st.text().map(lambda text: f"{HEADER}\n{text}".encode("utf-8", "surrogatepass")))
@settings(deadline=None)
def test_any_bytes_are_cities_or_a_bad_file(data):
    try:
        rows = read_cities(data)
    except BadFile:
        return
    assert rows


@pytest.mark.django_db
@pytest.mark.usefixtures("few_zip_codes")
def test_a_fault_half_way_leaves_the_old_rows(tmp_path, monkeypatch):
    load()
    monkeypatch.setattr(load_places, "BATCH", 1)
    again = city_file(tmp_path, FRESNO, FRESNO.replace("Fresno", "Clovis"))
    made = City.objects.bulk_create

    def failing(rows):
        if rows[0].name == "Clovis":
            raise RuntimeError("the disk is full")
        return made(rows)

    monkeypatch.setattr(type(City.objects), "bulk_create", lambda self, rows: failing(rows))
    with pytest.raises(RuntimeError):
        load(again)
    assert City.objects.count() == 48


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("few_zip_codes")
def test_two_runs_at_once_load_once():
    """Two containers start together: the second waits for the first and finds nothing to do."""
    ready, failures = threading.Barrier(2), []

    def run():
        try:
            ready.wait(timeout=10)
            load()
        except Exception as error:
            failures.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    assert failures == []
    assert (City.objects.count(), ZipCode.objects.count()) == (48, 3)


@pytest.mark.django_db(transaction=True)
def test_the_command_ends_with_1_and_a_sentence(client_env, tmp_path):
    root = Path(DATA).parent.parent
    for path, sentence in (
        (tmp_path / "missing.csv", "can't be read: No such file or directory."),
        (city_file(tmp_path, "Fresno"), "line 2: 1 fields instead of 7. Nothing was loaded."),
    ):
        done = subprocess.run(
            [sys.executable, "manage.py", "load_places", "--cities", os.fspath(path)],
            cwd=root,
            env=client_env,
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert done.returncode == 1
        assert done.stdout == ""
        assert done.stderr.strip().endswith(sentence)
        assert len(done.stderr.strip().splitlines()) == 1
