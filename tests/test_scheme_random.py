"""Nothing is tied to the schemes that ship: one made at random is read, shown, learned, migrated and saved alike."""

from __future__ import annotations

import json
import tempfile
from dataclasses import replace
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st
from scheme_strategies import scheme_after, schemes, steps

import claimtag
from claimtag.changing import Route, diff, migrate
from claimtag.changing.bundles import migrate_bundle
from claimtag.codebook import codebook
from claimtag.records import Article, Sentence, TaggedArticle, Theme
from claimtag.scheme import Contrast, Scheme, scheme_from_dict
from claimtag.scheme.advice import advice


@settings(max_examples=30)
@given(schemes())
def test_it_is_read_back_and_shown(scheme: Scheme) -> None:
    again = scheme_from_dict(json.loads(json.dumps(scheme.to_dict())))
    assert (again, again.sha256) == (scheme, scheme.sha256)
    page = codebook(scheme)
    assert all(f"(`{label}`)" in page for label in scheme.labels)
    assert all(isinstance(warning, str) for warning in advice(scheme))
    assert diff(scheme, again).report().endswith("nothing differs\n")


@given(schemes(), st.dictionaries(st.sampled_from(("fr", "en", "nl")), st.sampled_from(((), ("mot",)))) | st.none())
def test_its_hash_outlives_parts_that_are_yet_to_be_written(
    scheme: Scheme, keywords: dict[str, tuple[str, ...]] | None
) -> None:
    first = replace(scheme.themes[0], keywords=keywords, negative=(Contrast("Il pleut."),))
    unfinished = replace(scheme, themes=(first, *scheme.themes[1:]))
    again = scheme_from_dict(json.loads(json.dumps(unfinished.to_dict())))
    assert again.sha256 == unfinished.sha256
    assert again.themes[0].has_keywords == ("mot" in str(keywords))


@settings(max_examples=3)
@given(st.data())
def test_it_is_learned_saved_and_led_on(data: st.DataObject) -> None:
    scheme = data.draw(schemes())
    training = claimtag.train(gold_of(scheme), scheme=scheme, folds=2, claims=False, options={"min_df": 1})
    with tempfile.TemporaryDirectory() as folder:
        tagger = claimtag.load_tagger(training.tagger.save(Path(folder) / "model"))
    articles = [one.article for one in gold_of(scheme)]
    tagged = list(tagger.tag(articles))
    assert {one.scheme for one in tagged} == {scheme.ref}
    assert any(one.themes for one in tagged)
    taken = data.draw(steps(scheme.labels, kinds=("rename", "merge", "add")))
    route = Route(scheme, scheme_after(scheme, taken), taken)
    later = claimtag.Tagger(migrate_bundle(tagger.bundle, route))
    themes = [[sentence.labels for sentence in migrate(one, route).sentences] for one in tagged]
    assert [[sentence.labels for sentence in one.sentences] for one in later.tag(articles)] == themes


def gold_of(scheme: Scheme) -> list[TaggedArticle]:
    """Articles with a sentence for each label that says its name."""
    articles = []
    for number in range(6):
        text, sentences = "", []
        for label in scheme.labels:
            said = f"On parle encore de {label.replace('_', ' ')} pour la {number + 2}e fois."
            sentences.append(Sentence(len(text), len(text) + len(said), said, themes=(Theme(label),)))
            text += said + "\n"
        articles.append(TaggedArticle(Article(f"a{number}", text, lang="fr"), tuple(sentences), scheme=scheme.ref))
    return articles
