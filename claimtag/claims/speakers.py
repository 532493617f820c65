"""Who a claim comes from: its speaker, resolved inside the article. Never a forced guess.

A surname leads to the full name, a role to the person who was given it before, a pronoun to the last fitting person,
a quotation without a speaker to the source of its neighbour; whatever is not certain stays unresolved.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any

from claimtag.lexicons import lexicon
from claimtag.records import Article, Claim, Sentence, Source, Span

_WORD = re.compile(r"[^\W_]+(?:[-.][^\W_]+)*['’]?")
_CAPITAL = r"(?:[OD]['’])?[^\W\d_a-zà-öø-ÿ][\w-]+"
UNRESOLVED = Source(None, "unresolved")


@dataclass(slots=True)
class Person:
    """Somebody with a full name in the article."""

    name: str
    span: Span
    gender: str = ""  # m, f or unknown
    roles: set[str] = field(default_factory=set)
    places: list[int] = field(default_factory=list)

    @property
    def surname(self) -> str:
        return self.name.split()[-1]


class Speakers:
    """The persons and other sources of one article, and what was resolved so far."""

    def __init__(
        self, article: Article, sentences: Sequence[Sentence], knowledge: Mapping[str, Any], names: Mapping[str, str]
    ) -> None:
        self.text = article.text
        self.sentences = sentences
        self.words = knowledge
        self.names = names
        self.persons = _persons(article.text, sentences, knowledge)
        self.by_name = {person.name: person for person in self.persons}
        self.by_surname: dict[str, list[Person]] = {}
        self.by_role: dict[str, list[Person]] = {}
        for person in self.persons:
            self.by_surname.setdefault(_key(person.surname, names), []).append(person)
            for role in person.roles:
                self.by_role.setdefault(role, []).append(person)
        mentioned = sorted((at, n) for n, person in enumerate(self.persons) for at in person.places)
        self.places = [at for at, _ in mentioned]
        self.who = [self.persons[n] for _, n in mentioned]
        self._longer: dict[str, frozenset[str]] = {}
        self._full: dict[str, tuple[str, Span | None]] = {}
        self.last: list[tuple[int, Source, str]] = []  # sentence, source, what it is: p(erson), d(ocument), b(ody)

    def between(self, start: int, end: int) -> list[Person]:
        """The persons mentioned in that stretch of the text, each once, the last mentioned first."""
        stretch = self.who[bisect_left(self.places, start) : bisect_left(self.places, end)][-_MOST_MENTIONS:]
        return list({id(person): person for person in reversed(stretch)}.values())

    # -- one claim

    def resolve(self, claim: Claim, neighbours: Sequence[Claim]) -> Source:
        """The source of a claim; `neighbours` are the claims before it, already resolved."""
        if claim.speaker is None:
            return self._without_speaker(claim, neighbours)
        said = claim.speaker
        low = _plain(said.text)
        first = low.split(" ")[0]
        words = self.words
        if low in words["indefinite"]:
            return Source(said.text, "anonymous", said)
        if low in words["first"]:
            return UNRESOLVED
        for gender in ("masculine", "feminine"):
            if low in words[gender]:
                return self._pronoun(claim, gender[0])
        if low in words["plural"]:
            return self._group(claim)
        quoted = re.match(
            rf"(?:les|des|ses|d'|de|selon)\s*(?:{'|'.join(words['words_of'])}) d(?:e l'|e la |e |u |es |')", low
        )
        if quoted:
            said = Span(said.start + quoted.end(), said.end, said.text[quoted.end() :])
            low = _plain(said.text)
            person = self._person_in(said)
            if person is None:
                return Source(self._bare(said.text, keep=True), "named", said)
        person = self._person_in(said)
        if person is not None:
            return Source(person.name, "named", person.span)
        if self._anonymous(low):
            return Source(self._bare(said.text, keep=True), "anonymous", said)
        nouns = [word for word in re.split(r"[ ']", low.split(",")[0]) if word in words["_roles"]]
        head = nouns[0] if nouns else ""
        definite = first in words["definite"] or low.startswith("l'")
        name = self._bare(said.text)
        proper = re.search(_CAPITAL, name) is not None and name.lower() not in words["_roles"]
        if definite and head and not proper:
            found = self._role(claim, low, head)
            if found is not None:
                return found
        if proper:
            full = self._fullest(name, said)
            return Source(full[0], "named", full[1])
        if definite and head and words["_roles"][head] in "bm":
            return Source(self._bare(said.text, keep=True), "role", said)
        return Source(self._bare(said.text, keep=True), "role", said)

    def remember(self, claim: Claim) -> None:
        """Keep the source for the pronouns that follow."""
        source = claim.source
        if source is None or source.name is None:
            return
        kind = "p" if source.name in self.by_name else self._kind(source.name)
        self.last = [*self.last[-_MOST_REMEMBERED:], (claim.sentence, source, kind)]

    # -- the ways

    def _without_speaker(self, claim: Claim, neighbours: Sequence[Claim]) -> Source:
        rule = claim.rule or ""
        if claim.cue is not None and (
            rule.startswith("preposition:") and re.search(r"\b(?:son|ses|leurs?)\b", claim.cue.text.lower())
        ):
            return self._pronoun(claim, "")
        if claim.cue is None and claim.mode in ("direct", "mixed"):
            return self._quotation(claim, neighbours)
        return UNRESOLVED

    def _quotation(self, claim: Claim, neighbours: Sequence[Claim]) -> Source:
        """A quotation of its own: whoever the next sentence names as having said it, or the one quoted just before."""
        after = self.sentences[claim.sentence + 1] if claim.sentence + 1 < len(self.sentences) else None
        if after is not None:
            said = _NAMING.match(after.text)
            if said:
                persons = self.between(after.start, after.end)
                if len(persons) == 1:
                    return Source(persons[0].name, "named", persons[0].span)
                return UNRESOLVED
        before = [c for c in neighbours if claim.sentence - 1 <= c.sentence < claim.sentence and c.source is not None]
        if (
            before
            and before[-1].mode in ("direct", "mixed")
            and before[-1].source is not None
            and before[-1].source.name
        ):
            same_line = "\n" not in self.text[before[-1].content.end : claim.content.start]
            if same_line:
                return before[-1].source
        if claim.sentence > 0:
            sentence = self.sentences[claim.sentence - 1]
            if sentence.text.rstrip().endswith(":"):
                persons = self.between(sentence.start, sentence.end)
                if len(persons) == 1:
                    return Source(persons[0].name, "named", persons[0].span)
        return UNRESOLVED

    def _pronoun(self, claim: Claim, gender: str) -> Source:
        """The last source that fits, if it spoke just before; else the one person named lately."""
        here = claim.sentence
        at = claim.speaker.start if claim.speaker else claim.content.start
        floor = self.sentences[max(0, here - 2)].start
        fitting = [person for person in self.between(floor, at) if not gender or person.gender in ("", gender)]
        for sentence, source, kind in reversed(self.last):
            if here - sentence > 2:
                break
            if kind == "p":
                person = self.by_name.get(source.name or "")
                if person is None:
                    break
                if gender and person.gender not in ("", gender):
                    continue
                since = self.between(self.sentences[sentence].end, at)
                others = [p for p in since if p is not person and (not gender or p.gender in ("", gender))]
                return UNRESOLVED if others else source
            feminine = self._feminine(source)
            if gender and feminine is not None and feminine == (gender == "f"):
                since = self.between(self.sentences[sentence].start, at)
                return UNRESOLVED if any(not gender or p.gender in ("", gender) for p in since) else source
        known = [person for person in fitting if person.gender == gender]
        if len(fitting) == 1 or (len(known) == 1 and gender and fitting[0] is known[0]):
            person = fitting[0]
            return Source(person.name, "named", person.span)
        return UNRESOLVED

    def _group(self, claim: Claim) -> Source:
        for sentence, source, _ in reversed(self.last):
            if claim.sentence - sentence > 1:
                break
            if source.name and re.match(r"(?:les|des|ses|leurs|plusieurs|certains) | et ", source.name.lower()):
                return source
        return UNRESOLVED

    def _role(self, claim: Claim, low: str, head: str) -> Source | None:
        """ "le ministre" → the minister named before; "le rapport" → the report quoted before; None: it is its own name."""
        words = self.words
        kind = words["_roles"][head]
        at = claim.speaker.start if claim.speaker else 0
        first = low.split(" ")[0] if not low.startswith("l'") else "l'"
        rest = low[len(first) :].split(",")[0].split()
        bare = len(rest) == 1 or (len(rest) == 2 and rest[0] in words["inner"])
        if kind == "p":
            gender = (
                "f"
                if first in words["determiners_feminine"] or head.endswith(_FEMININE)
                else "m"
                if first in words["determiners_masculine"]
                else ""
            )
            if first in ("son", "sa", "ses", "leur", "leurs", "les"):
                return None
            named = bool(self.places) and self.places[0] < at
            same = [
                person
                for person in self.by_role.get(head, ())
                if person.places[0] < at and (not gender or person.gender in ("", gender))
            ]
            if len(same) == 1:
                return Source(same[0].name, "named", same[0].span)
            if same:
                return UNRESOLVED
            if not bare and first not in ("ce", "cet", "cette"):
                return None
            floor = self.sentences[max(0, claim.sentence - 3)].start
            recent = [person for person in self.between(floor, at) if not gender or person.gender in ("", gender)]
            if head in words["hypernyms"] or first in ("ce", "cet", "cette"):
                return Source(recent[0].name, "named", recent[0].span) if len(recent) == 1 else UNRESOLVED
            return UNRESOLVED if recent or (named and head in _SUSPECTS) else None
        if not bare:
            return None
        if kind == "d":
            documents = {
                source.name: source for _, source, what in self.last if what == "d" and source.status == "named"
            }
            if len(documents) == 1 and head in words["anaphoric_documents"]:
                return next(iter(documents.values()))
            return UNRESOLVED if head in words["anaphoric_documents"] else None
        longer = self._longer_names(head)
        if len(longer) == 1 and head not in ("gouvernement", "police", "armée"):
            (name,) = longer
            begin = self.text.find(name)
            return Source(self._bare(name), "named", Span(begin, begin + len(name), name))
        if head in words["anaphoric_bodies"]:
            bodies = {
                source.name: source
                for sentence, source, what in self.last
                if what in "bm"
                and claim.sentence - sentence < 6
                and source.span
                and source.status == "named"
                and head in _plain(self._around(source.span))
            }
            return next(iter(bodies.values())) if len(bodies) == 1 else UNRESOLVED
        return UNRESOLVED if longer else None

    def _longer_names(self, head: str) -> frozenset[str]:
        """ "parquet" → {"parquet du Havre"}: the names in the article that begin with this noun."""
        found = self._longer.get(head)
        if found is None:
            pattern = rf"(?i:\b{re.escape(head)}) (?:(?:de |du |d['’]|de la |de l['’])?{_CAPITAL}(?:[ -]{_CAPITAL})*|spéciale? \d+)"
            found = self._longer[head] = frozenset(match[0] for match in re.finditer(pattern, self.text))
        return found

    def _around(self, span: Span) -> str:
        return self.text[max(0, span.start - 25) : span.end]

    def _person_in(self, said: Span) -> Person | None:
        inside = self.between(said.start, said.end)
        if len(inside) > 1:  # "le délégué de Jean Vial, Paul Roux": who stands in apposition or first
            spots = range(bisect_left(self.places, said.start), bisect_left(self.places, said.end))
            apart = [
                self.who[n]
                for n in spots
                if self.places[n] == said.start or self.text[self.places[n] - 2 : self.places[n]] == ", "
            ][:2]
            return apart[0] if len(apart) == 1 else None
        if inside:
            return inside[0]
        head = said.text.split(",")[0]
        title = re.match(r"(?:M\.|MM?|Mme|Mlle|Me|Monsieur|Madame|Dr|maître)\s+", head)
        rest = head[title.end() :] if title else head
        if re.fullmatch(rf"{_CAPITAL}(?:\s{_CAPITAL})*", rest):
            found = self.by_surname.get(_key(rest.split()[-1], self.names), [])
            if len(found) == 1:
                return found[0]
        return None

    def _anonymous(self, low: str) -> bool:
        if re.match(r"(?:(?:une|des|deux|plusieurs|certaines|les|de|différentes|la)\s)?(?:\w+\s)?sources?\b", low):
            return True
        if any(word in low for word in self.words["_unnamed"]):
            return True
        nouns = {word.rstrip("s") for word in low.split(" ")[:3]}
        return bool(nouns & {"observateur", "expert"}) and low.split(" ")[0] in (
            "des",
            "les",
            "certains",
            "plusieurs",
            "d'autres",
            "de",
        )

    def _bare(self, said: str, *, keep: bool = False) -> str:
        """The name without apposition; without its article and generic type too unless `keep`."""
        name = said.split(",")[0].strip()
        name = re.sub(rf"\s(?:{'|'.join(self.words['contacted'])})\b.*", "", name)
        if keep:
            return name
        name = re.sub(
            r"^(?:(?:[Ll]e|[Ll]a|[Ll]es|[Uu]ne?|[Dd]es|[Dd]u|[Cc]ette|[Cc]e|[Cc]et|[Ss]on|[Ss]a|[Ll]eur)\s+|[Ll]['’]\s?)",
            "",
            name,
        )
        match = re.match(r"([\w-]+)\s+(?:de\s+\w+\s+)?(?=[^\W\d_a-zà-öø-ÿ])", name)
        if match and match[1].lower() in self.words["_generic"]:
            name = name[match.end() :]
        return name

    def _fullest(self, name: str, said: Span) -> tuple[str, Span]:
        found = self._full.get(name)
        if found is None:
            found = self._full[name] = self._alias(name)
        return found[0], found[1] or said

    def _alias(self, name: str) -> tuple[str, Span | None]:
        """The fullest of a body's names that the article uses; a shortened name counts as its full one."""
        for other in self.names.get(_key(name, {}), "").split("|"):
            if len(other) > len(name):
                match = re.search(re.escape(other).replace(r"\ ", r"\s+"), self.text)
                if match:
                    return other, Span(match.start(), match.end(), match[0])
                if name in other:  # "le Polisario" in an article that never says "Front Polisario"
                    return other, None
        return name, None

    def _kind(self, name: str) -> str:
        for word in re.split(r"[ ']", _plain(name)):
            role = self.words["_roles"].get(word)
            if role:
                return str(role)
        return "b"

    def _feminine(self, source: Source) -> bool | None:
        if source.span is None:
            return None
        first = _plain(source.span.text).split(" ")[0]
        if first in self.words["determiners_feminine"]:
            return True
        if first in self.words["determiners_masculine"]:
            return False
        before = _plain(self.text[max(0, source.span.start - 6) : source.span.start]).split(" ")
        if before and before[-1] in ("la", "une"):
            return True
        if before and before[-1] in ("le", "un", "du"):
            return False
        return None


