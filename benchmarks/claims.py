"""`python -m benchmarks.claims`: how much of claim extraction is the lexicon's, how much the learned choices'.

Out of fold on the training articles (five folds by article, the sentences of the gold): the delivered combination, rules
alone (the lexicon's candidates under a few fixed patterns), and a linear-chain CRF alone (python-crfsuite, words and
classes around, no lexicon). Then the time of claims as a ratio to segmenting the same articles, in one process; that alone
with `python -m benchmarks.claims speed`.
"""

from __future__ import annotations

import gc
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import islice
from pathlib import Path

from claimtag.claims import ClaimModel, extract, out_of_fold, train
from claimtag.claims.candidates import Cue, cue_candidates
from claimtag.claims.contents import Marks, marks, trimmed
from claimtag.claims.cues import cues_of
from claimtag.claims.words import Words
from claimtag.evaluation.claims import estimates_by_mode
from claimtag.reading import read_articles, read_gold
from claimtag.records import TYPES, Article, Claim, Mode, Span, TaggedArticle, Type
from claimtag.segmenting import segment

ROOT = Path(__file__).parent.parent
DATA = ROOT / os.environ.get("CLAIMTAG_DATA", "../shared/data")
FOLDS = 5
FIGURES = (
    "bearing_f1", "claim_f1", "strict_f1", "claim_recall", "type", "mode", "cue", "source_f1", "misattribution",
    "resolved_right", "resolved_wrong",
)  # fmt: skip
Found = Sequence[tuple[Claim, ...]]
Place = tuple[int, int]  # words [first, last)


def main() -> None:
    path = DATA / "train.jsonl"
    if not path.is_file():
        print(f"skipped: the shared data is not here: {path}")
        return
    gold = [*read_gold(path), *read_gold(ROOT / "examples" / "train.jsonl")]
    if sys.argv[1:] == ["speed"]:
        print_speed(gold)
        return
    folds = [number % FOLDS for number in range(len(gold))]
    print(f"{'attributed claims':16}" + "".join(f"{name:>16}" for name in FIGURES))
    print_figures("combined", gold, out_of_fold(gold, folds, folds=FOLDS))
    print_figures("rules alone", gold, [tuple(by_rules(tagged)) for tagged in gold])
    print_figures("CRF alone", gold, by_crf(gold, folds))
    print_speed(gold)


def print_figures(name: str, gold: Sequence[TaggedArticle], found: Found) -> None:
    pairs = [(tagged, replace(tagged, claims=tuple(claims))) for tagged, claims in zip(gold, found, strict=True)]
    figures = estimates_by_mode(pairs, replicates=1)["attributed"]
    print(f"{name:17}" + "".join(f"{figures[figure].value:16.3f}" for figure in FIGURES), flush=True)


