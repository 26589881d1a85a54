/** The speaker's hands: the scheme key, the list of keys, arrows for fingers, links to what stands on other slides. */

import { isTyping, make, targeted } from "../dom";
import { DECK_KEYS, mirrored } from "../keys";
import type { Plugin } from "../reveal";
import { keep, recall as recalled } from "../storage";
import { marked } from "../words";
import { settings, words } from "./settings";

const STORE = "quarterdeck-scheme";
const KEY_C = 67;
/** The keys that reveal.js and its plugins list of their own accord, in English; the rows above stand for these. */
const REPLACED = new Set([
  ..."→,↓,SPACE,N,L,J|←,↑,P,H,K|N,SPACE|P,ShiftSPACE|←,H|→,L|↑,K|↓,J|Alt+←/↑/→/↓|Shift+←/↑/→/↓".split("|"),
  ..."B,.|F|G|ESC,O|S".split("|"),
]);
const root = document.documentElement;
const darkRoom = window.matchMedia("(prefers-color-scheme: dark)");
let hasSchemes = true; // whether the theme has two

function standing(scheme: string): string {
  return scheme === "auto" ? (darkRoom.matches ? "dark" : "light") : scheme;
}

/** Going back to what the talk asks for forgets the choice, so that the deck follows the room again. */
function toggle(): void {
  const next = standing(root.dataset.scheme || "auto") === "dark" ? "light" : "dark";
  const isOwn = standing(settings.scheme) === next;
  root.dataset.scheme = isOwn ? settings.scheme : next;
  keep("localStorage", STORE, isOwn ? null : next);
}

function recall(): void {
  const scheme = recalled("localStorage", STORE);
  root.dataset.scheme = scheme === "light" || scheme === "dark" ? scheme : settings.scheme;
}

/** reveal.js' own themes have one scheme each; our markup takes the one that their background says. */
function bridged(): boolean {
  if (!getComputedStyle(root).getPropertyValue("--qd-bridge")) return false;
  const colour = getComputedStyle(document.body).backgroundColor.match(/[\d.]+/g) ?? [];
  const [red = 255, green = 255, blue = 255] = colour.map(Number);
  root.dataset.scheme = red * 0.299 + green * 0.587 + blue * 0.114 < 128 ? "dark" : "light";
  return true;
}

function row(caps: readonly string[], action: string): HTMLElement {
  const [made, keys] = [make("div"), make("dt")];
  for (const cap of caps) keys.append(make(cap === "+" ? "span" : "kbd", "", (cap === "Space" && words.space) || cap));
  made.append(keys, make("dd", "", action));
  return made;
}

/** reveal.js writes its list of keys in English; the page's language takes its place, and keys of others stay. */
function rewriteHelp(isRtl: boolean): void {
  const content = document.querySelector(".r-overlay-help-content");
  if (!content) return;
  const list = marked(make("dl", "qd-keys"), words);
  for (const [word, ...caps] of DECK_KEYS) {
    if (words[word] && (word !== "key_scheme" || hasSchemes))
      list.append(row(isRtl ? mirrored(caps) : caps, words[word]));
  }
  for (const { cells } of content.querySelectorAll("tr")) {
    const [key, action] = [...cells].map((cell) => (cell.matches("td") ? cell.textContent : "")?.trim());
    if (key && action && !REPLACED.has(key.replace(/\s/g, ""))) list.append(row([key], action));
  }
  content.replaceChildren(marked(make("p", "title", words.keys), words), list);
  if (words.close) document.querySelector(".r-overlay-help .r-overlay-close")?.setAttribute("aria-label", words.close);
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text; // it has a per cent sign of its own
  }
}

/** `#name` is the slide that holds the element of that name, as without scripts. */
function follow(event: MouseEvent): void {
  const link = targeted(event, 'a[href^="#"]:not([href^="#/"])');
  if (!(link instanceof HTMLAnchorElement) || event.defaultPrevented) return;
  if (event.ctrlKey || event.metaKey || event.shiftKey) return;
  const target = document.getElementById(decoded(link.hash.slice(1)));
  const section = target?.closest<HTMLElement>(".reveal .slides section");
  if (!section) return;
  const { h, v } = window.Reveal.getIndices(section);
  event.preventDefault();
  window.Reveal.slide(h, v);
}

export const hands: Plugin = {
  id: "quarterdeck-hands",

  init(deck) {
    hasSchemes = !bridged();
    if (hasSchemes) {
      recall();
      deck.addKeyBinding(KEY_C, () => (deck.isOverlayOpen() ? deck.closeOverlay() : toggle()));
      // the speaker's window follows the stage and the other way round
      window.addEventListener("storage", ({ key }) => key === STORE && recall());
    }
    document.addEventListener("click", follow);
    deck.on("showhelp", () => rewriteHelp(deck.getConfig().rtl === true));

    // reveal.js knows where "?" is on an American keyboard; this knows what was typed
    const onKey = (event: KeyboardEvent): void => {
      if (event.key !== "?" || event.ctrlKey || event.altKey || event.metaKey || isTyping(event)) return;
      event.preventDefault();
      event.stopImmediatePropagation();
      deck.toggleHelp();
    };
    window.addEventListener("keydown", onKey, true);
    window.addEventListener("touchstart", () => root.classList.add("qd-touch"), { once: true, passive: true });
  },
};
