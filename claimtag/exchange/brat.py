"""brat's standoff: a folder with a .txt and an .ann an article, and the configuration made from the scheme.

Sentences are text-bound annotations (`Sentence`, `Title`, …) with a binary attribute for each theme; a claim is an
event whose trigger is its content, with the arguments Cue, Speaker and Source. brat keeps nothing about an article:
what is known of it stands in `claimtag.jsonl` beside. Shape: https://brat.nlplab.org/standoff.html.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from claimtag.errors import InputError, OutputError
from claimtag.exchange.about import fields_of
from claimtag.exchange.drafts import Draft, DraftClaim, DraftSentence, OnReject, Raw
from claimtag.exchange.files import read_items, read_text
from claimtag.reading import Reject
from claimtag.records import KINDS, MODES, STATUSES, TYPES, Claim, Span, TaggedArticle
from claimtag.scheme import Scheme

ABOUT, SETTINGS = "claimtag.jsonl", "annotation.conf"
ROLES = ("Cue", "Speaker", "Source")
_SENTENCES = {("Sentence" if kind == "body" else kind.capitalize()): kind for kind in KINDS}
_TYPES = {type_.capitalize(): type_ for type_ in TYPES}
_VALUES = {"Mode": MODES, "Status": STATUSES}
_NAME, _NOT_ASKED = "source: ", "not asked: "


def write(tagged: Iterable[TaggedArticle], out: Path, scheme: Scheme) -> list[Path]:
    """The folder written, which must be new or empty: one forgotten .ann of an earlier export would be read as gold."""
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise OutputError(f"{out}: is there and not an empty folder; brat's files want one of their own")
    out.mkdir(parents=True, exist_ok=True)
    (out / SETTINGS).write_text(settings(scheme), encoding="utf-8")
    names: dict[str, None] = {}
    with (out / ABOUT).open("w", encoding="utf-8", newline="\n") as about:
        for article in tagged:
            name = _file_name(article.article.id, names)
            names[name.lower()] = None
            (out / f"{name}.txt").write_bytes(article.article.text.encode())
            (out / f"{name}.ann").write_bytes("".join(_lines(article)).encode())
            beside = {"file": name} | fields_of(article) | ({} if article.by is None else {"annotator": article.by})
            about.write(json.dumps(beside, ensure_ascii=False) + "\n")
    return [out]


def settings(scheme: Scheme) -> str:
    """annotation.conf: what brat lets an annotator mark."""
    themes = "\n".join(f"{label}\tArg:<ANY>" for label in scheme.labels)
    events = "\n".join(f"{name}\tCue?:Cue, Speaker?:Speaker, Source?:Source" for name in _TYPES)
    entities = "\n".join((*_SENTENCES, *ROLES))
    values = "\n".join(f"{name}\tArg:<EVENT>, Value:{'|'.join(choices)}" for name, choices in _VALUES.items())
    overlap = "<OVERLAP>\tArg1:<ANY>, Arg2:<ANY>, <OVL-TYPE>:<ANY>"  # words of a sentence are words of claims too
    return (
        f"[entities]\n{entities}\n\n[relations]\n{overlap}\n\n[events]\n{events}\n\n[attributes]\n{values}\n{themes}\n"
    )


def read(paths: Sequence[Path], on_reject: OnReject) -> Iterator[Draft]:
    """A draft for each .ann of the folders that has its .txt."""
    for path in paths:
        if not path.is_dir():
            raise InputError(f"{path}: not a folder; brat keeps a .txt and an .ann an article in one")
        yield from _read_folder(path, on_reject)


def _read_folder(path: Path, on_reject: OnReject) -> Iterator[Draft]:
    about: dict[str, Mapping[str, Any]] = {}
    if (path / ABOUT).is_file():
        about = {str(item.values.get("file")): item.values for item in read_items(path / ABOUT) if not item.problem}
    place = {name: number for number, name in enumerate(about)}
    for file in sorted(path.glob("*.ann"), key=lambda file: (place.get(file.stem, len(place)), file.name)):
        beside = about.get(file.stem, {})
        identity = str(beside.get("id") or file.stem)
        try:
            text, lines = read_text(file.with_suffix(".txt")), read_text(file).split("\n")
        except InputError as error:
            on_reject(Reject(str(file), None, identity, str(error)))
            continue
        by = beside.get("annotator")
        draft = Draft(str(file), None, identity, text, str(by) if by else None, beside)
        _Annotations(draft, on_reject).read(lines)
        yield draft
    for file in sorted(path.glob("*.txt")):
        if not file.with_suffix(".ann").exists():
            on_reject(Reject(str(file), None, file.stem, "not annotated: it has no .ann"))


def _lines(tagged: TaggedArticle) -> Iterator[str]:
    numbers = {"T": 0, "E": 0, "A": 0, "#": 0}
    known: dict[tuple[str, int, int], str] = {}

    def line(letter: str, content: str) -> str:
        numbers[letter] += 1
        return f"{letter}{numbers[letter]}\t{content}\n"

    def note(target: str, words: str) -> str:
        return line("#", f"AnnotatorNotes {target}\t{_escaped(words)}")

    for sentence in tagged.sentences:
        name = next(name for name, kind in _SENTENCES.items() if kind == sentence.kind)
        yield line("T", f"{name} {_place(Span(sentence.start, sentence.end, sentence.text))}")
        target = f"T{numbers['T']}"
        yield from (line("A", f"{label} {target}") for label in sentence.labels)
        if sentence.not_asked:
            yield note(target, _NOT_ASKED + ", ".join(sentence.not_asked))
    for claim in tagged.claims:
        yield line("T", f"{claim.type.capitalize()} {_place(claim.content)}")
        event = f"{claim.type.capitalize()}:T{numbers['T']}"
        for role, span in _parts(claim):
            key = (role, span.start, span.end)
            if key not in known:
                yield line("T", f"{role} {_place(span)}")
                known[key] = f"T{numbers['T']}"
            event += f" {role}:{known[key]}"
        yield line("E", event)
        target, source = f"E{numbers['E']}", claim.source
        yield line("A", f"Mode {target} {claim.mode}")
        yield from (line("A", f"{label} {target}") for label in claim.themes)
        if source is not None:
            yield line("A", f"Status {target} {source.status}")
            if source.name is not None:
                yield note(target, _NAME + source.name)


def _parts(claim: Claim) -> Iterator[tuple[str, Span]]:
    spans = (claim.cue, claim.speaker, claim.source.span if claim.source else None)
    yield from ((role, span) for role, span in zip(ROLES, spans, strict=True) if span is not None)


def _place(span: Span) -> str:
    """The offsets of a span and its words; brat has a line end nowhere in a span: there it is cut in two."""
    pieces = [(match.start(), match.end()) for match in re.finditer(r"[^\n]+", span.text)] or [(0, 0)]
    starts = [0, *(start for start, _ in pieces[1:])]  # a line end at an edge of the span stays in it
    ends = [*(end for _, end in pieces[:-1]), len(span.text)]
    places = ";".join(f"{span.start + one} {span.start + two}" for one, two in zip(starts, ends, strict=True))
    words = " ".join(span.text[one:two].replace("\n", " ") for one, two in zip(starts, ends, strict=True))
    return f"{places}\t{words}"


@dataclass
class _Annotations:
    """The lines of one .ann, by their ids, and what they make together."""

    draft: Draft
    on_reject: OnReject
    spans: dict[str, tuple[str, Raw, int]] = field(default_factory=dict)
    events: dict[str, tuple[DraftClaim, int]] = field(default_factory=dict)

    def read(self, lines: list[str]) -> None:
        numbered = [(number, line.rstrip("\r")) for number, line in enumerate(lines, 1) if line.strip()]
        for number, line in (one for one in numbered if one[1].startswith("T")):
            self._span(number, line)
        sentences = {
            name: DraftSentence(raw, _SENTENCES[label], line=line)
            for name, (label, raw, line) in self.spans.items()
            if label in _SENTENCES
        }
        for number, line in (one for one in numbered if one[1].startswith("E")):
            self._event(number, line)
        for number, line in numbered:
            if line[0] in "AM#":
                self._about(number, line, sentences)
            elif line[0] not in "TE":
                self._reject(number, f"an annotation that is not read ({line[:40]!r}); left out")
        self.draft.sentences += sentences.values()
        self.draft.claims += (claim for claim, _ in self.events.values())

    def _span(self, number: int, line: str) -> None:
        match = re.fullmatch(r"(T\d+)\t(\S+) (\d+ \d+(?:;\d+ \d+)*)(?:\t(.*))?", line)
        if match is None:
            self._reject(number, f"not a text-bound annotation: {line[:60]!r}")
            return
        places = [int(place) for place in re.findall(r"\d+", match[3])]
        for end, start in zip(places[1::2], places[2::2], strict=False):
            if self.draft.text[end:start].strip():
                self._reject(number, f"{match[1]} is in pieces that do not touch ({match[3]}); left out")
                return
        self.spans[match[1]] = match[2], Raw(places[0], places[-1], match[4]), number
        if match[2] not in (*_SENTENCES, *ROLES, *_TYPES):
            self._reject(number, f'"{match[2]:.60}" is no kind of sentence and no part of a claim; left out')

    def _event(self, number: int, line: str) -> None:
        match = re.fullmatch(r"(E\d+)\t(\S+):(T\d+)((?: \S+:\w+)*)\s*", line)
        trigger = self.spans.get(match[3]) if match else None
        if match is None or trigger is None or match[2] not in _TYPES:
            self._reject(number, f"an event that is no claim on words of the text: {line[:60]!r}; left out")
            return
        claim = DraftClaim(trigger[1], _TYPES[match[2]], line=number)
        for role, target in re.findall(r"(\S+?)\d*:(\w+)", match[4]):
            if role not in ROLES or target not in self.spans:
                self._reject(number, f"{match[1]}: no {role} {target} to be its part; left out")
            elif getattr(claim, role.lower()) not in (None, self.spans[target][1]):
                self._reject(number, f"{match[1]}: a second {role}, {target}; the first is kept")
            else:
                setattr(claim, role.lower(), self.spans[target][1])
        self.events[match[1]] = claim, number

    def _about(self, number: int, line: str, sentences: Mapping[str, DraftSentence]) -> None:
        match = re.fullmatch(r"\S+\t(\S+) ([TE]\d+)(?:[ \t](.*))?", line)
        if match is None:
            self._reject(number, f"not an attribute or note: {line[:60]!r}; left out")
            return
        name, target, value = match[1], match[2], (match[3] or "").strip(" \t\r")
        sentence, event = sentences.get(target), self.events.get(target)
        if sentence is None and event is None:
            self._reject(number, f"{name} of {target}, which is no sentence and no claim; left out")
        elif line.startswith("#"):
            if sentence is not None and value.startswith(_NOT_ASKED):
                sentence.not_asked = [label.strip() for label in value.removeprefix(_NOT_ASKED).split(",")]
            elif event is not None and value.startswith(_NAME):
                event[0].source_name = _unescaped(value.removeprefix(_NAME))
        elif event is None and sentence is not None:
            sentence.themes.append(name)
        elif event is not None and name == "Mode":
            event[0].mode = value
        elif event is not None and name == "Status":
            event[0].source_status = value
        elif event is not None:
            event[0].themes.append(name)

    def _reject(self, number: int, reason: str) -> None:
        self.on_reject(Reject(self.draft.file, number, self.draft.id, reason))


def _escaped(words: str) -> str:
    """Words on one line: white space that a line cannot hold as JSON writes it."""
    return json.dumps(words, ensure_ascii=False)[1:-1].replace('\\"', '"')


def _unescaped(words: str) -> str:
    """The inverse of `_escaped`; what somebody wrote by hand may be none, and stays as it is."""
    try:
        name: str = json.loads('"' + words.replace('"', '\\"') + '"')
    except ValueError:
        return words
    return name


def _file_name(identity: str, taken: Mapping[str, None]) -> str:
    """A name for an article's files that every system takes, each once."""
    name = stem = re.sub(r"[^\w-]+", "-", identity)[:100].strip("-") or "article"
    number = 1
    while name.lower() in taken:  # some systems know no capitals
        number += 1
        name = f"{stem}-{number}"
    return name
