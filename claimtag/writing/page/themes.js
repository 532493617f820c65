// Themes: colours go round the wheel in the codebook's order, so that a group is an arc of it; neighbours differ in lightness.

const labels = new Map(themes.map((theme) => [theme.id, theme]));
for (const article of articles) {
  for (const label of [...Object.keys(article.themes), ...Object.keys(article.review), ...Object.keys(article.claimed)]) {
    if (!labels.has(label)) labels.set(label, { id: label, group: null, name: {}, definition: "" });
  }
}
[...labels.values()].forEach((theme, index) => {
  const hue = Math.round(25 + (360 * index) / labels.size) % 360;
  const shade = (name, less) => `oklch(calc(var(--${name}-l) - ${index % 2 ? less : 0}) var(--${name}-c) ${hue})`;
  Object.assign(theme, { dot: shade("dot", 0.13), tint: shade("tint", 0.03), ink: shade("text", 0) });
});

const nameOf = ({ id, name }) => name[state.lang] ?? name.en ?? Object.values(name)[0] ?? id.replaceAll("_", " ");
const themeName = (label) => nameOf(labels.get(label));

// How far a theme may be relied on, where that was measured
const tierOf = (label) => (Object.hasOwn(tiers, label) ? tiers[label] : null);
const tierText = (label) => (tierOf(label) ? `${tierOf(label)} – ${word(`tier_${tierOf(label)}`)}` : null);

function colour(element, label) {
  const theme = labels.get(label);
  element.style.setProperty("--c", theme.dot);
  element.style.setProperty("--t", theme.tint);
  element.style.setProperty("--x", theme.ink);
  return element;
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
  const tier = tierOf(theme.id);
  const badge = tier ? make("abbr", { className: `tier tier-${tier}`, textContent: tier, title: tierText(theme.id) }) : null;
  const name = make("span", {}, themeName(theme.id), badge);
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
    button.title = [word("count_title", inSentences, inArticles), tierText(label), labels.get(label).definition].filter(Boolean).join("\n\n");
  }
}
