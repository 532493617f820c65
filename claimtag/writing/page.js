"use strict";
// Everything from the articles reaches the document as text nodes, never as markup.
// The state of the page is the part of its address after "#", so that every view can be kept as a link.

const byId = (id) => document.getElementById(id);
const { words, groups, themes } = JSON.parse(byId("page").textContent);
const articles = [...document.querySelectorAll("script.a")].map(readHead);
const state = { article: null, themes: new Set(), q: "", review: false, lang: Object.keys(words)[0] };
let found = []; // articles that pass the filters, in their order
let shown = null; // the article in the reader

function readHead(block, index) {
  const json = block.textContent;
  const cut = json.indexOf("\n");
  return { ...JSON.parse(json.slice(0, cut)), index, json: json.slice(cut + 1), folded: null };
}

// Themes: colours go round the wheel in the codebook's order, so that a group is an arc of it; neighbours differ in lightness.

const labels = new Map(themes.map((theme) => [theme.id, theme]));
for (const article of articles) {
  for (const label of [...Object.keys(article.themes), ...Object.keys(article.review)]) {
    if (!labels.has(label)) labels.set(label, { id: label, group: null, name: {}, definition: "" });
  }
}
[...labels.values()].forEach((theme, index) => {
  const hue = Math.round(25 + (360 * index) / labels.size) % 360;
  const shade = (name, less) => `oklch(calc(var(--${name}-l) - ${index % 2 ? less : 0}) var(--${name}-c) ${hue})`;
  Object.assign(theme, { dot: shade("dot", 0.13), tint: shade("tint", 0.03), ink: shade("text", 0) });
});

function themeName(label) {
  const names = labels.get(label).name;
  return names[state.lang] ?? names.en ?? Object.values(names)[0] ?? label.replaceAll("_", " ");
}

function colour(element, label) {
  const theme = labels.get(label);
  element.style.setProperty("--c", theme.dot);
  element.style.setProperty("--t", theme.tint);
  element.style.setProperty("--x", theme.ink);
  return element;
}

// Small things

function make(name, properties = {}, ...children) {
  const element = Object.assign(document.createElement(name), properties);
  element.append(...children.filter((child) => child !== null));
  return element;
}

const number = (n) => n.toLocaleString(state.lang);

function word(name, n = "", m = n) {
  const many = typeof m === "number" && new Intl.PluralRules(state.lang).select(m) !== "one";
  const said = (value) => () => (typeof value === "number" ? number(value) : value);
  return words[state.lang][name].replaceAll("(s)", many ? "s" : "").replace("{n}", said(n)).replace("{m}", said(m));
}

const percent = (score) => (score === null ? "" : `${Math.round(score * 100)}\u00a0%`);

function dateText(date) {
  const [, year, month, day] = /^(\d{4})-(\d\d)-(\d\d)/.exec(date ?? "") ?? [];
  if (!year) return date;
  const style = { dateStyle: "medium", timeZone: "UTC" };
  const at = new Date(Date.UTC(year, month - 1, day));
  return Number.isNaN(at.getTime()) ? date : new Intl.DateTimeFormat(state.lang, style).format(at);
}

function webAddress(url) {
  try {
    const parsed = new URL(url);
    return ["http:", "https:"].includes(parsed.protocol) ? parsed.href : null;
  } catch {
    return null;
  }
}

// Searching: letters without their accents and case; the map leads from a folded position back to the text's own.

const fold = (text) =>
  text.toLowerCase().normalize("NFD").replace(/\p{M}/gu, "").replace(/œ/g, "oe").replace(/æ/g, "ae").replace(/[’ʼ]/g, "'").replace(/\s+/g, " ");

function foldWithMap(text) {
  let folded = "";
  const map = [];
  let at = 0;
  for (const character of text) {
    let letters = fold(character);
    if (letters === " " && folded.endsWith(" ")) letters = "";
    for (let i = 0; i < letters.length; i++) map.push(at);
    folded += letters;
    at += character.length;
  }
  map.push(at);
  return { folded, map };
}

const terms = () => [...state.q.matchAll(/"([^"]+)"|(\S+)/g)].map((hit) => fold(hit[1] ?? hit[2]).trim()).filter(Boolean);

