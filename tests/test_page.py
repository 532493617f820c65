from __future__ import annotations

import base64
import hashlib
import itertools
import json
import re
import shutil
import subprocess
import time
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from strategies import tagged_articles

from claimtag.errors import OptionError
from claimtag.records import Article, Claim, Sentence, Source, Span, TaggedArticle, Theme
from claimtag.scheme import load_scheme
from claimtag.writing import page, write

SCHEME = load_scheme("security-cooperation")
MISSING = [name for name in ("chromium", "chromedriver") if shutil.which(name) is None]
needs_browser = pytest.mark.skipif(bool(MISSING), reason=f"needs a browser: {' and '.join(MISSING)} not found")


def article(identity: str, *pieces: str | Sentence, **fields: str) -> TaggedArticle:
    """An article of pieces: bare strings are the text between; sentences are given with offsets from 0."""
    text, sentences = "", []
    for piece in pieces:
        if isinstance(piece, str):
            text += piece
        else:
            start = len(text)
            text += piece.text
            sentences.append(Sentence(start, len(text), piece.text, piece.kind, piece.themes, piece.review))
    return TaggedArticle(Article(identity, text, **fields), tuple(sentences), by="test@1")


def sentence(
    text: str, kind: str = "body", themes: dict[str, float] | None = None, review: dict[str, float] | None = None
) -> Sentence:
    said, unsure = (tuple(Theme(*theme) for theme in (some or {}).items()) for some in (themes, review))
    return Sentence(0, len(text), text, kind, said, unsure)  # type: ignore[arg-type]


TICKER = sentence("Le dirham se déprécie | Résultats du championnat", "boilerplate")
PORT = article(
    "port",
    TICKER, "\n",
    sentence("Saisie record au port", "title"), "\n\n",
    sentence("OSTENDE, 3 mai –", "boilerplate"), " ",
    sentence("La police a arrêté six dockers.", themes={"policing": 0.91, "drugs": 0.84}), " ",
    sentence("Le vent soufflait."), "\n",
    sentence("Une enquête est ouverte.", themes={"policing": 0.62}, review={"justice": 0.45}),
    date="2024-05-03", source="Le Fil du Nord", url="https://example.org/port?a=1&b=2",
)  # fmt: skip
SUMMIT = article(
    "sommet",
    sentence("Les ministres se sont rencontrés à Salé.", themes={"diplomacy": 0.97}),
    title="Un sommet à « Salé »", date="2024-06-01", source="Horizons",
)  # fmt: skip
RAIN = article("pluie", sentence("Il a plu."), title="Météo")
ARTICLES = [PORT, SUMMIT, RAIN]


HOSTILE = (
    "</script><script>window.hacked = 1</script><!-- <img src=x onerror='window.hacked = 1'> \"'& \u2028\u2029 "
    "\u202e {{script}} ${window.hacked = 1} <style>body { display: none }</style>"
)


def written(folder: Path, articles: list[TaggedArticle], **options: Any) -> Path:
    write(articles, folder / "page.html", format="html", **({"scheme": SCHEME} | options))
    return folder / "page.html"