_NAMING = re.compile(
    r"(?:Ainsi|C['’]est ainsi que|Ces mots|Cette phrase|Voilà ce que|La formule|Le mot|L['’]auteure?|Signé|Le cri|Ce cri|Ce constat)\b"
)


def resolve(article: Article, sentences: Sequence[Sentence], claims: Iterable[Claim]) -> tuple[Claim, ...]:
    """The claims with their sources; authorial claims have none."""
    knowledge, names = _knowledge(article.lang)
    speakers: Speakers | None = None
    done: list[Claim] = []
    for claim in claims:
        if claim.mode != "authorial":
            if speakers is None:
                speakers = Speakers(article, sentences, knowledge, names)
            claim = replace(claim, source=speakers.resolve(claim, done))
            speakers.remember(claim)
        done.append(claim)
    return tuple(done)


def _persons(text: str, sentences: Sequence[Sentence], words: Mapping[str, Any]) -> list[Person]:
    found: dict[str, Person] = {}
    for sentence in sentences:
        if sentence.kind == "boilerplate":
            continue
        for match in _NAME.finditer(text, sentence.start, sentence.end):
            name, start = match[0], match.start()
            parts = name.split()
            while parts and _plain(parts[0]).rstrip("'") in words["_not_names"]:
                start += len(parts[0])
                start += len(text[start : match.end()]) - len(text[start : match.end()].lstrip())
                parts = parts[1:]
            if len(parts) < 2 or _plain(parts[0]) in words["_bodies_first"] or any(len(p) > 30 for p in parts):
                continue
            name = text[start : match.end()].rstrip("'’")
            before = text[max(sentence.start, start - 70) : start]
            direct = re.search(r"(?:\b([Ll]e|[Ll]a|[Ll]es|[Dd]u|[Aa]ux?|[Dd]es)\s+|[Ll]['’]\s?)$", before)
            if direct:  # "la Commission Européenne"
                continue
            body = re.search(r"([\w-]+)\s+$", before)
            if body and (
                words["_roles"].get(body[1].lower(), "") in ("b", "m") or body[1].lower() in words["_generic"]
            ):
                continue  # "le syndicat Quais Unis"
            if before[-1:] == "(" or '"' in name:
                continue
            plain = re.sub(r"\s+", " ", name)
            person = found.get(plain)
            if person is None:
                person = found[plain] = Person(plain, Span(start, start + len(name), name))
            person.places.append(start)
            _describe(person, before, text[start + len(name) : min(sentence.end, start + len(name) + 60)], words)
    persons = list(found.values())
    surnames: dict[str, list[Person]] = {}
    for person in persons:
        surnames.setdefault(person.surname, []).append(person)
    alone = {surname: same[0] for surname, same in surnames.items() if len(same) == 1}
    if alone:
        full = sorted((place, len(person.name)) for person in persons for place in person.places)
        starts = [place for place, _ in full]
        for match in _ONE_NAME.finditer(text):  # later mentions by the surname alone
            one = alone.get(match[0])
            if one is not None:
                last = bisect_left(starts, match.start() + 1) - 1
                if last < 0 or match.start() >= full[last][0] + full[last][1]:
                    one.places.append(match.start())
    for person in persons:
        person.places.sort()
    return persons