function hits(text) {
  const wanted = terms();
  if (!wanted.length) return [];
  const { folded, map } = foldWithMap(text);
  const spans = [];
  for (const term of wanted) {
    for (let at = folded.indexOf(term); at >= 0; at = folded.indexOf(term, at + term.length)) {
      spans.push([map[at], map[at + term.length]]);
    }
  }
  return spans;
}

function bodyOf(article) {
  const body = JSON.parse(article.json);
  body.parts.filter((part) => typeof part !== "string").forEach((part, index) => (part.number = index));
  return body;
}

function foldedOf(article) {
  article.folded ??= fold(
    [article.title, article.source ?? "", bodyOf(article).parts.map((part) => part.text ?? part).join("")].join("\n"),
  );
  return article.folded;
}

const countsOf = (article) => (state.review ? article.review : article.themes);

function passes(article, wanted) {
  if (state.review && !article.unsure) return false;
  const counts = countsOf(article);
  for (const label of state.themes) if (!Object.hasOwn(counts, label)) return false;
  return wanted.every((term) => foldedOf(article).includes(term));
}

// The legend: groups of themes, each a button with its counts over the articles found.

const buttons = new Map();

function drawLegend() {
  buttons.clear();
  const byGroup = [...groups, { id: null, name: null }].map((group) => {
    const members = [...labels.values()].filter((theme) => theme.group === group.id);
    if (!members.length) return null;
    const name = group.name ? (group.name[state.lang] ?? Object.values(group.name)[0]) : word("other_themes");
    const heading = groups.length ? make("h2", { textContent: name }) : null;
    return make("div", {}, ...[heading, ...members.map(themeButton)].filter(Boolean));
  });
  byId("groups").replaceChildren(...byGroup.filter(Boolean));
}

function themeButton(theme) {
  const name = make("span", { textContent: themeName(theme.id) });
  const [n, m] = ["n", "m"].map((className) => make("span", { className }));
  const button = make("button", { type: "button", className: "theme" }, make("span", { className: "dot" }), name, n, m);
  button.dataset.theme = theme.id;
  button.addEventListener("click", () => {
    const chosen = new Set(state.themes);
    if (!chosen.delete(theme.id)) chosen.add(theme.id);
    go({ themes: chosen, sentence: null });
  });
  buttons.set(theme.id, { button, n, m });
  return colour(button, theme.id);
}

function countLegend() {
  const totals = new Map([...labels.keys()].map((label) => [label, [0, 0]]));
  for (const article of found) {
    for (const [label, count] of Object.entries(countsOf(article))) {
      const total = totals.get(label);
      total[0] += count;
      total[1] += 1;
    }
  }
  for (const [label, { button, n, m }] of buttons) {
    const [inSentences, inArticles] = totals.get(label);
    n.textContent = number(inSentences);
    m.textContent = number(inArticles);
    button.ariaPressed = state.themes.has(label);
    button.classList.toggle("none", inSentences === 0);
    button.title = [word("count_title", inSentences, inArticles), labels.get(label).definition].filter(Boolean).join("\n\n");
  }
}

// The list: drawn a stretch at a time, as far as one has scrolled.

const STRETCH = 60;
const CHIPS = 4;
const items = new Map();
const end = make("li");
new IntersectionObserver((entries) => entries.some((entry) => entry.isIntersecting) && drawMore(), { root: byId("list") }).observe(end);

function drawList() {
  items.clear();
  byId("list").replaceChildren(end);
  if (found.length) drawMore();
  else byId("list").prepend(make("li", { className: "nothing", textContent: word("no_match") }));
}

function drawMore(until = items.size + STRETCH) {
  for (const article of found.slice(items.size, until)) {
    const item = listItem(article);
    items.set(article.index, item);
    end.before(make("li", {}, item));
  }
  showCurrent();
}

function listItem(article) {
  const about = [dateText(article.date), article.source].filter(Boolean).join(" · ");
  const title = make("b", { textContent: article.title, lang: article.lang ?? "", dir: "auto" });
  const link = make("a", {}, title, make("small", { textContent: about }), chipsOf(article, CHIPS));
  link.href = addressOf({ article: article.index, sentence: null });
  link.addEventListener("click", (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    go({ article: article.index, sentence: null }, true);
  });
  return link;
}