def print_speed(gold: Sequence[TaggedArticle]) -> None:
    """Claims beside segmenting, on articles that the model has not seen; the first pass, and the best of five."""
    model = train(gold[: len(gold) // 2])
    print_ratio("annotated articles", [tagged.article for tagged in gold[len(gold) // 2 :]], model)
    path = DATA / "unlabelled.jsonl"
    if path.is_file():
        print_ratio("unlabelled articles", list(islice(read_articles(path), 0, None, 4)), model)


def print_ratio(name: str, articles: Sequence[Article], model: ClaimModel) -> None:
    articles = [replace(article, lang=article.lang or "fr") for article in articles]
    cut = [(article, segment(article)) for article in articles]
    gc.collect()
    gc.freeze()  # the articles that this bench holds are no garbage for either to go through

    def seconds(run: Callable[[], object]) -> float:
        began = time.process_time()
        run()
        return time.process_time() - began

    passes = [
        (
            seconds(lambda: [segment(article) for article in articles]),
            seconds(lambda: [extract(article, sentences, model) for article, sentences in cut]),
        )
        for _ in range(5)
    ]
    best = [min(times) for times in zip(*passes, strict=True)]
    claims = sum(len(extract(article, sentences, model)) for article, sentences in cut)
    print(f"\n{name}: {len(articles):,}, {sum(len(sentences) for _, sentences in cut):,} sentences, {claims:,} claims")
    print(f"claims take {passes[0][1] / passes[0][0]:.1f} times as long as segmenting in a first pass, ", end="")
    print(f"{best[1] / best[0]:.1f} times in the best of five", flush=True)


def by_rules(tagged: TaggedArticle) -> Iterator[Claim]:
    """The lexicon alone: each cue that is followed or preceded by what it usually governs; types as the lists imply."""
    for number, words in _sentences(tagged):
        places = marks(words)
        taken: list[Place] = []
        for cue in cue_candidates(words):
            content, speaker = (None, None) if words.inside[cue.head] else _governed(words, cue, places)
            if content and content[0] < content[1] and not any(content[0] < e and b < content[1] for b, e in taken):
                taken.append(content)
                yield _claim(tagged, number, words, content, (cue.first, cue.last + 1), speaker, cue.implies)
        for opening, closing in places.closing.items():
            if not taken and closing - opening > 0.8 * len(words.low):
                yield _claim(tagged, number, words, (opening, closing + 1), None, None, "")
                break


def _governed(words: Words, cue: Cue, places: Marks) -> tuple[Place | None, Place | None]:
    """The content and the speaker of a cue by pattern."""
    low, kind, count = words.low, words.kind, len(words.low)
    first, after = cue.first, cue.last + 1
    comma = next((n for n in range(after, min(count, cue.last + 20)) if low[n] == ","), None)
    if cue.kind == "prep":
        if first > 2:
            return (0, first), (after, comma or places.last)
        return ((comma + 1, places.last), (after, comma)) if comma else (None, None)
    if cue.kind not in ("fin", "comp", "ppr", "inv") or after >= count:
        return None, None
    before = next(((b, e + 1) for b, e in places.closing.items() if 0 <= first - e - 1 <= 4), None)
    quoted = next(((b, e + 1) for b, e in places.closing.items() if 0 <= b - after <= 5), None)
    if kind[after] == "q":
        return (after + 1, places.last), _subject(words, cue)
    if before and (cue.kind == "inv" or low[first - 1] in ",»"):
        stop = next((n for n in range(after, count) if low[n] in ",.:;"), count)
        return before, None if cue.kind == "inv" else (after, stop)
    if quoted:
        return quoted, _subject(words, cue)
    if first > 3 and low[first - 1] == "," and kind[after] in "DX":
        return (0, first - 1), (after, places.last)
    if cue.kind != "inv" and kind[after] == "D" and cue.implies.split("+")[0] not in ("assertion", "speaking"):
        return (after, places.last), _subject(words, cue)
    return None, None


def _subject(words: Words, cue: Cue) -> Place | None:
    """What stands before the cue up to the clause's beginning."""
    end = cue.first
    while end > 0 and words.kind[end - 1] in "BNR":
        end -= 1
    begin = end
    while begin > 0 and words.kind[begin - 1] not in ",;:qC»" and end - begin < 20:
        begin -= 1
    return (begin, end) if begin < end else None


def by_crf(gold: Sequence[TaggedArticle], folds: Sequence[int]) -> Found:
    """A CRF over words that marks content, cue and speaker; a claim's cue and speaker are the nearest in its sentence."""
    import pycrfsuite

    found: list[tuple[Claim, ...]] = [()] * len(gold)
    with tempfile.TemporaryDirectory() as folder:
        file = str(Path(folder) / "crf")
        for fold in range(FOLDS):
            trainer = pycrfsuite.Trainer(verbose=False)
            trainer.set_params({"c1": 0.3, "c2": 0.3, "max_iterations": 60, "feature.minfreq": 2})
            for tagged in (tagged for tagged, own in zip(gold, folds, strict=True) if own != fold):
                for number, words in _sentences(tagged):
                    claims = [claim for claim in tagged.claims if claim.sentence == number]
                    if claims or number % 3 == 0:  # of the sentences without claims, a third
                        trainer.append(_crf_features(words), _crf_labels(words, claims))
            trainer.train(file)
            tagger = pycrfsuite.Tagger()
            tagger.open(file)
            for place, tagged in enumerate(gold):
                if folds[place] == fold:
                    found[place] = tuple(
                        claim
                        for number, words in _sentences(tagged)
                        for claim in _decoded(tagged, number, words, tagger.tag(_crf_features(words)))
                    )
            tagger.close()
    return found


def _crf_features(words: Words) -> list[list[str]]:
    padded = ["_"] * 3
    low, kind = [*padded, *words.low, *padded], [*padded, *words.kind, *padded]
    return [
        [f"in={words.inside[n]}", f"first={n == 0}", f"end={word[-3:]}", f"begin={word[:4]}", f"kk={'|'.join(kind[n + 2 : n + 4])}"]
        + [f"w{step}={low[n + step]}" for step in range(7)]
        + [f"k{step}={kind[n + step]}" for step in range(7)]
        for n, word in enumerate(words.low)
    ]  # fmt: skip


def _crf_labels(words: Words, claims: Sequence[Claim]) -> list[str]:
    labels = ["O"] * len(words.low)
    for what in ("content", "cue", "speaker"):
        for claim in claims:
            span: Span | None = getattr(claim, what)
            inside = [
                n for n in range(len(labels)) if span and span.start <= words.start[n] and words.end[n] <= span.end
            ]
            for n in inside:
                labels[n] = ("B-" if n == inside[0] else "I-") + what
    return labels


def _decoded(tagged: TaggedArticle, number: int, words: Words, labels: Sequence[str]) -> Iterator[Claim]:
    runs: dict[str, list[Place]] = {"content": [], "cue": [], "speaker": []}
    at = 0
    while at < len(labels):
        what, end = labels[at][2:], at + 1
        while what and end < len(labels) and labels[end] == f"I-{what}":
            end += 1
        if what:
            runs[what].append((at, end))
        at = end
    for content in runs["content"]:
        cue, speaker = (
            min(runs[what], key=lambda run: min(abs(run[0] - content[1]), abs(content[0] - run[1])), default=None)
            for what in ("cue", "speaker")
        )
        yield _claim(tagged, number, words, content, cue, speaker, "")


def _sentences(tagged: TaggedArticle) -> Iterator[tuple[int, Words]]:
    cues = cues_of(tagged.article.lang or "fr")
    for number, sentence in enumerate(tagged.sentences):
        if cues and sentence.kind != "boilerplate":
            words = Words(tagged.article.text, sentence.start, sentence.end, cues)
            if words.low:
                yield number, words


def _claim(
    tagged: TaggedArticle,
    number: int,
    words: Words,
    content: Place,
    cue: Place | None,
    speaker: Place | None,
    implies: str,
) -> Claim:
    text = tagged.article.text

    def span(place: Place | None) -> Span | None:
        if place is None or place[0] >= place[1]:
            return None
        start, end = words.start[place[0]], words.end[place[1] - 1]
        return Span(start, end, text[start:end])

    start, end = trimmed(words, *content)
    quoted = words.inside[content[0] : content[1]]
    mode: Mode = "direct" if all(quoted) else "mixed" if any(quoted) else "indirect"
    kinds = [name for name in TYPES if name in implies.split("+")]
    kind: Type = kinds[0] if kinds else "assertion"
    return Claim(number, kind, mode, Span(start, end, text[start:end]), span(cue), span(speaker))


if __name__ == "__main__":
    main()