class _Blocks(HTMLParser):
    """What an HTML parser takes for the articles' blocks, and every element that it meets."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[str] = []
        self.blocks: list[str] = []
        self.inside = False
        self.feed(html)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.elements.append(tag)
        self.inside = dict(attributes).get("class") == "a"
        if self.inside:
            self.blocks.append("")

    def handle_endtag(self, tag: str) -> None:
        self.inside = False

    def handle_data(self, data: str) -> None:
        if self.inside:
            self.blocks[-1] += data


# the file, without a browser


@given(tagged_articles())
@settings(max_examples=60, deadline=None)
def test_whatever_an_article_holds_the_page_has_the_same_elements_and_its_whole_text(
    tmp_path_factory: pytest.TempPathFactory, tagged: TaggedArticle
) -> None:
    html = written(tmp_path_factory.mktemp("law"), [tagged]).read_bytes().decode()
    empty = written(tmp_path_factory.mktemp("law"), []).read_bytes().decode()
    parsed = _Blocks(html)
    assert sorted(parsed.elements) == sorted([*_Blocks(empty).elements, "script"])
    (block,) = parsed.blocks
    head, claims, body = map(json.loads, block.split("\n"))
    parts = [part if isinstance(part, str) else part["text"] for part in body["parts"]]
    assert (head["id"], "".join(parts)) == (tagged.article.id, tagged.article.text)
    assert head["claims"] == len(claims) == len(tagged.claims)


@given(tagged_articles())
@settings(max_examples=60, deadline=None)
def test_the_marks_of_a_claim_are_its_spans_as_the_browser_slices_them(tagged: TaggedArticle) -> None:
    marked: dict[tuple[int, str], str] = {}
    for part in page._parts(tagged):
        if isinstance(part, dict):
            utf16 = part["text"].encode("utf-16-le")
            for start, end, role, claim in part.get("marks", []):
                piece = utf16[2 * start : 2 * end].decode("utf-16-le")
                marked[claim, role] = marked.get((claim, role), "") + piece
    listed = page._claims(tagged)
    assert sorted(claim for claim, role in marked if role == "content") == list(range(len(listed)))
    for (claim, role), text in marked.items():
        assert text == listed[claim][role]


def test_no_text_ends_or_opens_an_element(tmp_path: Path) -> None:
    parsed = _Blocks(written(tmp_path, [article(HOSTILE, sentence(HOSTILE), title=HOSTILE), SUMMIT]).read_text("utf-8"))
    assert [json.loads(block.split("\n")[0])["title"] for block in parsed.blocks] == [HOSTILE, "Un sommet à « Salé »"]


def test_the_policy_forbids_everything_but_the_page_s_own_script_and_style(tmp_path: Path) -> None:
    html = written(tmp_path, ARTICLES).read_text("utf-8")
    allowed = {}
    for name in ("script", "style"):
        (content,) = re.findall(rf"<{name}>(.*?)</{name}>", html, re.DOTALL)
        allowed[name] = "sha256-" + base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()
    (policy,) = re.findall(r'Content-Security-Policy" content="([^"]*)"', html)
    assert policy == (
        f"default-src 'none'; script-src '{allowed['script']}'; style-src '{allowed['style']}'; "
        "base-uri 'none'; form-action 'none'"
    )


def test_the_page_names_no_file_and_no_address_of_its_own(tmp_path: Path) -> None:
    html = written(tmp_path, []).read_text("utf-8")
    assert re.findall(r"https?://|url\(|@import|\bsrc=|<link|<iframe", html) == []


def test_every_language_of_the_page_has_every_word() -> None:
    words = page._words()
    assert next(iter(words)) == "fr"
    assert {lang: sorted(table) for lang, table in words.items()} == dict.fromkeys(words, sorted(words["fr"]))


def test_a_placeholder_in_a_scheme_stays_as_it_is(tmp_path: Path) -> None:
    assert "{{script}}" in written(tmp_path, [article("a", sentence("{{script}} {{articles}}"))]).read_text("utf-8")


@pytest.mark.parametrize(
    ("tagged", "title"),
    [
        (SUMMIT, "Un sommet à « Salé »"),
        (PORT, "Saisie record au port"),
        (article("a", TICKER, " ", sentence("x" * 200)), "x" * 160 + "…"),
        (article("a", TICKER), TICKER.text),
        (article("a", "Sans phrase."), "Sans phrase."),
        (article("a", " "), "a"),
    ],
)
def test_the_list_shows_the_title_or_the_first_words(tagged: TaggedArticle, title: str) -> None:
    assert page._head(tagged)["title"] == title


def test_a_claim_over_two_sentences_is_marked_in_both_as_the_browser_counts() -> None:
    text = "😀 Selon Rabat, 😀 tout va. Bien sûr."
    sentences = (Sentence(0, 25, text[:25]), Sentence(26, 35, text[26:]))
    said, cue = Span(15, 31, text[15:31]), Span(2, 7, "Selon")
    tagged = TaggedArticle(Article("a", text), sentences, (Claim(0, "assertion", "indirect", said, cue),))
    marks = [part["marks"] for part in page._parts(tagged) if isinstance(part, dict)]
    assert marks == [[[16, 27, "content", 0], [3, 8, "cue", 0]], [[0, 5, "content", 0]]]


def test_many_claims_in_one_long_sentence_take_linear_time() -> None:
    def took(claims: int) -> float:
        text = "😀 dit. " * claims
        said = tuple(
            Claim(0, "assertion", "indirect", Span(7 * n + 2, 7 * n + 5, "dit"), Span(7 * n, 7 * n + 1, "😀"))
            for n in range(claims)
        )
        tagged = TaggedArticle(Article("a", text), (Sentence(0, len(text), text),), said)
        start = time.process_time()
        assert sum(len(part["marks"]) for part in page._parts(tagged) if isinstance(part, dict)) == 2 * claims
        return time.process_time() - start

    took(100)
    small, large = (min(took(claims) for _ in range(3)) for claims in (2_000, 16_000))
    assert large < 24 * small  # 8 times the text and the claims; quadratic would be 64


def test_a_tier_that_is_none_is_refused(tmp_path: Path) -> None:
    with pytest.raises(OptionError, match=r'^the tier of "drugs" is one of A, B, C, not \'D\'$'):
        written(tmp_path, ARTICLES, tiers={"drugs": "D"})


# in the browser


class Browser:
    """Headless Chromium, driven over chromedriver's HTTP interface."""

    def __init__(self, profile: Path) -> None:
        self._driver = subprocess.Popen(["chromedriver", "--port=0"], stdout=subprocess.PIPE, text=True)
        assert self._driver.stdout is not None
        started = (re.search(r"successfully on port (\d+)", line) for line in self._driver.stdout)
        port = next(match[1] for match in started if match)
        self._base = f"http://127.0.0.1:{port}/session"
        options = {
            "binary": shutil.which("chromium"),
            "args": [
                "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
                "--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-quic",
                f"--user-data-dir={profile}", "--window-size=1400,900",
            ],
        }  # fmt: skip
        wanted = {"goog:chromeOptions": options, "goog:loggingPrefs": {"browser": "ALL", "performance": "ALL"}}
        try:
            self._base += "/" + self._post("", {"capabilities": {"alwaysMatch": wanted}})["sessionId"]
        except BaseException:
            self._driver.kill()
            raise

    def _post(self, path: str, body: dict[str, Any], method: str = "POST") -> Any:
        data = json.dumps(body).encode() if method == "POST" else None
        request = urllib.request.Request(self._base + path, data, {"Content-Type": "application/json"}, method=method)
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.load(answer)["value"]

    def open(self, path: Path, fragment: str = "") -> None:
        self._post("/url", {"url": "about:blank"})  # a change of fragment alone would not load the page anew
        self.problems()
        self.addresses()
        self._post("/url", {"url": path.as_uri() + fragment})

    def js(self, expression: str) -> Any:
        return self._post("/execute/sync", {"script": f"return {expression}", "args": []})

    def texts(self, selector: str) -> list[str]:
        """The text of the visible elements."""
        elements = f"[...document.querySelectorAll({json.dumps(selector)})]"
        found: list[str] = self.js(f"{elements}.filter((e) => e.checkVisibility()).map((e) => e.textContent)")
        return found

    def until(self, expression: str, expected: Any) -> None:
        deadline = time.monotonic() + 10
        while (found := self.js(expression)) != expected and time.monotonic() < deadline:
            pass
        assert found == expected

    def press(self, *keys: str) -> None:
        presses = [{"type": kind, "value": key} for key in keys for kind in ("keyDown", "keyUp")]
        self._post("/actions", {"actions": [{"type": "key", "id": "keyboard", "actions": presses}]})

    def hover(self, selector: str) -> None:
        self.js(f"document.querySelector({json.dumps(selector)}).scrollIntoView({{block: 'center'}})")
        box = self.js(f"(({{x, y}}) => [x, y])(document.querySelector({json.dumps(selector)}).getClientRects()[0])")
        move = {"type": "pointerMove", "x": int(box[0]) + 5, "y": int(box[1]) + 8, "duration": 0}
        self._post("/actions", {"actions": [{"type": "pointer", "id": "mouse", "actions": [move]}]})

    def command(self, name: str, **parameters: Any) -> Any:
        return self._post("/goog/cdp/execute", {"cmd": name, "params": parameters})

    def problems(self) -> list[str]:
        """What the console said since the last call."""
        return [entry["message"] for entry in self._post("/se/log", {"type": "browser"})]

    def addresses(self) -> list[str]:
        """What was asked for since the last call."""
        events = [json.loads(entry["message"])["message"] for entry in self._post("/se/log", {"type": "performance"})]
        asked = [event for event in events if event["method"] == "Network.requestWillBeSent"]
        return [event["params"]["request"]["url"] for event in asked]

    def close(self) -> None:
        try:
            self._post("", {}, method="DELETE")
        finally:
            self._driver.terminate()
            self._driver.wait(10)
            assert self._driver.stdout is not None
            self._driver.stdout.close()