function chipsOf(article, most) {
  const counts = Object.entries(article.themes).sort((a, b) => b[1] - a[1]);
  const chips = counts.slice(0, most).map(([label, count]) => {
    const parts = [make("span", { className: "dot" }), themeName(label), make("i", { textContent: number(count) })];
    return colour(make("span", { className: "chip" }, ...parts), label);
  });
  const rest = counts.slice(most).map(([label]) => themeName(label));
  if (rest.length) {
    const title = word("more", rest.length) + " : " + rest.join(", ");
    chips.push(make("span", { className: "chip unsure", textContent: `+ ${rest.length}`, title }));
  }
  if (article.unsure) chips.push(make("span", { className: "chip unsure", textContent: word("to_review", article.unsure) }));
  return make("span", { className: "chips" }, ...chips);
}

function showCurrent() {
  for (const [index, item] of items) {
    if (index === shown?.index) item.ariaCurrent = "true";
    else item.removeAttribute("aria-current");
  }
}

// The reader: the text as it came in, line by line; what is not the article is folded away.

const FOLDED = 160; // characters of boilerplate from which it is folded even inside a line
let spans = []; // [span, note or null, part] of every sentence that carries something

function drawReader() {
  const reader = byId("article");
  hideCard();
  spans = [];
  if (!shown) return reader.replaceChildren();
  const body = bodyOf(shown);
  const text = make("div", { className: "text", lang: shown.lang ?? "", dir: "auto" }, ...blocks(body.parts));
  const notes = make("div", { id: "notes" });
  notes.append(...spans.map((_, index) => noteOf(index)));
  const filtered = state.themes.size > 0 || state.review;
  const page = make("div", { className: filtered ? "page aside" : "page" }, text, notes);
  reader.replaceChildren(aboutOf(shown, body), page, colophonOf(shown, body));
  byId("reader").scrollTop = 0;
  placeNotes();
}

function aboutOf(article, body) {
  const facts = [dateText(article.date), article.source].filter(Boolean).map((fact) => make("span", { textContent: fact }));
  const address = webAddress(body.url);
  if (address) {
    facts.push(make("a", { href: address, target: "_blank", rel: "noopener noreferrer", textContent: word("original") }));
  }
  // a title that stands in the text is set there, and not twice
  const title = body.title ? make("h2", { lang: article.lang ?? "", dir: "auto" }) : null;
  if (title) fill(title, body.title);
  const chips = chipsOf(article, Infinity);
  if (!article.tagged) chips.prepend(word("no_theme"), " ");
  return make("div", { className: "about" }, title, facts.length ? make("p", {}, ...facts) : null, chips);
}

function colophonOf(article, body) {
  const facts = [article.id, body.by ? word("by", body.by) : null, body.scheme, body.licence, ...body.notes];
  return make("p", { className: "colophon", textContent: facts.filter(Boolean).join(" · ") });
}

function blocks(parts) {
  const drawn = [];
  let folded = null;
  for (const { kind, pieces } of blocksOf(parts)) {
    const blank = pieces.every((piece) => typeof piece === "string" && !piece.trim());
    const paragraph = make("p", { className: blank ? "blank" : kind }, ...pieces.map(drawPiece));
    if (folded && (kind === "boilerplate" || blank)) {
      folded.append(paragraph);
    } else if (kind === "boilerplate") {
      folded = make("details", { className: kind }, make("summary"), paragraph);
      drawn.push(folded);
    } else {
      folded = null;
      drawn.push(paragraph);
    }
  }
  for (const details of drawn.filter((block) => block.tagName === "DETAILS")) {
    const pieces = details.querySelectorAll(".sentence");
    const opening = [...pieces].map((piece) => piece.textContent.trim()).join(" · ").slice(0, 90);
    details.firstChild.textContent = `${word("boilerplate")} · ${word("pieces", pieces.length)} · ${opening}…`;
    details.open = details.querySelector("mark") !== null;
  }
  return drawn;
}

// Blocks end where a line ends, and inside a line where the title, a heading or a stretch of boilerplate begins or ends.
function blocksOf(parts) {
  const kinds = kindsOf(parts);
  const all = [];
  let block = null;
  parts.forEach((part, index) => {
    const pieces = typeof part === "string" ? part.split(/(?<=\n)/) : [part];
    for (const piece of pieces) {
      const kind = typeof piece === "string" ? null : kinds[index];
      if (!block || (kind && block.kind && kind !== block.kind)) all.push((block = { kind, pieces: [] }));
      block.kind ??= kind;
      block.pieces.push(piece);
      if (typeof piece === "string" && piece.endsWith("\n")) block = null;
    }
  });
  for (const one of all) one.kind ??= "body";
  return all;
}