_ONE_NAME = re.compile(rf"(?<![\w-]){_CAPITAL}")
_MOST_MENTIONS = 60  # of a stretch of text
_MOST_REMEMBERED = 40  # sources that a later mention may lead back to
_NAME = re.compile(
    rf"(?<![\w«]){_CAPITAL}(?:\s(?:(?:de|van|von|der|den|ben|bin|ibn|el|al|ould|da|di|dos|Ould|El|Al|Ben)\s|d['’])?{_CAPITAL}){{1,3}}"
)


def _describe(person: Person, before: str, after: str, words: Mapping[str, Any]) -> None:
    """What the words around a name say of the person: role nouns, gender."""
    title = re.search(r"\b(M\.|Mme|Mlle|Monsieur|Madame|Me|maître)\s*$", before)
    if title:
        person.gender = person.gender or {"M.": "m", "Monsieur": "m", "Mme": "f", "Mlle": "f", "Madame": "f"}.get(
            title[1], ""
        )
    left = re.split(r"[.;:!?«»()]", before)[-1]
    tokens = [token for token in re.split(r"[\s,'’]+", left.lower()) if token]
    for at in range(len(tokens) - 1, max(-1, len(tokens) - 11), -1):
        if words["_roles"].get(tokens[at]) == "p":
            person.roles.add(tokens[at])
            opener = tokens[at - 1] if at else ""
            if not person.gender:
                if opener in words["determiners_feminine"] or tokens[at].endswith(_FEMININE):
                    person.gender = "f"
                elif (opener in words["determiners_masculine"] and opener != "son") or tokens[at].endswith(_MASCULINE):
                    person.gender = "m"
    if after[:1] == ",":
        right = re.split(
            r"[.;:!?«»()]",
            re.sub(
                r"^,? \d+ ans,|^,? (?:quinze|seize|vingt|trente|quarante|cinquante|soixante)[\w-]* ans,", "", after[1:]
            ).lstrip(", "),
        )[0].split(",")[0]
        for token in re.split(r"[\s'’]+", right.lower())[:7]:
            if words["_roles"].get(token) == "p":
                person.roles.add(token)
                if not person.gender:
                    person.gender = "f" if token.endswith(_FEMININE) else "m" if token.endswith(_MASCULINE) else ""
                break