@pytest.fixture(scope="module")
def one_browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    browser = Browser(tmp_path_factory.mktemp("profile"))
    yield browser
    browser.close()


@pytest.fixture
def browser(one_browser: Browser) -> Iterator[Browser]:
    """The browser, wide and light; what it does must leave the console silent and the network alone."""
    one_browser.command("Emulation.setDeviceMetricsOverride", width=1400, height=900, deviceScaleFactor=1, mobile=False)
    one_browser.command("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": "light"}])
    yield one_browser
    assert one_browser.problems() == []
    asked = one_browser.addresses()
    assert [address for address in asked if not address.startswith(("file:", "about:"))] == []


@pytest.fixture(scope="module")
def example(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return written(tmp_path_factory.mktemp("page"), ARTICLES)


RABAT = "Selon Rabat, le plan d'autonomie est « la seule issue »."
ALGER = "Alger dément."
HOPES = "La tournée pourrait échouer."
BARRED = "« Le pays coopère », a-t-il dit."
JUDGED = "Le plan est jugé utile."


def claim(text: str, at: int, index: int, kind: str, mode: str, content: str, **more: Any) -> Claim:
    """A claim in the sentence `text` that begins at `at`; its spans are given by their words."""

    def span(words: str | None) -> Span | None:
        start = at + text.index(words) if words else 0
        return Span(start, start + len(words), words) if words else None

    spans = {name: span(more.pop(name, None)) for name in ("cue", "speaker")}
    return Claim(index, kind, mode, span(content), **spans, **more)  # type: ignore[arg-type]


def debate() -> TaggedArticle:
    """An article in which five sentences each make a claim, one way each."""
    sentences = [
        sentence(RABAT, themes={"western_sahara": 0.9, "diplomacy": 0.8}),
        sentence(ALGER, themes={"diplomacy": 0.7}),
        sentence(HOPES),
        sentence(BARRED),
        sentence(JUDGED),
    ]
    bare = article(
        "debat", *itertools.chain.from_iterable((one, " ") for one in sentences), title="Un débat", lang="fr"
    )
    at = [one.start for one in bare.sentences]
    anonymous = Source("un diplomate", "anonymous")
    claims = (
        claim(RABAT, at[0], 0, "evaluation", "mixed", "le plan d'autonomie est « la seule issue »",
              cue="Selon", speaker="Rabat", source=Source("Rabat", "named"), themes=("western_sahara",)),
        claim(ALGER, at[1], 1, "assertion", "indirect", "dément", cue="dément", speaker="Alger"),
        claim(HOPES, at[2], 2, "forecast", "authorial", "La tournée pourrait échouer"),
        claim(BARRED, at[3], 3, "assertion", "direct", "Le pays coopère", cue="a-t-il dit", speaker="il", source=anonymous),
        claim(JUDGED, at[4], 4, "evaluation", "indirect", "utile", cue="est jugé", source=Source(None, "unresolved")),
    )  # fmt: skip
    return TaggedArticle(bare.article, bare.sentences, claims, by="test@1")


def second_thoughts() -> TaggedArticle:
    text = "RABAT promet d'attendre."
    bare = article("suite", sentence(text, themes={"diplomacy": 0.9}), title="La suite", date="2024-07-01")
    said = claim(text, 0, 0, "commitment", "indirect", "attendre", cue="promet", speaker="RABAT", score=0.6)
    return TaggedArticle(bare.article, bare.sentences, (said,))


@pytest.fixture(scope="module")
def debated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return written(tmp_path_factory.mktemp("claims"), [debate(), RAIN, second_thoughts()])


LIST = "#list b"
WHO = "#claims b"
WHAT = "#claims .what"
CURRENT = "document.querySelector('#list [aria-current] b')?.textContent"
FOCUSED = "document.activeElement.classList.contains('sentence') ? document.activeElement.textContent : null"


@needs_browser
def test_the_page_opens_with_its_list_its_legend_and_the_first_article(browser: Browser, example: Path) -> None:
    browser.open(example)
    assert browser.texts(LIST) == ["Saisie record au port", "Un sommet à « Salé »", "Météo"]
    assert browser.texts("#list small") == ["3 mai 2024 · Le Fil du Nord", "1 juin 2024 · Horizons", ""]
    assert browser.texts("#list li:first-child .chip") == ["Police et maintien de l'ordre2", "Drogue1", "1 à relire"]
    assert browser.texts("#groups h2") == [group.name["fr"] for group in SCHEME.groups]
    assert browser.texts("[data-theme=policing] span") == ["", "Police et maintien de l'ordre", "2", "1"]
    assert browser.texts("#summary") == ["3 articles · 6 phrases · 3 avec un thème · 1 à relire"]
    assert browser.js(CURRENT) == "Saisie record au port"
    assert browser.addresses() == [example.as_uri()]


@needs_browser
def test_the_article_s_text_is_there_letter_for_letter(browser: Browser, tmp_path: Path) -> None:
    text = "Un\u00a0mot\t deux\n\n\u2028Trois\u202e\u0301 😀 fin\r\n"
    path = written(tmp_path, [PORT, article("a", " ", sentence("Avant.\nAprès."), text)])
    for index, tagged in enumerate((PORT, article("a", " ", sentence("Avant.\nAprès."), text))):
        browser.open(path, f"#article={tagged.article.id}")
        shown = browser.js("[...document.querySelectorAll('.text p')].map((p) => p.textContent).join('')")
        assert shown == tagged.article.text, index


@needs_browser
def test_titles_and_boilerplate_are_set_as_such(browser: Browser, example: Path) -> None:
    browser.open(example)
    assert browser.texts(".text p.title") == ["Saisie record au port\n"]
    assert browser.texts("details.boilerplate summary") == [f"Hors article · 1 passage · {TICKER.text}…"]
    assert browser.texts("details.boilerplate p") == []
    browser.js("document.querySelector('details.boilerplate summary').click()")
    assert browser.texts("details.boilerplate p") == [TICKER.text + "\n"]
    assert browser.texts(".text p.body span.boilerplate") == ["OSTENDE, 3 mai –"]  # a dateline stays in its line


@needs_browser
def test_notes_beside_the_text_give_theme_score_and_what_is_to_be_reviewed(browser: Browser, example: Path) -> None:
    browser.open(example)
    assert browser.texts(".note .line") == [
        "Police et maintien de l'ordre91\u00a0%", "Drogue84\u00a0%", "Police et maintien de l'ordre62\u00a0%", "Justice ?45\u00a0%"
    ]  # fmt: skip
    first, second = browser.js(
        "[...document.querySelectorAll('.note')].map((note) => note.getBoundingClientRect().toJSON())"
    )
    assert first["bottom"] <= second["top"]
    assert len(browser.js("document.querySelector('.marked').style.backgroundImage").split("linear-gradient")) == 3


@needs_browser
@pytest.mark.parametrize("way", ["hover", "focus"])
def test_without_room_for_notes_a_card_gives_the_scores(browser: Browser, example: Path, way: str) -> None:
    browser.command("Emulation.setDeviceMetricsOverride", width=420, height=800, deviceScaleFactor=1, mobile=False)
    browser.open(example, "#article=port")
    assert browser.texts(".note") == []
    if way == "hover":
        browser.hover(".marked:last-of-type")
    else:
        browser.press("n", "n")
    browser.until("document.querySelector('#card').checkVisibility()", True)
    assert browser.texts("#card .line") == ["Police et maintien de l'ordre62\u00a0%", "Justice – à relire45\u00a0%"]


@needs_browser
def test_a_narrow_page_shows_the_list_or_the_article(browser: Browser, example: Path) -> None:
    browser.command("Emulation.setDeviceMetricsOverride", width=420, height=800, deviceScaleFactor=1, mobile=True)
    browser.open(example)
    assert (len(browser.texts(LIST)), browser.texts("#reader")) == (3, [])
    browser.js("document.querySelectorAll('#list a')[1].click()")
    assert (browser.texts(LIST), browser.texts(".about h2")) == ([], ["Un sommet à « Salé »"])
    assert browser.js("document.documentElement.scrollWidth") <= 420
    browser.js("history.back()")
    browser.until("document.querySelector('#list').checkVisibility()", True)


@needs_browser
def test_themes_filter_the_list_and_dim_the_other_sentences(browser: Browser, example: Path) -> None:
    browser.open(example)
    browser.js("document.querySelector('[data-theme=drugs]').click()")
    assert browser.texts(LIST) == ["Saisie record au port"]
    assert browser.texts(".wanted.sentence") == ["La police a arrêté six dockers."]
    assert browser.js("location.hash") == "#theme=drugs"
    assert browser.js("document.querySelector('[data-theme=drugs]').ariaPressed") == "true"
    browser.js("document.querySelector('[data-theme=diplomacy]').click()")  # both at once: nowhere
    assert browser.texts("#list") == ["Aucun article ne correspond."]
    browser.js("document.querySelector('#clear').click()")
    assert len(browser.texts(LIST)) == 3


@needs_browser
@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("sale", ["Un sommet à « Salé »"]),
        ("DEPRECIE", ["Saisie record au port"]),
        ("police vent", ["Saisie record au port"]),
        ('"police vent"', []),
        ('"six dockers"', ["Saisie record au port"]),
        ("horizons", ["Un sommet à « Salé »"]),
        ("absent", []),
        ('"', []),
    ],
)
def test_search_looks_for_every_word_without_accents_or_case(
    browser: Browser, example: Path, query: str, found: list[str]
) -> None:
    browser.open(example)
    browser.press("/", *query)
    browser.until("new URLSearchParams(location.hash.slice(1)).get('q')", query)
    assert browser.texts(LIST) == found