// How each part is set: a few words of boilerplate inside a line, such as a dateline, stay in it.
function kindsOf(parts) {
  const kinds = parts.map((part) => part.kind ?? null);
  for (let first = 0; first < parts.length; first++) {
    if (kinds[first] !== "boilerplate") continue;
    let last = first;
    let length = 0;
    for (let at = first; at < parts.length && (kinds[at] === "boilerplate" || kinds[at] === null); at++) {
      if (kinds[at]) last = at;
      length += (parts[at].text ?? parts[at]).length;
    }
    const before = first === 0 || /\n\s*$/.test(parts[first - 1].text ?? parts[first - 1]);
    const after = last === parts.length - 1 || /^\s*\n/.test(parts[last + 1].text ?? parts[last + 1]);
    const alone = (before && after) || (first <= 1 && last >= parts.length - 2);
    if (!alone && length < FOLDED) for (let at = first; at <= last; at++) kinds[at] &&= "body";
    first = last;
  }
  return kinds;
}

function drawPiece(piece) {
  if (typeof piece === "string") return fill(document.createDocumentFragment(), piece);
  const span = fill(make("span", { className: "sentence" }), piece.text, piece.claims);
  if (piece.kind === "boilerplate") span.classList.add("boilerplate");
  if (piece.themes || piece.review) markSpan(span, piece);
  return span;
}

function fill(element, text, claims = []) {
  const marks = hits(text);
  const cuts = [...new Set([0, text.length, ...claims.flat(), ...marks.flat()])].sort((a, b) => a - b);
  const inside = (ranges, at) => ranges.some(([start, stop]) => start <= at && at < stop);
  for (let index = 0; index + 1 < cuts.length; index++) {
    let node = document.createTextNode(text.slice(cuts[index], cuts[index + 1]));
    if (inside(claims, cuts[index])) node = make("span", { className: "claim" }, node);
    if (inside(marks, cuts[index])) node = make("mark", {}, node);
    element.append(node);
  }
  return element;
}

function markSpan(span, part) {
  const said = (part.themes ?? []).map(([label]) => label);
  const unsure = (part.review ?? []).map(([label]) => label);
  const chosen = [...said, ...unsure].find((label) => state.themes.has(label));
  const layer = state.review ? unsure : said;
  span.classList.add("marked");
  if (!said.length) span.classList.add("unsure");
  if (state.themes.size ? layer.some((label) => state.themes.has(label)) : layer.length) span.classList.add("wanted");
  const strongest = (part.themes ?? part.review).reduce((best, theme) => (theme[1] > best[1] ? theme : best));
  colour(span, chosen ?? strongest[0]);
  const lines = said.slice(0, 4).map((label) => labels.get(label).dot);
  span.style.backgroundImage = lines.map((line) => `linear-gradient(${line}, ${line})`).join(", ");
  span.style.backgroundSize = "100% 2px";
  span.style.backgroundPosition = lines.map((_, index) => `0 calc(100% - ${index * 3}px)`).join(", ");
  span.style.paddingBottom = `${1 + 3 * lines.length}px`;
  const index = spans.length;
  span.tabIndex = 0;
  span.dataset.index = index;
  span.setAttribute("aria-describedby", `note-${index}`);
  spans.push([span, null, part]);
}

function noteOf(index) {
  const [span, , part] = spans[index];
  const note = make("div", { className: "note", id: `note-${index}` }, ...linesOf(part, "span", "?"));
  note.dataset.index = index;
  for (const name of ["--c", "--t", "--x"]) note.style.setProperty(name, span.style.getPropertyValue(name));
  if (span.classList.contains("wanted")) note.classList.add("wanted");
  spans[index][1] = note;
  return note;
}

// A line for each theme said, then for each to be reviewed: dot, name, score.
function linesOf(part, tag, unsureMark) {
  const line = (unsure) => ([label, score]) => {
    const dot = make("span", { className: unsure ? "dot unsure" : "dot" });
    const name = make("b", { textContent: unsure ? `${themeName(label)} ${unsureMark}` : themeName(label) });
    const element = make(tag, { className: unsure ? "line unsure" : "line" }, dot, name, make("i", { textContent: percent(score) }));
    return colour(element, label);
  };
  return [...(part.themes ?? []).map(line(false)), ...(part.review ?? []).map(line(true))];
}

