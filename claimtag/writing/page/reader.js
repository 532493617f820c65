// The reader: the text as it came in, line by line; what is not the article is folded away.

const FOLDED = 160; // characters of boilerplate from which it is folded even inside a line
let spans = []; // [span, note or null, part] of every sentence that carries something
let sentences = new Map(); // the drawn sentences by their number

function drawReader() {
  const reader = byId("article");
  hideCard();
  spans = [];
  sentences = new Map();
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
  const span = fill(make("span", { className: "sentence" }), piece.text, piece.marks);
  if (piece.kind === "boilerplate") {
    span.classList.add("boilerplate");
  } else {
    sentences.set(String(piece.number), span);
    span.tabIndex = -1; // a claim leads here even where there is no theme
  }
  if (piece.themes || piece.review) markSpan(span, piece);
  return span;
}

// Text cut wherever a mark begins or ends; what was searched for is marked too.
function fill(element, text, marks = []) {
  const all = [...marks, ...hits(text).map(([start, end]) => [start, end, "hit", null])];
  const changes = new Map([[0, []], [text.length, []]]);
  for (const mark of all) {
    for (const at of mark.slice(0, 2)) {
      if (!changes.has(at)) changes.set(at, []);
      changes.get(at).push(mark);
    }
  }
  const open = new Set();
  const cuts = [...changes.keys()].sort((a, b) => a - b);
  cuts.slice(0, -1).forEach((at, index) => {
    for (const mark of changes.get(at)) if (!open.delete(mark)) open.add(mark);
    element.append(marked(text.slice(at, cuts[index + 1]), [...open]));
  });
  return element;
}

function marked(text, marks) {
  const roles = new Set(marks.map(([, , role]) => role));
  const isHit = roles.delete("hit");
  let node = document.createTextNode(text);
  if (roles.size) {
    node = make("span", { className: [...roles].join(" ") }, node);
    node.dataset.claims = marks.filter(([, , role]) => role !== "hit").map(([, , , claim]) => claim).join(" ");
  }
  return isHit ? make("mark", {}, node) : node;
}