@needs_browser
def test_search_marks_what_it_found_in_the_text_as_it_is_written(browser: Browser, example: Path) -> None:
    browser.open(example, "#q=arrete+deprecie")
    assert browser.texts("mark") == ["déprécie", "arrêté"]  # and the folded boilerplate opens


@needs_browser
def test_review_only_shows_what_is_to_be_reviewed(browser: Browser, example: Path) -> None:
    browser.open(example)
    browser.press("r")
    assert browser.texts(LIST) == ["Saisie record au port"]
    assert browser.texts("[data-theme=justice] .n") == ["1"]
    assert browser.texts("[data-theme=policing] .n") == ["0"]
    assert browser.texts(".wanted.sentence") == ["Une enquête est ouverte."]
    browser.press("r")
    assert len(browser.texts(LIST)) == 3


@needs_browser
@pytest.mark.parametrize(("forward", "back"), [("j", "k"), ("\ue014", "\ue012")])
def test_keys_go_from_article_to_article(browser: Browser, example: Path, forward: str, back: str) -> None:
    browser.open(example)
    seen = []
    for key in (forward, forward, forward, back):
        browser.press(key)
        seen.append(browser.js(CURRENT))
    assert seen == ["Un sommet à « Salé »", "Météo", "Météo", "Un sommet à « Salé »"]


