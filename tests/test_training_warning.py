"""What a user should know of a table is said, with the lines where it stands."""

from __future__ import annotations

from collections import Counter

from claimtag.training.naming import made_scheme
from claimtag.training.tables import Line
from claimtag.training.warning import table_warnings


def warned(*rows: tuple[str, str, str | None]) -> list[str]:
    """The warnings of rows of text, labels and article."""
    lines = [Line(f"t.csv:{n}", text, tuple(labels.split()), group) for n, (text, labels, group) in enumerate(rows, 2)]
    counts = Counter(label for line in lines for label in line.labels)
    return list(table_warnings(lines, made_scheme(counts, file="t.csv", name="t")))


def test_a_table_without_oddities_has_no_warnings() -> None:
    assert warned(("La mer.", "sea", None), ("Le champ.", "land", None)) == []


def test_the_same_text_with_other_labels_is_named_with_both_lines() -> None:
    assert warned(("La mer.", "sea", None), ("la  MER.", "land sea", None), ("Le champ.", "", None)) == [
        "1 sentence stands in the table more than once; they stay together in one fold",
        "1 text stands there with different labels; look at it:\n  “La mer.”: sea at t.csv:2, land, sea at t.csv:3",
    ]


def test_only_the_first_contradictions_are_named() -> None:
    rows = [(f"Phrase {n}.", label, None) for n in range(5) for label in ("sea", "")]
    last = warned(*rows)[-1]
    assert last.startswith("5 texts stand there with different labels; look at them:\n")
    assert last.count("\n  “") == 3
    assert last.endswith("\n  and 2 more")
    assert "“Phrase 0.”: sea at t.csv:2, no label at t.csv:3" in last


def test_the_same_text_in_several_articles_is_said() -> None:
    found = warned(("La mer.", "sea", "a"), ("La mer.", "sea", "b"), ("Le champ.", "land", "a"))
    assert found == [
        "1 sentence stands in the table more than once",
        '1 text stands in several articles, such as “La mer.” in "a" and "b"; articles that share most of their '
        "sentences stay together in one fold",
    ]


def test_labels_written_in_two_ways_are_named() -> None:
    assert warned(("La mer.", "Sea", None), ("Le port.", "sea", None), ("Le champ.", "land", None)) == [
        'the labels "Sea" and "sea" differ in case or white space alone and were taken as one, "sea"'
    ]


def test_a_label_that_every_sentence_has_is_named() -> None:
    assert warned(("La mer.", "news sea", None), ("Le port.", "sea news", None), ("Le champ.", "news", None)) == [
        'every sentence that was asked has "news": a model would say it of everything; add sentences without it, or leave it '
        "out"
    ]
    (both,) = warned(("La mer.", "news sea fr", None), ("Le champ.", "fr news", None))
    assert both.startswith('every sentence that was asked has "fr", "news": a model would say them of everything')


def test_a_label_that_every_sentence_has_of_those_asked_is_named_and_one_that_nobody_was_asked_is_not() -> None:
    naming = made_scheme(Counter({"sea": 1, "land": 1, "sky": 1}), file="t.csv", name="t")
    lines = [
        Line("t.csv:2", "La mer.", ("sea",), None, not_asked=("sky",)),
        Line("t.csv:3", "Le champ.", ("land",), None, not_asked=("sea", "sky")),
    ]
    (warning,) = table_warnings(lines, naming)
    assert warning.startswith('every sentence that was asked has "sea": ')


def test_articles_that_keep_to_one_label_give_it_away() -> None:
    rows = [(f"Phrase {n} {part}.", ("sea", "land")[n % 2], f"a{n}") for n in range(6) for part in "xy"]
    (warning,) = warned(*rows)
    assert warning.startswith(
        "all sentences of an article have the same labels, so the column of articles gives them away"
    )
    assert warned(*rows, ("Autre.", "land", "a0")) == []


def test_labels_of_one_article_each_are_told_to_be_learned_nowhere_else() -> None:
    rows = [(f"Phrase {n} {label}.", label, label) for n in range(3) for label in ("sea", "land")]
    assert warned(*rows) == [
        "no label stands in two articles or more, so the figures out of fold, of articles that were not learned from, are "
        "of labels that were not learned either; is it the right column of articles?"
    ]
    assert warned(*rows, ("Autre.", "sea", None)) == []
    assert warned(*((text, label, None) for text, label, _ in rows)) == []


def test_a_long_label_is_cut() -> None:
    (warning,) = warned(("La mer.", "Sea" * 900, None), ("Le port.", "sea" * 900, None), ("Le champ.", "land", None))
    assert warning.startswith(f'the labels "{"Sea" * 13}…" and "{"sea" * 13}…" differ in case')


def test_no_answer_contradicts_none() -> None:
    naming = made_scheme(Counter({"sea": 1, "land": 1}), file="t.csv", name="t")
    lines = [Line("t.csv:2", "La mer.", ("sea",), None), Line("t.csv:3", "La mer.", (), None, not_asked=("sea",))]
    assert not any("different labels" in warning for warning in table_warnings(lines, naming))
    lines.append(Line("t.csv:4", "La mer.", ("sea", "land"), None))
    assert any("1 text stands there with different labels" in warning for warning in table_warnings(lines, naming))
