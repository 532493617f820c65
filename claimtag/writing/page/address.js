// State and address

function addressOf(change) {
  const { article, themes: chosen, q, review, claims, speaker, types: kinds, lang, sentence } = { ...state, ...change };
  const address = new URLSearchParams();
  if (article !== null) address.set("article", keys[article]);
  if (chosen.size) address.set("theme", [...chosen].join(","));
  if (q) address.set("q", q);
  if (review) address.set("review", "1");
  if (claims) address.set("claims", claims);
  if (claims && speaker) address.set("speaker", speaker);
  if (claims && kinds.size) address.set("type", [...kinds].join(","));
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
  const ofClaims = (name) => (hasClaims ? address.get(name) ?? "" : ""); // else they would hide every article
  const speaker = fold(ofClaims("speaker")).trim();
  const kinds = new Set(ofClaims("type").split(",").filter((kind) => types.some(({ id }) => id === kind)));
  const scope = SCOPES.includes(address.get("claims")) ? address.get("claims") : speaker || kinds.size ? "run" : null;
  return {
    article: byKey.get(address.get("article")) ?? null,
    themes: new Set((address.get("theme") ?? "").split(",").filter((label) => labels.has(label))),
    q: address.get("q") ?? "",
    review: address.get("review") === "1",
    claims: hasClaims ? scope : null,
    speaker,
    types: kinds,
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
  const filter = JSON.stringify([[...state.themes], state.q, state.review, state.speaker, [...state.types], lang]);
  if (lang !== drawn.lang) drawWords();
  if (filter !== drawn.filter) {
    const wanted = terms();
    matching = articles.filter((article) => passes(article, wanted));
    found = state.speaker || state.types.size ? matching.filter((article) => claimsOf(article).some(passesClaim())) : matching;
    byId("found").textContent = word("articles", found.length);
    byId("clear").hidden = !(state.themes.size || state.q || state.review || state.speaker || state.types.size);
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
  const view = JSON.stringify([state.claims, state.claims === "article" ? shown?.index : null, filter]);
  if (view !== drawn.view) drawClaims();
  drawn = { lang, filter, view };
  showCurrent();
  const place = found.indexOf(shown);
  byId("position").textContent = place < 0 ? "" : word("position", place + 1, found.length);
  byId("previous").disabled = place <= 0;
  byId("next").disabled = place + 1 >= found.length;
  const at = sentences.get(state.sentence);
  if (at && at !== document.activeElement) focusSpan(at);
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
  const facts = [word("articles", articles.length), word("sentences", total("sentences")), word("tagged", total("tagged"))];
  if (total("unsure")) facts.push(word("to_review", total("unsure")));
  if (hasClaims) facts.push(word("claims", total("claims")));
  byId("summary").textContent = articles.length ? facts.join(" · ") : "";
  const choices = Object.keys(words).map((lang) => {
    const choice = make("button", { type: "button", lang, textContent: words[lang].language, ariaPressed: lang === state.lang });
    choice.addEventListener("click", () => go({ lang, sentence: null }));
    return choice;
  });
  byId("languages").replaceChildren(...choices);
  byId("help-claims").hidden = !hasClaims;
  drawLegend();
}