@needs_browser
def test_keys_go_from_tagged_sentence_to_tagged_sentence_across_articles(browser: Browser, example: Path) -> None:
    browser.open(example)
    seen = []
    for key in "nnnpp":
        browser.press(key)
        seen.append(browser.js(FOCUSED))
    arrested, inquiry, met = (
        "La police a arrêté six dockers.",
        "Une enquête est ouverte.",
        "Les ministres se sont rencontrés à Salé.",
    )
    assert seen == [arrested, inquiry, met, inquiry, arrested]
    assert browser.js("location.hash") == "#article=port&sentence=3"


@needs_browser
def test_an_address_opens_the_view_it_was_taken_from(browser: Browser, example: Path) -> None:
    browser.open(example, "#article=port&theme=policing&lang=en&sentence=5")
    assert browser.js(FOCUSED) == "Une enquête est ouverte."
    assert browser.js("document.documentElement.lang") == "en"
    assert browser.texts("[data-theme=policing]") == ["Policing21"]
    assert browser.texts("#found") == ["1 article"]


@needs_browser
@pytest.mark.parametrize(
    "fragment", ["#article=none&theme=constructor,weather&lang=constructor&sentence=99", "#%", "#q=%E0%A4%A"]
)
def test_an_address_that_makes_no_sense_does_no_harm(browser: Browser, example: Path, fragment: str) -> None:
    browser.open(example, fragment)
    assert browser.js("document.documentElement.lang") == "fr"
    assert browser.texts("#groups h2") != []


@needs_browser
def test_nothing_from_an_article_is_executed(browser: Browser, tmp_path: Path) -> None:
    label = "<b>__proto__</b>"
    said = (Sentence(0, len(HOSTILE), HOSTILE, "body", (Theme(label, 0.5), Theme("constructor"), Theme("__proto__"))),)
    fields = dict.fromkeys(("title", "date", "source", "url", "lang"), HOSTILE)
    whole, source = Span(0, len(HOSTILE), HOSTILE), Source(HOSTILE, "anonymous")
    claims = (Claim(0, "assertion", "direct", whole, whole, whole, source, themes=("constructor", label)),)
    article_of = Article(HOSTILE, HOSTILE, **fields)
    tagged = TaggedArticle(article_of, said, claims, by=HOSTILE, licence=HOSTILE, notes=(HOSTILE,))
    path = written(tmp_path, [tagged, tagged, SUMMIT], tiers={"constructor": "A", "__proto__": "C"})
    browser.open(path, "#claims=run")
    assert browser.texts(WHAT) == [HOSTILE, HOSTILE]
    browser.js("document.querySelectorAll('#claims a')[1].click()")
    assert browser.texts(".text .pointed") == [HOSTILE]
    assert browser.js("window.hacked ?? null") is None
    browser.open(path)
    assert browser.texts(LIST) == [HOSTILE, HOSTILE, "Un sommet à « Salé »"]
    assert browser.texts(".about h2") == [HOSTILE]
    assert browser.texts(".text .sentence") == [HOSTILE]
    browser.press("j", "j")
    assert browser.js(CURRENT) == "Un sommet à « Salé »"  # although the id before came twice
    assert browser.js("window.hacked ?? null") is None
    assert browser.js("document.querySelectorAll('img, main style, main script, main b b').length") == 0


