"""The codebook page says everything that the scheme file says."""

from __future__ import annotations

from pathlib import Path

import claimtag
from claimtag.codebook import codebook, codebooks


def test_every_definition_rule_decision_and_example_is_on_the_page() -> None:
    scheme = claimtag.load_scheme("security-cooperation")
    page = codebook(scheme)
    for theme in scheme.themes:
        texts = [theme.definition, *theme.include, *theme.decisions, *theme.positive]
        texts += [exclude.rule for exclude in theme.exclude] + [contrast.text for contrast in theme.negative]
        for text in texts:
            assert text.strip() in page, (theme.id, text)
    assert scheme.claims is not None
    for text in (*scheme.decisions, *scheme.claims.decisions):
        assert text.strip() in page


def test_the_page_under_labels_is_current() -> None:
    assert (Path(__file__).parent.parent / "labels" / "README.md").read_text(encoding="utf-8") == codebooks()


def test_names_come_in_the_language_asked_for() -> None:
    scheme = claimtag.load_scheme("security-cooperation")
    assert "## Drogue (`drugs`)" in codebook(scheme, lang="fr")