// Beside its sentence where there is room, else below the note before it.
function placeNotes() {
  const notes = byId("notes");
  if (!notes?.checkVisibility()) return;
  const origin = notes.getBoundingClientRect().top;
  const measured = spans.map(([span, note]) => [note, span.getClientRects()[0].top - origin, note.offsetHeight]);
  let reached = 0;
  for (const [note, top, height] of measured) {
    reached = Math.max(reached, top + 2);
    note.style.top = `${reached}px`;
    reached += height + 5;
  }
  notes.style.minHeight = `${reached}px`;
}

function light(index, on) {
  const [span, note, part] = spans[index];
  span.classList.toggle("lit", on);
  note.classList.toggle("lit", on);
  if (on && !note.checkVisibility()) showCard(span, part);
  if (!on) hideCard();
}

function showCard(span, part) {
  const card = byId("card");
  card.replaceChildren(...linesOf(part, "div", `– ${word("review")}`));
  card.hidden = false;
  const rect = [...span.getClientRects()].at(-1);
  const below = rect.bottom + 8 + card.offsetHeight < innerHeight;
  card.style.top = `${below ? rect.bottom + 8 : Math.max(8, span.getBoundingClientRect().top - card.offsetHeight - 8)}px`;
  card.style.left = `${Math.max(8, Math.min(rect.left, innerWidth - card.offsetWidth - 8))}px`;
}

function hideCard() {
  byId("card").hidden = true;
}

for (const [name, on] of [["mouseover", true], ["mouseout", false], ["focusin", true], ["focusout", false]]) {
  byId("article").addEventListener(name, (event) => {
    const at = event.target.closest("[data-index]");
    if (at && spans[at.dataset.index]) light(at.dataset.index, on || spans[at.dataset.index][0] === document.activeElement);
  });
}
byId("article").addEventListener("click", (event) => {
  const note = event.target.closest(".note");
  if (note) focusSpan(note.dataset.index);
});
byId("reader").addEventListener("scroll", hideCard);
addEventListener("resize", placeNotes);
byId("article").addEventListener("toggle", placeNotes, true);

function focusSpan(index) {
  const [span] = spans[index];
  span.scrollIntoView({ block: "center" });
  span.focus({ preventScroll: true });
}

// State and address

function addressOf(change) {
  const { article, themes: chosen, q, review, lang, sentence } = { ...state, ...change };
  const address = new URLSearchParams();
  if (article !== null) address.set("article", keys[article]);
  if (chosen.size) address.set("theme", [...chosen].join(","));
  if (q) address.set("q", q);
  if (review) address.set("review", "1");
  if (lang !== Object.keys(words)[0]) address.set("lang", lang);
  if (sentence !== null) address.set("sentence", sentence);
  return "#" + address;
}

// an id that comes twice is told apart by its place in the page
const keys = [];
const byKey = new Map();
articles.forEach(({ id }, index) => {
  keys.push(byKey.has(id) ? `${id}#${index + 1}` : id);
  byKey.set(keys[index], index);
});

function readAddress() {
  const address = new URLSearchParams(location.hash.slice(1));
  const lang = address.get("lang");
  return {
    article: byKey.get(address.get("article")) ?? null,
    themes: new Set((address.get("theme") ?? "").split(",").filter((label) => labels.has(label))),
    q: address.get("q") ?? "",
    review: address.get("review") === "1",
    lang: Object.hasOwn(words, lang ?? "") ? lang : Object.keys(words)[0],
    sentence: address.get("sentence"),
  };
}

function go(change, keep = false) {
  const address = addressOf(change);
  if (keep) history.pushState(null, "", address);
  else history.replaceState(null, "", address);
  refresh(readAddress());
}

let drawn = {};

