"""Dates as the press writes them become ISO 8601, or nothing."""

from __future__ import annotations

import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from claimtag.reading import dates
from claimtag.reading.dates import iso_date

SPELLINGS = [
    "2018-04-10", "  2018-04-10  ", "2018-4-10", "2018/04/10", "2018.04.10", "2018-04-10T10:00:00Z", "2018-04-10 23:30:00+02:00",
    "2018-04-10T23:30:00.123+0200", "10/04/2018", "10.4.2018", "10-04-2018", "10/04/2018 à 10h30", "Publié le 10/04/2018 à 10:30",
    "10 avril 2018", "le 10 avril 2018", "mardi 10 avril 2018", "Publié le 10 avril 2018", "BRUXELLES, 10 avril 2018", "10 avr. 2018",
    "10 avril 2018 à 10h", "10 avril 2018 à 9 h 05", "10 avril 2018 - 18:12", "10 AVRIL 2018", "10\u00a0avril\u00a02018",
    "Tue, 10 Apr 2018 10:00:00 GMT", "April 10, 2018", "10 april 2018", "dinsdag 10 april 2018", "10 de abril de 2018",
    "10. April 2018", "١٠ أبريل 2018", "2018年4月10日", "10 апреля 2018",
]  # fmt: skip


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_a_date_of_the_press_is_understood(spelling: str) -> None:
    assert iso_date(spelling) == "2018-04-10"


@pytest.mark.parametrize(
    ("spelling", "day"),
    [("1er mars 2024", "2024-03-01"), ("1° mars 2024", "2024-03-01"), ("20 août 2019", "2019-08-20"), ("15 déc. 2019", "2019-12-15"),
     ("12 maart 2018", "2018-03-12"), ("29 février 2020", "2020-02-29")],
)  # fmt: skip
def test_months_and_first_days_are_understood(spelling: str, day: str) -> None:
    assert iso_date(spelling) == day


def test_of_a_date_in_numbers_the_first_is_the_day() -> None:
    assert iso_date("04/05/2018") == "2018-05-04"
    assert iso_date("4.5.2019") == "2019-05-04"


@pytest.mark.parametrize(
    "text",
    ["", " ", "hier", "aujourd'hui", "il y a 2 ans", "il y a 3 jours, 2018", "demain 10:00", "lundi", "10 avril", "avril 2018", "2018",
     "2018-04", "04/2018", "10/04/18", "2018-02-31", "31 février 2018", "29/02/2019", "04/25/2018", "0000-00-00", "2018-13-45", "1523318400",
     "le 3 mai 2018, mis à jour le 5 mai 2018", "du 3 au 5 mai 2018", "art. 12 de 2018", "12 morts en 2018", "n/a", "10 avril 2018 " + "x" * 100],
)  # fmt: skip
def test_what_does_not_name_one_whole_day_is_no_date(text: str) -> None:
    assert iso_date(text) is None


def test_a_day_or_a_time_of_python_is_a_date() -> None:
    assert iso_date(datetime.date(2018, 4, 10)) == "2018-04-10"
    assert iso_date(datetime.datetime(2018, 4, 10, 23, 59, tzinfo=datetime.UTC)) == "2018-04-10"


@pytest.mark.parametrize("value", [None, 20180410, 1523318400.0, True, ["2018-04-10"], {"day": 10}])
def test_other_values_are_no_dates(value: object) -> None:
    assert iso_date(value) is None


@given(st.dates(), st.sampled_from(["%Y-%m-%d", "%d/%m/%Y", "%d.%m.%Y", "%Y/%m/%d", "%Y-%m-%dT%H:%M"]))
def test_every_day_in_numbers_is_understood(day: datetime.date, form: str) -> None:
    year = f"{day.year:04}"  # strftime leaves the zeros of early years out
    assert iso_date(day.strftime(form.replace("%Y", year))) == day.isoformat()


def test_a_known_weakness_short_words_in_the_place_of_a_month_may_pass_for_one() -> None:
    # of the 1,500 commonest words of French news these do, besides months and number words, in some language
    words = ["des", "une", "est", "lui", "âge", "dès", "dit", "île", "ong", "mer", "âgé", "pro"]
    assert all(iso_date(f"12 {word} 2018") for word in words)


def test_an_understood_date_does_not_depend_on_today(monkeypatch: pytest.MonkeyPatch) -> None:
    dates._in_words.cache_clear()
    assert iso_date("hier, 14:00") is None
    assert dates._in_words.cache_info().misses == 0  # relative words never reach dateparser


def test_a_day_is_parsed_once_whatever_the_time_of_the_articles() -> None:
    dates._in_words.cache_clear()
    for minute in range(60):
        assert iso_date(f"mardi 10 avril 2018 à 10h{minute:02}") == "2018-04-10"
    assert dates._in_words.cache_info().misses == 1


@pytest.mark.parametrize("piece", ["1:", "1 h ", "a ", "2018 ", "1/1/", "12 mai ", ". ", "T1:1"])
def test_a_hostile_string_is_no_date_in_little_time(piece: str) -> None:
    iso_date(piece * 100_000)
    iso_date((piece * 100)[:100])
