"""The persons that an article names in full: where, in which roles, of which gender."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from claimtag.claims.naming import CAPITAL, Naming, plain
from claimtag.records import Sentence, Span

_ONE_NAME = re.compile(rf"(?<![\w-]){CAPITAL}")
FEW = 12  # surnames that are looked for one by one, which is quicker than one pattern for all
_NO_WORD = re.compile(r"[^\w-]")
_NEAR = 16  # characters before a name in which an article or a title stands
_MOST_DESCRIBED = 5  # mentions of a person whose surroundings are kept
_BEFORE_ROLE = re.compile(r"[,;]")  # what stands before it tells of somebody else
_STOP = re.compile(r"[.;:!?«»()]")


@dataclass(slots=True)
class Person:
    """Somebody with a full name in the article."""

    name: str
    span: Span
    gender: str = ""  # m, f or unknown
    roles: set[str] = field(default_factory=set)
    places: list[int] = field(default_factory=list)
    described: list[str] = field(default_factory=list)  # the words around the full name, in lower case

    @property
    def surname(self) -> str:
        return self.name.split()[-1]


def find_persons(text: str, sentences: Sequence[Sentence], naming: Naming) -> list[Person]:
    """The persons with a full name, in the order in which they are first named, with all their places."""
    lists, found = naming.lists, dict[str, Person]()
    for sentence in sentences:
        if sentence.kind == "boilerplate":
            continue
        for match in naming.patterns["name"].finditer(text, sentence.start, sentence.end):
            name, start = match[0], match.start()
            parts = name.split()
            opened = plain(parts[0]) in lists["articles"]
            office = (  # "la ministre de la Justice Ann Roux", "Le Président Ann Roux"
                len(parts) > 2 + opened and parts[opened].lower() in lists["portfolios"]
            )
            while parts and (
                plain(parts[0]).rstrip("'") in lists["not_names"]
                or (office and len(parts) > 2 and parts[0].lower() in lists["portfolios"])
            ):
                start += len(parts[0])
                start += len(text[start : match.end()]) - len(text[start : match.end()].lstrip())
                parts = parts[1:]
            if len(parts) < 2 or plain(parts[0]) in lists["bodies_first"] or any(len(p) > 30 for p in parts):
                continue
            name = text[start : match.end()].rstrip("'’")
            before = text[max(sentence.start, start - 70) : start]
            if not office and naming.patterns["before_body"].search(before[-_NEAR:]):  # "la Commission Européenne"
                continue
            body = _NO_WORD.split(before.rstrip().lower())[-1] if before[-1:].isspace() else ""
            if not office and (naming.roles.get(body, "") in ("b", "m") or body in lists["generic"]):
                continue  # "le syndicat Quais Unis"
            if before[-1:] == "(" or '"' in name:
                continue
            whole = " ".join(name.split())
            person = found.get(whole)
            if person is None:
                person = found[whole] = Person(whole, Span(start, start + len(name), name))
            person.places.append(start)
            _describe(
                person, before, text[start + len(name) : min(sentence.end, start + len(name) + 60)], naming, found
            )
    _pair(found.values(), lists["counterparts"])
    persons = _together(found)
    surnames: dict[str, list[Person]] = {}
    for person in persons:
        surnames.setdefault(person.surname, []).append(person)
    alone = {surname: same[0] for surname, same in surnames.items() if len(same) == 1}
    if alone:
        full = sorted((place, len(person.name)) for person in persons for place in person.places)
        starts = [place for place, _ in full]
        for at, surname in _alone(text, alone):  # later mentions by the surname alone
            last = bisect_left(starts, at + 1) - 1
            if last < 0 or at >= full[last][0] + full[last][1]:
                alone[surname].places.append(at)
    for person in persons:
        person.places.sort()
        person.gender = person.gender or naming.first_names.get(plain(person.name.split()[0]).split("-")[0], "")
    return persons


def _pair(persons: Iterable[Person], counterparts: Collection[str]) -> None:
    """Gives a counterpart the office of the one named before: "le ministre Paul Vidal et son homologue Rui Falcão"."""
    for one, other in pairwise(persons):
        if not other.roles.isdisjoint(counterparts) and other.span.start - one.span.end < _PAIRED:
            other.roles |= one.roles


_PAIRED = 120  # characters between two persons of the same office


def _together(found: dict[str, Person]) -> list[Person]:
    """The persons, with those named by a surname of two words joined to the one of that full name: "Mme Aït Lahcen"."""
    full: dict[str, list[Person]] = {}
    for person in found.values():
        words = person.name.split()
        for n in range(1, len(words) - 1):
            full.setdefault(" ".join(words[n:]), []).append(person)
    kept = []
    for person in found.values():
        same = full.get(person.name, ())
        if len(same) == 1:
            whole = same[0]
            whole.places += person.places
            whole.gender = whole.gender or person.gender
            whole.roles |= person.roles
        else:
            kept.append(person)
    return kept


def _alone(text: str, surnames: Collection[str]) -> Iterator[tuple[int, str]]:
    """Where each of these surnames stands as a word of its own."""
    if len(surnames) > FEW:
        yield from ((match.start(), match[0]) for match in _ONE_NAME.finditer(text) if match[0] in surnames)
        return
    for surname in filter(_ONE_NAME.fullmatch, surnames):  # not "d'Istanbul"
        at = text.find(surname)
        while at >= 0:
            end = at + len(surname)
            if not (_inside_word(text[at - 1 : at]) or _inside_word(text[end : end + 1])):
                yield at, surname
            at = text.find(surname, end)


def _inside_word(letter: str) -> bool:
    return letter.isalnum() or letter in ("-", "_")


def _describe(person: Person, before: str, after: str, naming: Naming, known: Collection[str]) -> None:
    """What the words around a name say of the person: role nouns, gender."""
    lists = naming.lists
    title = naming.patterns["title_before"].search(before[-_NEAR:])
    if title:
        person.gender = person.gender or naming.titles[title[1]]
    left = _STOP.split(before)[-1]
    others = [match.end() for match in naming.patterns["name"].finditer(left) if match[0] in known]
    left = left[others[-1] :] if others else left  # what stands before tells of somebody else
    follows = after[:1] == "," and not left.rstrip().endswith(",")  # else the name itself stands in apposition
    apposition = _STOP.split(after)[0].split(",")[1:2] if follows else []
    if len(person.described) < _MOST_DESCRIBED:
        person.described.append(plain(" ".join([_BEFORE_ROLE.split(left.rstrip(" ,"))[-1], *apposition])))
    for role, opener in _titles(left, naming):
        person.roles.add(role)
        if not person.gender:
            opens = "f" if opener in lists["determiners_feminine"] else ""
            if not opens and opener in lists["determiners_masculine"] and opener not in lists["own"]:
                opens = "m"
            ends = naming.gender(role)
            person.gender = "f" if "f" in (opens, ends) else opens or ends
    if after[:1] == ",":
        right = _STOP.split(naming.patterns["age"].sub("", after[1:]).lstrip(", "))[0].split(",")[0]
        for token in re.split(r"[\s'’]+", right.lower())[:7]:
            if token and naming.clause(token):  # "Anna Roux, que le ministre a reçue"
                break
            if naming.roles.get(token) == "p":
                person.roles.add(token)
                if not person.gender:
                    person.gender = naming.gender(token)
                break


def _titles(left: str, naming: Naming) -> Iterator[tuple[str, str]]:
    """The role nouns of the phrase that ends before a name, each with the word before it, nearest first.

    Those of somebody else are none of them: "le ministre a reçu le roi X", "l'avocat de X", "l'avocat du prévenu, X".
    """
    lists, apart = naming.lists, left.rstrip().endswith(",")
    if naming.patterns["owner"].search(left):
        return
    tokens = [token for token in _BETWEEN.split(left.lower()) if token]
    for at in range(len(tokens) - 1, max(-1, len(tokens) - _MOST_TITLE), -1):
        token, opener = tokens[at], tokens[at - 1] if at else ""
        if naming.roles.get(token) == "p":
            owned = opener in lists["contracted"] or (at > 1 and tokens[at - 2] in lists["of_all"])
            if apart and owned:
                continue
            yield token, opener
            if opener in lists["openers"]:
                return
        elif token in lists["company"] or naming.clause(token):
            return


_BETWEEN = re.compile(r"[\s,'’]+")
_MOST_TITLE = 11  # words before a name that may tell who it is
