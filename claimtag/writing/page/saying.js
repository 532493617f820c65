// The list "who says what", of the article in the reader or of the whole run, in the place of the list of articles.

const SCOPES = ["article", "run"];
const MOST_SPEAKERS = 500; // choices; the rest are found by searching
const NAME_LENGTH = 60;
const saying = stretched(byId("claims"), claimItem);

function drawClaims() {
  byId("tabs").hidden = !hasClaims;
  byId("tab-articles").ariaPressed = !state.claims;
  byId("tab-claims").ariaPressed = Boolean(state.claims);
  document.body.classList.toggle("saying", Boolean(state.claims));
  byId("list").hidden = Boolean(state.claims);
  byId("saying").hidden = byId("claims").hidden = !state.claims;
  if (!state.claims) return;
  const pool = state.claims === "run" ? matching : shown ? [shown] : [];
  const about = isAbout();
  const chosen = [];
  const speakers = new Map();
  const kinds = new Map(types.map(({ id }) => [id, 0]));
  for (const claim of pool.flatMap(claimsOf)) {
    if (!about(claim)) continue;
    if (isFrom(claim)) kinds.set(claim.type, kinds.get(claim.type) + 1);
    if (isOfType(claim)) {
      if (!speakers.has(claim.key)) speakers.set(claim.key, { key: claim.key, name: speakerName(claim), count: 0 });
      speakers.get(claim.key).count += 1;
    }
    if (isFrom(claim) && isOfType(claim)) chosen.push(claim);
  }
  for (const scope of SCOPES) byId(`scope-${scope}`).ariaPressed = state.claims === scope;
  byId("said").textContent = word("claims", chosen.length);
  byId("speaker").replaceChildren(...speakerChoices([...speakers.values()]));
  byId("speaker").value = state.speaker;
  byId("types").replaceChildren(...types.map((type) => typeButton(type, kinds.get(type.id))));
  saying.show(chosen, word("no_claim"));
}

function speakerChoices(speakers) {
  speakers.sort((a, b) => b.count - a.count || a.name.localeCompare(b.name, state.lang));
  const choices = speakers.slice(0, MOST_SPEAKERS);
  if (state.speaker && !choices.some(({ key }) => key === state.speaker)) {
    choices.push(speakers.find(({ key }) => key === state.speaker) ?? { key: state.speaker, name: state.speaker, count: 0 });
  }
  const all = make("option", { value: "", textContent: word("all_speakers") });
  return [all, ...choices.map(({ key, name, count }) => {
    const said = [AUTHOR, UNNAMED].includes(key) ? speakerName({ key }) : cutOff(name);
    return make("option", { value: key, textContent: `${said} · ${number(count)}` });
  })];
}

const cutOff = (text, most = NAME_LENGTH) => (text.length > most ? `${text.slice(0, most).replace(/[\ud800-\udbff]$/, "")}…` : text);

function typeButton(type, count) {
  const button = make("button", { type: "button", className: "type", title: type.definition }, nameOf(type), make("i", { textContent: number(count) }));
  button.ariaPressed = state.types.has(type.id);
  button.classList.toggle("none", count === 0);
  button.addEventListener("click", () => {
    const chosen = new Set(state.types);
    if (!chosen.delete(type.id)) chosen.add(type.id);
    go({ types: chosen, sentence: null });
  });
  return button;
}

function claimItem(claim) {
  const { article } = claim;
  const quoted = claim.mode === "direct" ? "q" : "span";
  const content = make(quoted, { className: "what", textContent: claim.content, lang: article.lang ?? "", dir: "auto" });
  const dots = claim.themes.map((label) => colour(make("span", { className: "dot", title: themeName(label) }), label));
  const about = make("small", {}, make("span", {}, nameIn(types, claim.type)), make("span", {}, nameIn(modes, claim.mode)), make("span", { className: "dots" }, ...dots));
  const link = linkTo({ article: article.index, sentence: claim.sentence }, whoOf(claim), content, about);
  if (state.claims === "run") {
    const from = [dateText(article.date), article.source, article.title].filter(Boolean).join(" · ");
    link.append(make("small", { className: "from", textContent: from }));
  }
  for (const event of ["click", "mouseenter", "focus"]) link.addEventListener(event, () => point(claim, link));
  return link;
}

const nameIn = (choices, wanted) => nameOf(choices.find(({ id }) => id === wanted));

function whoOf(claim) {
  const name = make("b", { textContent: speakerName(claim), dir: "auto" });
  if (claim.key === AUTHOR || claim.key === UNNAMED) name.className = "vague";
  const who = make("span", { className: "who" }, name);
  if (claim.key === UNNAMED && claim.speaker) who.append(make("i", { textContent: claim.speaker, lang: claim.article.lang ?? "" }));
  if (claim.status === "anonymous") who.append(make("i", { textContent: word("anonymous") }));
  return who;
}

// The spans of one claim stand out in the text until another is pointed at.
function point(claim, link) {
  for (const other of document.querySelectorAll("#claims [aria-current]")) other.removeAttribute("aria-current");
  link.ariaCurrent = "true";
  for (const span of document.querySelectorAll("[data-claims]")) {
    span.classList.toggle("pointed", claim.article === shown && span.dataset.claims.split(" ").includes(String(claim.index)));
  }
}

function toggleClaims() {
  if (!hasClaims) return;
  const scope = byId("reader").checkVisibility() ? "article" : "run";
  go({ claims: state.claims ? null : scope, speaker: "", types: new Set(), sentence: null });
}

byId("tab-articles").addEventListener("click", () => state.claims && toggleClaims());
byId("tab-claims").addEventListener("click", () => state.claims || toggleClaims());
for (const scope of SCOPES) byId(`scope-${scope}`).addEventListener("click", () => go({ claims: scope, sentence: null }));
byId("speaker").addEventListener("change", () => go({ speaker: byId("speaker").value, sentence: null }));
