"""Drafts → records: bad parts are told, the rest is kept."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import replace
from typing import cast

from claimtag.errors import RecordError, SchemeError, did_you_mean
from claimtag.exchange.about import ABOUT, Schemes, not_asked_read, scheme_ref
from claimtag.exchange.drafts import Draft, DraftClaim, DraftSentence, OnReject, Raw
from claimtag.exchange.offsets import TAG
from claimtag.reading import Reject
from claimtag.reading.values import unusable
from claimtag.records import Article, Claim, Kind, Mode, Sentence, Source, Span, Status, TaggedArticle, Theme
from claimtag.records import Type as ClaimType
from claimtag.segmenting import segment


def finish(draft: Draft, schemes: Schemes, on_reject: OnReject) -> TaggedArticle | None:
    """The record that a draft makes, None where nothing of it can be used; each part left out goes to `on_reject`."""
    return _Finisher(draft, schemes, on_reject).finish()


class _Finisher:
    def __init__(self, draft: Draft, schemes: Schemes, on_reject: OnReject) -> None:
        self.draft, self.schemes, self.on_reject = draft, schemes, on_reject
        self.labels: tuple[str, ...] = ()
        self._foreign: set[str] = set()  # labels that were told to be none
        self._not_asked = not_asked_read(draft.about.get("not_asked"))

    def finish(self) -> TaggedArticle | None:
        draft = self.draft
        try:
            ref = scheme_ref(draft.about)
            scheme = self.schemes.of(ref)
            self.labels = scheme.labels
            article = self._article()
            if tag := TAG.search(draft.text):
                self._reject(f"the text holds HTML ({tag[0]:.40}), which is kept: offsets count it; import plain text")
            sentences = self._sentences() if draft.sentences or draft.whole is not None else self._unmarked(article)
            by, licence = draft.by, draft.about.get("licence")
            return TaggedArticle(
                article, sentences, self._claims(sentences), ref or scheme.ref, by, str(licence) if licence else None
            )
        except (RecordError, SchemeError) as error:
            self._reject(str(error))
            return None

    def _article(self) -> Article:
        draft = self.draft
        if not draft.text or draft.text.isspace():
            raise RecordError("the text is empty")
        for name, string in (("id", draft.id), ("text", draft.text)):
            if problem := unusable(string):
                raise RecordError(f'"{name}" {problem}')
        known = {name: str(draft.about[name]) for name in ABOUT if name != "licence" and draft.about.get(name)}
        return Article(id=draft.id, text=draft.text, **known)

    def _sentences(self) -> tuple[Sentence, ...]:
        draft, kept = self.draft, dict[tuple[int, int], Sentence]()
        given = draft.sentences
        if draft.whole is not None and not given:
            first = len(draft.text) - len(draft.text.lstrip())
            given = [DraftSentence(Raw(first, len(draft.text.rstrip())), themes=draft.whole)]
        for one in given:
            span = self._span("sentence", one.raw, one.line)
            if span is None:
                continue
            where = f"sentence {span.start}–{span.end}"
            themes = self._themes(one.themes, where, one.line)
            if one.kind == "boilerplate" and themes:
                self._reject(f"{where} is boilerplate and carries {', '.join(themes)}, left out", one.line)
                themes = []
            unasked = [] if one.kind == "boilerplate" else self._unasked(one, span, themes)
            try:
                kind = cast(Kind, one.kind)
                sentence = Sentence(*_ends(span), kind, tuple(map(Theme, themes)), not_asked=tuple(unasked))
            except RecordError as error:
                self._reject(str(error), one.line)
                continue
            before = kept.setdefault((span.start, span.end), sentence)
            if before is not sentence:
                same = "again" if before == sentence else f"again, otherwise ({', '.join(themes) or 'no theme'})"
                self._reject(f"{where} is annotated {same}; the first is kept", one.line)
        return self._disjoint(sorted(kept.values(), key=lambda one: (one.start, one.end)))

    def _unmarked(self, article: Article) -> tuple[Sentence, ...]:
        """The sentences of a text in which nobody marked one: as far as is said, no theme of theirs was looked for."""
        return tuple(
            one if one.kind == "boilerplate" else replace(one, not_asked=self.labels) for one in segment(article)
        )

    def _unasked(self, one: DraftSentence, span: Span, themes: list[str]) -> list[str]:
        """The labels that nobody looked for; those that the sentence now carries were."""
        unasked = one.not_asked or self._not_asked.get(span.start, [])
        if one.asked is not None:
            unasked = [*unasked, *(label for label in self.labels if label not in one.asked)]
        for label in [label for label in dict.fromkeys(unasked) if label not in self.labels]:
            if label not in self._foreign:
                self._foreign.add(label)
                near = did_you_mean(label, self.labels)
                self._reject(f'not asked: "{label:.60}" is not a theme of the scheme{near}; left out', one.line)
        return [label for label in dict.fromkeys(unasked) if label in self.labels and label not in themes]

    def _disjoint(self, sentences: list[Sentence]) -> tuple[Sentence, ...]:
        chosen: list[Sentence] = []
        for one in sentences:
            if chosen and one.start < chosen[-1].end:
                other = f"{chosen[-1].start}–{chosen[-1].end}"
                self._reject(f"sentence {one.start}–{one.end} overlaps sentence {other}; left out")
            else:
                chosen.append(one)
        return tuple(chosen)

    def _claims(self, sentences: tuple[Sentence, ...]) -> tuple[Claim, ...]:
        claims: dict[Claim, None] = {}
        ends = [sentence.end for sentence in sentences]
        for one in self.draft.claims:
            content = self._span("content", one.content, one.line)
            if content is None:
                continue
            where, middle = f"claim {content.start}–{content.end}", (content.start + content.end) // 2
            at = bisect_right(ends, middle)
            if at == len(ends) or middle < sentences[at].start or sentences[at].kind == "boilerplate":
                self._reject(f"{where} lies in no sentence that could carry one; left out", one.line)
                continue
            claim = self._claim(one, content, where, at, sentences[at])
            if claim in claims:
                self._reject(f"{where} is annotated again; the first is kept", one.line)
            elif claim is not None:
                claims[claim] = None
        return tuple(claims)

    def _claim(self, one: DraftClaim, content: Span, where: str, index: int, sentence: Sentence) -> Claim | None:
        for what, value in (("type", one.type), ("mode", one.mode)):
            if value is None:
                self._reject(f"{where} has no {what}; left out", one.line)
                return None
        cue, speaker, source_span = (
            None if raw is None else self._span(what, raw, one.line)
            for what, raw in (("cue", one.cue), ("speaker", one.speaker), ("source", one.source))
        )
        if speaker is not None and not sentence.start <= speaker.start < speaker.end <= sentence.end:
            self._reject(f"{where}: its speaker {speaker.text!r} stands in another sentence; left out", one.line)
            speaker = None
        try:
            source = None
            if one.source_status is not None:
                source = Source(one.source_name, cast(Status, one.source_status), source_span)
            elif source_span is not None or one.source_name is not None:
                words = one.source_name if source_span is None else source_span.text
                self._reject(f"{where}: its source {words!r:.60} has no status; left out", one.line)
            return Claim(
                index,
                cast(ClaimType, one.type),
                cast(Mode, one.mode),
                content,
                cue,
                speaker,
                source,
                tuple(self._themes(one.themes, where, one.line)),
            )
        except RecordError as error:
            self._reject(str(error), one.line)
            return None

    def _themes(self, themes: list[str], where: str, line: int | None) -> list[str]:
        kept: dict[str, None] = {}
        for label in themes:
            if label not in self.labels:
                near = did_you_mean(label, self.labels)
                self._reject(f'{where}: "{label:.60}" is not a theme of the scheme{near}; left out', line)
            elif label in kept:
                self._reject(f'{where} carries "{label}" twice', line)
            else:
                kept[label] = None
        return list(kept)

    def _span(self, what: str, raw: Raw, line: int | None) -> Span | None:
        length = len(self.draft.text)
        if not (isinstance(raw.start, int) and isinstance(raw.end, int)):
            self._reject(f"{what}: its offsets are no whole numbers: {raw.start!r:.20}, {raw.end!r:.20}", line)
            return None
        span = self.draft.offsets.span(raw.start, raw.end, raw.said)
        if span is None:
            there = self.draft.text[max(0, raw.start) : max(0, raw.end)]
            fit = f"the text there says {there!r:.60}" if there else f"the text has {length} characters"
            said = f" {raw.said!r:.60}" if raw.said else ""
            self._reject(f"{what} {raw.start}–{raw.end}{said} does not fit the text: {fit}", line)
        return span

    def _reject(self, reason: str, line: int | None = None) -> None:
        self.on_reject(Reject(self.draft.file, line or self.draft.line, self.draft.id, reason))


def _ends(span: Span) -> tuple[int, int, str]:
    return span.start, span.end, span.text