_SUSPECTS = ("accusé", "accusée", "prévenu", "prévenue", "suspect", "suspecte", "intéressé", "intéressée")
_FEMININE = (
    "trice",
    "euse",
    "ière",
    "ienne",
    "ante",
    "ée",
    "ate",
    "gue-f",
    "présidente",
    "procureure",
    "élue",
    "mère",
    "sœur",
    "fille",
    "épouse",
    "femme",
    "magistrate",
)
_MASCULINE = (
    "teur",
    "eur",
    "ier",
    "ien",
    "ant",
    "président",
    "directeur",
    "avocat",
    "père",
    "frère",
    "fils",
    "homme",
    "élu",
    "délégué",
    "député",
)


def _plain(text: str) -> str:
    return re.sub(r"\s+", " ", text.lower().replace("’", "'")).strip()


def _key(name: str, spellings: Mapping[str, str]) -> str:
    plain = _plain(name)
    for one, other in _SPELLINGS:
        plain = plain.replace(one, other)
    return plain


_SPELLINGS: list[tuple[str, str]] = []


@cache
def _knowledge(lang: str | None) -> tuple[Mapping[str, Any], Mapping[str, str]]:
    from claimtag.claims.cues import _roles

    sources, aliases = lexicon(lang, "sources"), lexicon(lang, "aliases")
    words = dict(sources["resolving"])
    words["_roles"] = {**dict.fromkeys(words["hypernyms"], "p"), **_roles(sources)}
    words["_unnamed"] = tuple(sources["unnamed"])
    words["_generic"] = frozenset(sources["generic"])
    words["_not_names"] = frozenset(words["not_names"])
    words["_bodies_first"] = frozenset(words["bodies_first"])
    if not _SPELLINGS:
        _SPELLINGS.extend((one, other) for one, other in aliases["spellings"]["pairs"])
    names = {}
    for name, others in aliases["names"].items():
        together = "|".join([name, *others])
        for one in (name, *others):
            names[_key(one, {})] = together
    return words, names