function refresh(change) {
  Object.assign(state, change);
  const lang = state.lang;
  const filter = JSON.stringify([[...state.themes], state.q, state.review, lang]);
  if (lang !== drawn.lang) drawWords();
  if (filter !== drawn.filter) {
    const wanted = terms();
    found = articles.filter((article) => passes(article, wanted));
    byId("found").textContent = word("articles", found.length);
    byId("clear").hidden = !(state.themes.size || state.q || state.review);
    if (byId("search").value !== state.q) byId("search").value = state.q;
    byId("review").checked = state.review;
    countLegend();
    drawList();
  }
  const before = shown;
  const chosen = state.article !== null ? articles[state.article] : shown;
  shown = found.includes(chosen) ? chosen : (found[0] ?? null);
  document.body.classList.toggle("reading", state.article !== null);
  if (shown !== before || filter !== drawn.filter) drawReader();
  drawn = { lang, filter };
  showCurrent();
  const place = found.indexOf(shown);
  byId("position").textContent = place < 0 ? "" : word("position", place + 1, found.length);
  byId("previous").disabled = place <= 0;
  byId("next").disabled = place + 1 >= found.length;
  const at = spans.findIndex(([, , part]) => String(part.number) === state.sentence);
  if (at >= 0 && spans[at][0] !== document.activeElement) focusSpan(at);
}

function drawWords() {
  document.documentElement.lang = state.lang;
  for (const element of document.querySelectorAll("[data-word]")) element.textContent = word(element.dataset.word);
  for (const element of document.querySelectorAll("[data-label]")) {
    element.ariaLabel = word(element.dataset.label);
    if (element.tagName === "INPUT") element.placeholder = word(element.dataset.label);
    if (element.tagName === "BUTTON") element.title = word(element.dataset.label);
  }
  const total = (name) => articles.reduce((all, article) => all + article[name], 0);
  const said = [word("articles", articles.length), word("sentences", total("sentences")), word("tagged", total("tagged"))];
  if (total("unsure")) said.push(word("to_review", total("unsure")));
  byId("summary").textContent = articles.length ? said.join(" · ") : "";
  const choices = Object.keys(words).map((lang) => {
    const choice = make("button", { type: "button", lang, textContent: words[lang].language, ariaPressed: lang === state.lang });
    choice.addEventListener("click", () => go({ lang, sentence: null }));
    return choice;
  });
  byId("languages").replaceChildren(...choices);
  drawLegend();
}

function move(by) {
  const place = found.indexOf(shown);
  const next = found[place < 0 ? 0 : place + by];
  if (!next) return false;
  if (found.indexOf(next) >= items.size) drawMore(found.indexOf(next) + STRETCH);
  go({ article: next.index, sentence: null });
  items.get(next.index).scrollIntoView({ block: "nearest" });
  return true;
}

function step(by) {
  const wanted = spans.map((_, index) => index).filter((index) => spans[index][0].classList.contains("wanted"));
  const now = document.activeElement?.dataset.index;
  const rest = wanted.filter((index) => now === undefined || (by > 0 ? index > now : index < now));
  const next = by > 0 ? rest[0] : rest.at(-1);
  if (next !== undefined) go({ article: shown.index, sentence: spans[next][2].number });
  else if (move(by)) step(by);
}

const keyed = {
  j: () => move(1),
  ArrowRight: () => move(1),
  k: () => move(-1),
  ArrowLeft: () => move(-1),
  n: () => step(1),
  p: () => step(-1),
  r: () => go({ review: !state.review, sentence: null }),
  "/": () => byId("search").focus(),
  Escape: clear,
};

function clear() {
  byId("search").value = "";
  document.activeElement.blur();
  go({ themes: new Set(), q: "", review: false, sentence: null });
}

addEventListener("keydown", (event) => {
  const typing = event.target.matches("input[type=search]") && event.key !== "Escape";
  if (typing || event.ctrlKey || event.metaKey || event.altKey || !Object.hasOwn(keyed, event.key)) return;
  event.preventDefault();
  keyed[event.key]();
});

let typing = 0;
byId("search").addEventListener("input", () => {
  clearTimeout(typing);
  typing = setTimeout(() => go({ q: byId("search").value, sentence: null }), 120);
});
byId("filters").addEventListener("submit", (event) => event.preventDefault());
byId("review").addEventListener("change", () => go({ review: byId("review").checked, sentence: null }));
byId("clear").addEventListener("click", clear);
byId("previous").addEventListener("click", () => move(-1));
byId("next").addEventListener("click", () => move(1));
byId("back").addEventListener("click", (event) => {
  event.preventDefault();
  go({ article: null, sentence: null });
});
addEventListener("hashchange", () => refresh(readAddress()));
addEventListener("popstate", () => refresh(readAddress()));

document.querySelector("main").hidden = !articles.length;
byId("empty").hidden = articles.length > 0;
if (matchMedia("(max-width: 1120px)").matches) byId("themes").open = false;
refresh(readAddress());
