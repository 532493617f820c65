// Keys, buttons, and the first drawing.

function move(by) {
  const place = found.indexOf(shown);
  const next = found[place < 0 ? 0 : place + by];
  if (!next) return false;
  list.reach(found.indexOf(next));
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
  c: toggleClaims,
  "/": () => byId("search").focus(),
  Escape: clear,
};

function clear() {
  byId("search").value = "";
  document.activeElement.blur();
  go({ themes: new Set(), q: "", review: false, speaker: "", types: new Set(), sentence: null });
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