@needs_browser
@pytest.mark.parametrize(
    ("url", "linked"),
    [
        ("https://example.org/a?b=1&c=é", True),
        ("http://example.org", True),
        ("javascript:alert(1)", False),
        (" JavaScript:alert(1)", False),
        ("data:text/html,<script>alert(1)</script>", False),
        ("file:///etc/passwd", False),
        ("www.example.org", False),
    ],
)
def test_only_web_addresses_become_links(browser: Browser, tmp_path: Path, url: str, linked: bool) -> None:
    browser.open(written(tmp_path, [article("a", sentence("Un."), url=url)]))
    assert browser.js("document.querySelectorAll('#article a').length") == int(linked)


@needs_browser
def test_an_empty_run_says_so(browser: Browser, tmp_path: Path) -> None:
    browser.open(written(tmp_path, []))
    assert browser.texts(".empty b") == ["Ce résultat ne contient aucun article."]
    assert browser.texts("#list") == []
    browser.press("j", "n", "r", "/")  # keys find nothing to do
    browser.js("document.querySelector('#languages [lang=en]').click()")
    assert browser.texts(".empty b") == ["This result holds no article."]


@needs_browser
def test_without_a_scheme_themes_go_by_their_ids(browser: Browser, tmp_path: Path) -> None:
    browser.open(written(tmp_path, ARTICLES, scheme=None))
    assert browser.texts(".theme span:nth-child(2)") == ["policing", "drugs", "justice", "diplomacy"]


# how far a theme may be relied on


@needs_browser
def test_the_legend_gives_each_theme_its_tier_and_says_what_it_means(browser: Browser, tmp_path: Path) -> None:
    tiers = {"policing": "A", "drugs": "B", "diplomacy": "C"}
    browser.open(written(tmp_path, ARTICLES, tiers=tiers))
    assert browser.texts(".theme .tier") == ["A", "B", "C"]
    meaning = "document.querySelector('[data-theme=diplomacy] .tier').title"
    assert browser.js(meaning) == "C – ne pas s'y fier : à prendre comme un indice"
    browser.js("document.querySelector('#languages [lang=en]').click()")
    assert browser.js(meaning) == "C – do not rely on it: take it as a hint"
    assert browser.texts("#list .chip.weak") == ["Diplomacy1"]


@needs_browser
def test_without_tiers_there_are_no_badges(browser: Browser, example: Path) -> None:
    browser.open(example)
    assert browser.texts(".tier, .chip.weak") == []


# who says what


@needs_browser
def test_claims_are_marked_in_the_text_content_cue_and_speaker_each_its_way(browser: Browser, debated: Path) -> None:
    browser.open(debated, "#article=debat")
    assert browser.texts(".text .speaker") == ["Rabat", "Alger", "il"]
    assert browser.texts(".text .cue") == ["Selon", "dément", "a-t-", "il", " dit", "est jugé"]
    assert browser.texts(".text .content") == [
        "le plan d'autonomie est « la seule issue »", "dément", "La tournée pourrait échouer", "Le pays coopère", "utile"
    ]  # fmt: skip
    looks = "((name) => { const style = getComputedStyle(document.querySelector(`.text .${name}`)); return [style.fontWeight > 600, style.fontStyle, style.textDecorationLine]; })"
    assert browser.js(f"{looks}('speaker')") == [True, "normal", "none"]
    assert browser.js(f"{looks}('cue')") == [False, "italic", "none"]
    assert browser.js(f"{looks}('content')") == [False, "normal", "underline"]


@needs_browser
def test_the_list_says_who_says_what_and_how(browser: Browser, debated: Path) -> None:
    browser.open(debated, "#claims=article")
    assert browser.texts(LIST) == []
    assert browser.texts("#claims .who") == [
        "Rabat", "Alger", "L'auteur de l'article", "un diplomateanonyme", "Source non nommée"
    ]  # fmt: skip
    assert browser.texts(WHAT)[3:] == ["Le pays coopère", "utile"]
    assert browser.texts("#claims q") == ["Le pays coopère"]  # direct
    assert browser.texts("#claims small span:nth-child(2)") == [
        "Mixte",
        "Indirect",
        "De l'auteur",
        "Direct",
        "Indirect",
    ]
    assert browser.js("[...document.querySelectorAll('#claims li:first-child .dot')].map((dot) => dot.title)") == [
        "Sahara occidental"  # the claim's own, not those of its sentence
    ]
    assert browser.texts("#said") == ["5 propos"]


@needs_browser
def test_the_whole_run_lists_the_claims_of_all_articles_with_where_they_stand(browser: Browser, debated: Path) -> None:
    browser.open(debated, "#claims=article&article=suite")
    assert browser.texts(WHO) == ["RABAT"]
    browser.js("document.querySelector('#scope-run').click()")
    assert browser.js("location.hash") == "#article=suite&claims=run"
    assert len(browser.texts(WHO)) == 6
    assert browser.texts("#claims .from")[-1] == "1 juil. 2024 · La suite"
    assert browser.texts("#summary") == ["3 articles · 7 phrases · 3 avec un thème · 6 propos"]


