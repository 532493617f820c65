"""Label Studio's JSON: a task an article, sentences and the parts of claims as regions, themes as choices of a region.

Shapes: https://labelstud.io/guide/task_format and the tags Text, Labels, Choices, TextArea and Relations.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from claimtag.exchange.about import fields_of, is_predicted
from claimtag.exchange.drafts import Draft, DraftClaim, DraftSentence, OnReject, Raw
from claimtag.exchange.files import read_items
from claimtag.reading import Reject
from claimtag.records import KINDS, MODES, STATUSES, TYPES, Claim, Span, TaggedArticle
from claimtag.scheme import Scheme

CONFIGURATION = "label-studio.xml"  # where `write` puts it: beside the tasks, after their name
PARTS = ("content", "cue", "speaker", "source")
_TAGS = ("sentence", "part", "themes", "type", "mode", "claim_themes", "status", "source_name")
_COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7")


def configuration(scheme: Scheme) -> str:
    """The labelling configuration for a scheme: what Label Studio asks of each sentence and each claim.

    Choices show the names of themes in the scheme's language, with the definition as a hint, and write their ids.
    """
    themes = "\n".join(
        f"    <Choice value={_quoted(_name(theme.name, scheme))} alias={_quoted(theme.id)} hint={_quoted(theme.definition)}/>"
        for theme in scheme.themes
    )
    return f"""<View>
  <Header value={_quoted(_name(scheme.title, scheme) + " " + scheme.version)}/>
{_labels("sentence", KINDS)}
{_labels("part", PARTS)}
  <Relations>
{_lines("Relation", PARTS[1:])}
  </Relations>
  <Text name="text" value="$text"/>
  <Choices name="themes" toName="text" perRegion="true" choice="multiple" whenTagName="sentence">
{themes}
  </Choices>
{_choices("type", TYPES, "content")}
{_choices("mode", MODES, "content")}
  <Choices name="claim_themes" toName="text" perRegion="true" choice="multiple" whenTagName="part" whenLabelValue="content">
{themes}
  </Choices>
{_choices("status", STATUSES, "content")}
  <TextArea name="source_name" toName="text" perRegion="true" whenTagName="part" whenLabelValue="content" maxSubmissions="1"/>
