// Sentences that carry themes: tinted, with a note beside each where there is room, else a card.

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
  if (note) focusSpan(spans[note.dataset.index][0]);
});
byId("reader").addEventListener("scroll", hideCard);
addEventListener("resize", placeNotes);
byId("article").addEventListener("toggle", placeNotes, true);

function focusSpan(span) {
  span.scrollIntoView({ block: "center" });
  span.focus({ preventScroll: true });
}