@needs_browser
def test_a_speaker_is_chosen_without_regard_to_case(browser: Browser, debated: Path) -> None:
    browser.open(debated, "#claims=run")
    assert browser.js("[...document.querySelector('#speaker').options].map((option) => option.textContent)") == [
        "Toutes les sources", "Rabat · 2", "Alger · 1", "L'auteur de l'article · 1", "Source non nommée · 1", "un diplomate · 1"
    ]  # fmt: skip
    browser.js(
        "((box) => { box.value = 'rabat'; box.dispatchEvent(new Event('change')); })(document.querySelector('#speaker'))"
    )
    assert browser.texts(WHO) == ["Rabat", "RABAT"]
    assert browser.texts("#types [aria-pressed] i") == ["0", "1", "0", "1", "0"]
    assert browser.texts("#found") == ["2 articles"]
    assert browser.js("location.hash") == "#claims=run&speaker=rabat"


@needs_browser
def test_types_and_themes_filter_the_claims(browser: Browser, debated: Path) -> None:
    browser.open(debated, "#claims=run")
    browser.js("document.querySelectorAll('#types button')[1].click()")
    assert browser.texts(WHAT) == ["le plan d'autonomie est « la seule issue »", "utile"]
    browser.js("document.querySelectorAll('#types button')[3].click()")
    assert len(browser.texts(WHAT)) == 3
    assert browser.js("location.hash") == "#claims=run&type=evaluation%2Ccommitment"
    browser.press("\ue00c")
    browser.js("document.querySelector('[data-theme=diplomacy]').click()")
    assert browser.texts(WHO) == ["Alger"]  # whose themes gold left to the sentence; a model that gave none meant none


@needs_browser
def test_searching_finds_claims_by_who_how_and_what(browser: Browser, debated: Path) -> None:
    browser.open(debated, "#claims=run&q=rabat+autonomie")
    assert browser.texts(WHO) == ["Rabat"]


@needs_browser
@pytest.mark.parametrize(
    ("fragment", "who"),
    [
        ("#speaker=Rabat&type=commitment", ["RABAT"]),
        ("#speaker=%40author", ["L'auteur de l'article"]),
        ("#claims=run&speaker=@unnamed&lang=en", ["Source not named"]),
        ("#claims=article&type=assertion", ["Alger", "un diplomate"]),
        ("#speaker=nobody", []),
        ("#claims=run&type=constructor,weather", ["Rabat", "Alger", "L'auteur de l'article", "un diplomate", "Source non nommée", "RABAT"]),
    ],
)  # fmt: skip
def test_an_address_opens_the_claims_it_was_taken_from(
    browser: Browser, debated: Path, fragment: str, who: list[str]
) -> None:
    browser.open(debated, fragment)
    assert browser.texts(WHO) == who
    assert browser.js("document.querySelector('#tab-claims').ariaPressed") == "true"


@needs_browser
def test_a_claim_leads_to_its_sentence_and_lights_its_spans(browser: Browser, debated: Path) -> None:
    browser.open(debated, "#claims=run&article=suite")
    browser.js("document.querySelectorAll('#claims a')[3].click()")
    assert browser.js(FOCUSED) == BARRED  # which carries no theme
    assert browser.texts(".pointed") == ["Le pays coopère", "a-t-", "il", " dit"]
    assert browser.js("location.hash") == "#article=debat&claims=run&sentence=3"
    assert browser.texts("#claims [aria-current] b") == ["un diplomate"]


@needs_browser
def test_c_opens_and_closes_the_list_and_its_filters_go_with_it(browser: Browser, debated: Path) -> None:
    browser.open(debated)
    browser.press("c")
    assert (len(browser.texts(WHO)), browser.texts(LIST)) == (5, [])
    browser.js("document.querySelectorAll('#types button')[4].click()")
    assert browser.texts("#found") == ["1 article"]
    browser.press("c")
    assert (browser.texts(WHO), len(browser.texts(LIST))) == ([], 3)


@needs_browser
def test_the_list_follows_from_article_to_article(browser: Browser, debated: Path) -> None:
    browser.open(debated, "#claims=article")
    seen = []
    for _ in range(2):
        browser.press("j")
        seen.append(browser.texts("#claims li:not(:empty)"))
    assert seen == [["Aucun propos ne correspond."], ["RABATattendreEngagementIndirect"]]


@needs_browser
def test_without_claims_there_is_no_list_of_them(browser: Browser, example: Path) -> None:
    browser.open(example, "#claims=run&speaker=rabat")
    browser.press("c")
    assert browser.texts("#tabs, #claims, #help-claims") == []
    assert len(browser.texts(LIST)) == 3


@needs_browser
def test_a_narrow_page_keeps_the_claims_inside_its_width(browser: Browser, tmp_path: Path) -> None:
    browser.command("Emulation.setDeviceMetricsOverride", width=420, height=800, deviceScaleFactor=1, mobile=True)
    long = "Un nom qui ne finit pas " * 20
    text = f"{long}dit non."
    said = Claim(0, "assertion", "indirect", Span(len(text) - 4, len(text) - 1, "non"), None, Span(0, len(long), long))
    path = written(tmp_path, [TaggedArticle(Article("a", text, title=long), (Sentence(0, len(text), text),), (said,))])
    browser.open(path)
    browser.press("c")
    assert browser.js("location.hash") == "#claims=run"
    assert browser.js("document.documentElement.scrollWidth") <= 420
    browser.js("document.querySelector('#claims a').click()")
    assert browser.texts(".text .pointed") == [long, "non"]


