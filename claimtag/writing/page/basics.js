"use strict";
// Everything from the articles reaches the document as text nodes, never as markup.
// The state of the page is the part of its address after "#", so that every view can be kept as a link.

const byId = (id) => document.getElementById(id);
const { words, groups, themes, tiers, types, modes } = JSON.parse(byId("page").textContent);
const articles = [...document.querySelectorAll("script.a")].map(readHead);
const state = { article: null, themes: new Set(), q: "", review: false, claims: null, speaker: "", types: new Set(), lang: Object.keys(words)[0] };
let matching = []; // articles that pass the filters but for those of claims, in their order
let found = []; // articles that pass all
let shown = null; // the article in the reader

function readHead(block, index) {
  const [head, claimsJson, json] = block.textContent.split("\n");
  return { ...JSON.parse(head), index, claimsJson, json, folded: null, said: null };
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

