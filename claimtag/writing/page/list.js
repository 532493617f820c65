// Lists: drawn a stretch at a time, as far as one has scrolled.

const STRETCH = 60;
const CHIPS = 4;

function stretched(root, draw) {
  let things = [];
  let drawnSoFar = 0;
  const end = make("li");
  const more = (until = drawnSoFar + STRETCH) => {
    const next = things.slice(drawnSoFar, until);
    drawnSoFar += next.length;
    end.before(...next.map((thing) => make("li", {}, draw(thing))));
  };
  new IntersectionObserver((entries) => entries.some((entry) => entry.isIntersecting) && more(), { root }).observe(end);
  return {
    show(all, nothing) {
      things = all;
      drawnSoFar = 0;
      root.replaceChildren(end);
      root.scrollTop = 0;
      if (all.length) more();
      else root.prepend(make("li", { className: "nothing", textContent: nothing }));
    },
    reach: (place) => place >= drawnSoFar && more(place + STRETCH),
  };
}

const items = new Map();
const list = stretched(byId("list"), listItem);

function drawList() {
  items.clear();
  list.show(found, word("no_match"));
}

function listItem(article) {
  const about = [dateText(article.date), article.source].filter(Boolean).join(" · ");
  const title = make("b", { textContent: article.title, lang: article.lang ?? "", dir: "auto" });
  const link = linkTo({ article: article.index, sentence: null }, title, make("small", { textContent: about }), chipsOf(article, CHIPS));
  items.set(article.index, link);
  if (article === shown) link.ariaCurrent = "true";
  return link;
}

// A link that goes there in place, and can be opened beside like any other
function linkTo(change, ...children) {
  const link = make("a", { href: addressOf(change) }, ...children);
  link.addEventListener("click", (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    go(change, true);
  });
  return link;
}

function chipsOf(article, most) {
  const counts = Object.entries(article.themes).sort((a, b) => b[1] - a[1]);
  const chips = counts.slice(0, most).map(([label, count]) => {
    const parts = [make("span", { className: "dot" }), themeName(label), make("i", { textContent: number(count) })];
    const weak = tierOf(label) === "C";
    const title = weak ? tierText(label) : "";
    return colour(make("span", { className: weak ? "chip weak" : "chip", title }, ...parts), label);
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
