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
  const layers = state.review ? [article.review] : [article.themes, article.claimed];
  for (const label of state.themes) if (!layers.some((counts) => Object.hasOwn(counts, label))) return false;
  return wanted.every((term) => foldedOf(article).includes(term));
}
