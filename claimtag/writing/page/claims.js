// Claims: who says what. A speaker is a name without regard to accents and case, the author, or nobody named.

const AUTHOR = "@author";
const UNNAMED = "@unnamed";
const hasClaims = articles.some((article) => article.claims > 0);

function claimsOf(article) {
  article.said ??= JSON.parse(article.claimsJson).map((claim, index) => {
    return { ...claim, index, article, key: speakerKey(claim), folded: null };
  });
  return article.said;
}

function speakerKey({ who, mode }) {
  if (mode === "authorial") return AUTHOR;
  return fold(who ?? "").trim().replace(/^@/, "@@") || UNNAMED; // a name may begin with @ too
}

function speakerName({ who, key }) {
  if (key === AUTHOR) return word("author");
  return key === UNNAMED ? word("unnamed") : who.replace(/\s+/g, " ").trim();
}

const isFrom = ({ key }) => !state.speaker || key === state.speaker;
const isOfType = ({ type }) => !state.types.size || state.types.has(type);

// The other filters: any of the themes, as for sentences, and every word searched for in who, how or what.
function isAbout() {
  const wanted = terms();
  return (claim) => {
    if (state.themes.size && !claim.themes.some((label) => state.themes.has(label))) return false;
    if (wanted.length) claim.folded ??= fold([claim.who, claim.cue, claim.content].join("\n"));
    return wanted.every((term) => claim.folded.includes(term));
  };
}

function passesClaim() {
  const about = isAbout();
  return (claim) => isFrom(claim) && isOfType(claim) && about(claim);
}