# WCAG 2: a text's contrast with what lies behind it, colours as the browser paints them
CONTRAST = """(() => {
  const context = Object.assign(document.createElement("canvas"), {width: 1, height: 1}).getContext("2d", {willReadFrequently: true});
  const light = (colour) => {
    context.fillStyle = colour;
    context.fillRect(0, 0, 1, 1);
    const [r, g, b] = [...context.getImageData(0, 0, 1, 1).data].map((v) => (v /= 255) <= .04045 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4);
    return .2126 * r + .7152 * g + .0722 * b;
  };
  const against = (a, b) => (Math.max(light(a), light(b)) + .05) / (Math.min(light(a), light(b)) + .05);
  const style = (element) => getComputedStyle(element);
  const paper = style(document.body).backgroundColor;
  const chips = [...document.querySelectorAll(".about .chip:not(.unsure, .weak)")];
  const dots = [...document.querySelectorAll(".theme")].map((chip) => style(chip.querySelector(".dot")).backgroundColor);
  return {
    chips: Math.min(...chips.map((chip) => against(style(chip).color, style(chip).backgroundColor))),
    sentences: Math.min(...[...document.querySelectorAll(".marked")].map((one) => against(style(one).color, style(one).backgroundColor))),
    weak: Math.min(...[...document.querySelectorAll(".chip.weak")].map((chip) => against(style(chip).color, paper))),
    claims: Math.min(...[...document.querySelectorAll("#claims b, #claims small")].map((one) => against(style(one).color, style(document.querySelector("#browse")).backgroundColor))),
    pointed: Math.min(...[...document.querySelectorAll(".pointed")].map((one) => against(style(one).color, style(one).backgroundColor))),
    notes: Math.min(...[...document.querySelectorAll(".note .line")].map((line) => against(style(line).color, paper))),
    muted: against(style(document.querySelector(".colophon")).color, paper),
    dots: Math.min(...dots.map((dot) => against(dot, paper))),
    colours: new Set(dots).size,
  };
})()"""


@needs_browser
@pytest.mark.parametrize("mode", ["light", "dark"])
def test_every_theme_has_its_colour_and_enough_contrast(browser: Browser, tmp_path: Path, mode: str) -> None:
    browser.command("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": mode}])
    said = [sentence(f"Phrase {label}.", themes={label: 0.9}) for label in SCHEME.labels]
    bare = article("a", *itertools.chain.from_iterable((one, " ") for one in said))
    at = bare.sentences[1]
    claims = (
        Claim(0, "forecast", "authorial", Span(0, 6, "Phrase")),
        Claim(1, "demand", "indirect", Span(at.start, at.end, at.text)),
    )
    tagged = TaggedArticle(bare.article, bare.sentences, claims)
    browser.open(written(tmp_path, [tagged], tiers=dict.fromkeys(SCHEME.labels[:3], "C")), "#claims=article")
    browser.js("document.querySelector('#claims a').click()")
    measured = browser.js(CONTRAST)
    assert measured.pop("colours") == len(SCHEME.labels)
    assert measured.pop("dots") >= 2.5, measured  # decoration beside a name
    assert min(measured.values()) >= 4.5, measured


@needs_browser
def test_five_thousand_articles_open_filter_and_search_in_a_few_seconds(browser: Browser, tmp_path: Path) -> None:
    body = [sentence(f"Phrase {n} sur la coopération à Salé.", themes={SCHEME.labels[n % 18]: 0.8}) for n in range(20)]
    pieces = list(itertools.chain.from_iterable((one, "\n") for one in body))
    bare = article("0", *pieces)

    def one_of(n: int) -> TaggedArticle:
        minister = Source(f"Ministre {n % 900}", "named")
        said = tuple(
            Claim(index, "assertion", "indirect", Span(at.start, at.end - 1, at.text[:-1]), source=minister)
            for index, at in enumerate(bare.sentences)
            if index % 2
        )
        return TaggedArticle(replace(bare.article, id=str(n), title=f"Article {n}"), bare.sentences, said)

    path = written(tmp_path, [one_of(n) for n in range(5000)])

    def took(act: Callable[[], None]) -> float:
        start = time.perf_counter()
        act()
        return time.perf_counter() - start

    assert took(lambda: browser.open(path)) < 6  # on two busy cores; about 1 s on a quiet machine
    assert browser.texts("#found") == ["5\u202f000 articles"]
    assert took(lambda: browser.js("(location.hash = '#q=cooperation+sale', 0)")) < 3
    browser.until("document.querySelector('#search').value", "cooperation sale")
    assert took(lambda: browser.press(*"jjjjj")) < 3
    assert browser.js(CURRENT) == "Article 5"
    assert took(lambda: browser.js("(location.hash = '#claims=run', 0)")) < 3
    browser.until("document.querySelector('#said').textContent", "50\u202f000 propos")
    assert took(lambda: browser.js("(location.hash = '#claims=run&speaker=ministre 7', 0)")) < 3
    browser.until("document.querySelector('#said').textContent", "60 propos")