</View>
"""


def write(tagged: Iterable[TaggedArticle], out: Path, scheme: Scheme) -> list[Path]:
    """The files written: the tasks, and beside them the configuration that Label Studio needs first."""
    from claimtag.writing.targets import target

    settings = out.with_name(f"{out.stem}.{CONFIGURATION}")
    with target(settings, suffix="xml") as file:
        file.write(configuration(scheme).encode())
    with target(out, suffix="json") as file:
        begun = False
        for article in tagged:
            file.write((",\n" if begun else "[\n").encode())
            file.write(json.dumps(task(article), ensure_ascii=False).encode())
            begun = True
        file.write(b"\n]\n" if begun else b"[]\n")
    return [out, settings]


def task(tagged: TaggedArticle) -> dict[str, Any]:
    """A task: gold as an annotation, what a model said as a prediction to correct."""
    data = {"text": tagged.article.text} | fields_of(tagged)
    result = list(_results(tagged))
    if is_predicted(tagged):
        by = {} if tagged.by is None else {"model_version": tagged.by}
        return {"data": data, "predictions": [by | {"result": result}]}
    annotation: dict[str, Any] = {"result": result, "was_cancelled": False, "ground_truth": False}
    if tagged.by is not None:
        annotation["completed_by"] = {"email": tagged.by}
    return {"data": data, "annotations": [annotation]}


def read(paths: Sequence[Path], on_reject: OnReject, *, predicted: bool = False) -> Iterator[Draft]:
    """A draft for each annotation that was not skipped (with `predicted`, for each prediction too); tasks without one
    are rejected."""
    for path, (line, values, problem) in ((one, item) for one in paths for item in read_items(one)):
        data = values.get("data")
        if problem is None and not (isinstance(data, Mapping) and isinstance(data.get("text"), str)):
            problem = 'not a task of Label Studio: it has no "data" with a "text"'
        identity = str(values.get("id", "")) if problem else str(data.get("id") or values.get("id") or f"task-{line}")  # type: ignore[union-attr]
        if problem or not isinstance(data, Mapping):
            on_reject(Reject(str(path), line, identity or None, str(problem)))
            continue
        given = [
            one for one in _list(values.get("annotations") or values.get("completions")) if isinstance(one, Mapping)
        ]
        done = [one for one in given if not (one.get("was_cancelled") or one.get("skipped"))]
        if predicted:
            done += (one for one in _list(values.get("predictions")) if isinstance(one, Mapping))
        if not done:
            why = "skipped by its annotator" if given else "not annotated yet"
            on_reject(Reject(str(path), line, identity, f"the task was {why}"))
        for annotation in done:
            draft = Draft(str(path), line, identity, data["text"], _annotator(annotation), data)
            _fill(draft, _list(annotation.get("result")), on_reject)
            yield draft


def _results(tagged: TaggedArticle) -> Iterator[dict[str, Any]]:
    for index, sentence in enumerate(tagged.sentences):
        span = Span(sentence.start, sentence.end, sentence.text)
        yield _region(f"s{index}", "sentence", "labels", span, [sentence.kind])
        if sentence.themes:
            yield _region(f"s{index}", "themes", "choices", span, list(sentence.labels))
    known: dict[tuple[str, int, int], str] = {}
    for index, claim in enumerate(tagged.claims):
        yield from _claim_results(f"c{index}", claim, known)


def _claim_results(name: str, claim: Claim, known: dict[tuple[str, int, int], str]) -> Iterator[dict[str, Any]]:
    content, source = claim.content, claim.source
    yield _region(name, "part", "labels", content, ["content"])
    yield _region(name, "type", "choices", content, [claim.type])
    yield _region(name, "mode", "choices", content, [claim.mode])
    if claim.themes:
        yield _region(name, "claim_themes", "choices", content, list(claim.themes))
    if source is not None:
        yield _region(name, "status", "choices", content, [source.status])
        if source.name is not None:
            yield _region(name, "source_name", "textarea", content, [source.name])
    spans = {"cue": claim.cue, "speaker": claim.speaker, "source": source.span if source else None}
    for part, span in spans.items():
        if span is None:
            continue
        key = (part, span.start, span.end)
        if key not in known:
            known[key] = f"{part}-{span.start}-{span.end}"
            yield _region(known[key], "part", "labels", span, [part])
        yield {"type": "relation", "from_id": name, "to_id": known[key], "direction": "right", "labels": [part]}


def _region(identity: str, tag: str, kind: str, span: Span, chosen: list[str]) -> dict[str, Any]:
    value = {"start": span.start, "end": span.end, "text": span.text, {"textarea": "text"}.get(kind, kind): chosen}
    return {"id": identity, "from_name": tag, "to_name": "text", "type": kind, "value": value}


def _fill(draft: Draft, results: Sequence[Any], on_reject: OnReject) -> None:
    """The regions of an annotation by their ids, then what is said of each."""

    def reject(reason: str) -> None:
        on_reject(Reject(draft.file, draft.line, draft.id, f"{reason}; left out"))

    spans: dict[str, tuple[Raw, str]] = {}
    said: dict[str, dict[str, list[str]]] = {}
    for result in (one for one in results if isinstance(one, Mapping) and isinstance(one.get("value"), Mapping)):
        value, identity, tag = result["value"], str(result.get("id")), _tag(result)
        chosen = _chosen(result)
        if tag == "themes" and "start" not in value and "globalOffsets" not in value:
            draft.whole = (draft.whole or []) + chosen
            continue
        said.setdefault(identity, {})[tag] = chosen
        if tag in ("sentence", "part") and chosen:
            words = value.get("text")
            spans[identity] = Raw(*_ends(value), words if isinstance(words, str) else None), chosen[0]
    for identity, (raw, label) in spans.items():
        about = said[identity]
        if "sentence" in about:
            draft.sentences.append(DraftSentence(raw, label, about.get("themes", [])))
        elif label not in PARTS:
            reject(f'"{label:.60}" on {raw.start}–{raw.end} is no kind of sentence and no part of a claim')
    claims = {name: _claim(raw, said[name]) for name, (raw, label) in spans.items() if label == "content"}
    for name in [name for name in said if name not in spans]:
        reject(f"{', '.join(said[name])} of a region ({name:.40}) that is not there")
    for link in (one for one in results if isinstance(one, Mapping) and one.get("type") == "relation"):
        head, child = str(link.get("from_id")), str(link.get("to_id"))
        if head not in claims and child in claims:
            head, child = child, head
        claim, part = claims.get(head), spans.get(child)
        if claim is None or part is None or part[1] not in PARTS[1:]:
            reject("a relation that does not lead from a content to its cue, speaker or source")
        elif getattr(claim, part[1]) not in (None, part[0]):
            reject(f"a second {part[1]} of one claim ({part[0].start}–{part[0].end}), beside the first")
        else:
            setattr(claim, part[1], part[0])
    draft.claims += claims.values()


def _tag(result: Mapping[str, Any]) -> str:
    """Which control of ours a result comes from; where a project calls its controls otherwise, by what was chosen."""
    name = str(result.get("from_name"))
    if name in _TAGS:
        return name
    if result.get("type") == "labels":
        return "sentence" if _chosen(result)[:1] and _chosen(result)[0] in KINDS else "part"
    return "themes" if result.get("type") in ("choices", "taxonomy") else name


def _chosen(result: Mapping[str, Any]) -> list[str]:
    """What was chosen; of a path through a taxonomy its end."""
    value = result["value"]
    chosen = _list(value.get(str(result.get("type")), value.get("text")))
    ends = (one[-1] if isinstance(one, list) and one else one for one in chosen)
    return [one for one in ends if isinstance(one, str)]


def _claim(raw: Raw, about: Mapping[str, list[str]]) -> DraftClaim:
    first = {name: next(iter(chosen), None) for name, chosen in about.items()}
    return DraftClaim(
        raw,
        type=first.get("type"),
        mode=first.get("mode"),
        source_name=first.get("source_name"),
        source_status=first.get("status"),
        themes=about.get("claim_themes", []),
    )


def _ends(value: Mapping[str, Any]) -> tuple[Any, Any]:
    """The offsets of a region: those of the text, or of the page that it was shown on (HyperText)."""
    both = value.get("globalOffsets")
    place = both if isinstance(both, Mapping) else value
    return place.get("start"), place.get("end")


def _annotator(annotation: Mapping[str, Any]) -> str | None:
    who = annotation.get("completed_by", annotation.get("model_version"))
    if isinstance(who, Mapping):
        who = who.get("email") or who.get("username") or who.get("id")
    return None if who is None else str(who)


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _labels(name: str, values: Sequence[str]) -> str:
    labels = "\n".join(
        f'    <Label value="{value}" background="{colour}"/>' for value, colour in zip(values, _COLOURS, strict=True)
    )
    return f'  <Labels name="{name}" toName="text">\n{labels}\n  </Labels>'


def _choices(name: str, values: Sequence[str], of: str) -> str:
    where = f'perRegion="true" choice="single" whenTagName="part" whenLabelValue="{of}"'
    return f'  <Choices name="{name}" toName="text" {where}>\n{_lines("Choice", values)}\n  </Choices>'


def _lines(tag: str, values: Iterable[str]) -> str:
    return "\n".join(f'    <{tag} value="{escape(value)}"/>' for value in values)


def _name(names: Mapping[str, str], scheme: Scheme) -> str:
    return names.get(scheme.language) or next(iter(names.values()))


def _quoted(text: str) -> str:
    return quoteattr(" ".join(text.split()))
