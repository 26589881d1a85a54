/** Starts the deck: hands the page's settings to reveal.js, and says when everything stands. */
import type { Quarterdeck } from "../page";
import type { Deck, Plugin } from "../reveal";
import { code, copyFrom, fitAgain } from "./code";
import { hands } from "./hands";
import { paper } from "./paper";
import { isPrintView } from "./printing";
import { search } from "./search";
import { settings, words } from "./settings";

const NARROW = 435; // px: reveal.js turns to its scroll view at this width
const NARROW_CANVAS = 780;
const ROLES = ["text", "head", "code"];
const STILL = { transition: "none", backgroundTransition: "none", autoAnimate: false };
const root = document.documentElement;

/** A phone held upright gets a canvas of its own shape: text stays readable, columns become rows. */
function canvas(): { width: number; height: number } {
  const narrow = window.innerWidth <= NARROW && !isPrintView(settings.reveal);
  root.classList.toggle("qd-narrow", narrow);
  if (narrow) return { width: NARROW_CANVAS, height: Math.round((NARROW_CANVAS * innerHeight) / innerWidth) };
  const { width, height } = settings.reveal;
  return { width: Number(width) || 1600, height: Number(height) || 900 };
}

function onResize(): void {
  const was = root.classList.contains("qd-narrow");
  const size = canvas();
  const is = root.classList.contains("qd-narrow");
  if (is === was && (!is || window.Reveal.getConfig().height === size.height)) return;
  window.Reveal.configure(size);
  refresh();
}

/** What draws comes before what measures. */
function inOrder(): Plugin[] {
  return [...page.plugins].sort((one, other) => Number(other.draws ?? false) - Number(one.draws ?? false));
}

function refresh(section?: HTMLElement | null): void {
  for (const plugin of inOrder()) plugin.refresh?.(section);
}

/** Every face that some slide needs, before anyone turns to that slide. */
async function loadFonts(): Promise<void> {
  const text = document.querySelector(".reveal .slides")?.textContent ?? "";
  const style = getComputedStyle(root);
  const families = ROLES.map((role) => style.getPropertyValue(`--qd-font-${role}`)).filter(Boolean);
  try {
    await Promise.all(families.map((family) => document.fonts.load(`400 36px ${family}`, text)));
    await document.fonts.ready;
  } catch {
    // the deck is shown in the faces that there are
  }
}

async function start(): Promise<Deck> {
  const own = inOrder();
  const calm = window.matchMedia("(prefers-reduced-motion: reduce)").matches ? STILL : {};
  // the speaker's window moves its two copies of the deck with messages; no other page may move a deck
  const copy = new URLSearchParams(location.search).has("receiver") ? { postMessage: true } : {};
  const plugins = [window.RevealNotes, window.RevealZoom, ...own];
  const shown = window.Reveal.initialize({ ...settings.reveal, ...canvas(), ...calm, ...copy, plugins } as object);
  window.addEventListener("resize", onResize);
  await Promise.all([shown, loadFonts()]);
  window.dispatchEvent(new Event("resize")); // r-fit-text measured itself with the fonts of the moment
  refresh();
  await Promise.all(own.map((plugin) => plugin.settle?.())); // what the slide on the screen waits for
  root.classList.add("qd-ready");
  return window.Reveal;
}

const page: Quarterdeck = {
  reveal: window.Reveal,
  words,
  settings,
  plugins: [hands, code, paper, search],
  ready: new Promise((resolve) => {
    if (document.readyState !== "loading") resolve(start());
    else document.addEventListener("DOMContentLoaded", () => resolve(start()));
  }),
  refresh(section) {
    if (section) window.Reveal.syncSlide(section);
    refresh(section);
  },
  fit: fitAgain,
  copy: copyFrom,
};
window.Quarterdeck = page;
