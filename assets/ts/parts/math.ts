/**
 * Draws formulas with KaTeX before the deck starts, so that everything after it measures what the audience sees. One that
 * KaTeX does not understand stays as its source, with a mark.
 */
import { make } from "../dom";
import type { Plugin } from "../reveal";

const SMALLEST = 0.4; // of its size, for a formula that is too wide for its slide
const FACE = /^["']?KaTeX_(?:Main|Math|AMS|Size[1-4])["']?$/;
/** Definitions of one formula count for the next ones; as authors know it from TeX on the web, they may be made again. */
const macros = { "\\newcommand": "\\providecommand{#1}{}\\renewcommand{#1}" };
let fitted = new WeakSet<HTMLElement>();

function draw(element: HTMLElement): void {
  if (element.firstElementChild) return; // the author's source has none
  const source = element.textContent?.trim() ?? "";
  const displayMode = source.startsWith("$$");
  const formula = displayMode ? source.slice(2, -2) : source.slice(1, -1);
  try {
    window.katex.render(formula, element, { displayMode, strict: "ignore", macros, globalGroup: true });
  } catch (error) {
    element.replaceChildren(mistake(source, error));
  }
  fitted.delete(element);
}

function mistake(source: string, error: unknown): HTMLElement {
  const code = make("code", "qd-wrong", source);
  code.title = error instanceof window.katex.ParseError ? error.rawMessage : String(error);
  return code;
}

/** A formula is never broken into lines: one that is too wide gets smaller. */
function fit(element: HTMLElement): void {
  const room = element.clientWidth;
  if (!room || fitted.has(element)) return;
  fitted.add(element);
  element.style.removeProperty("font-size");
  const width = element.querySelector(".katex-html")?.scrollWidth ?? 0;
  if (width <= room) return;
  element.style.fontSize = `${Math.max(SMALLEST, Math.floor((room / width) * 100) / 100)}em`;
}

/** Faces that stand on some slide, before anyone turns to it. */
async function loadFaces(): Promise<void> {
  const faces = [...document.fonts].filter(({ family }) => FACE.test(family));
  await Promise.allSettled(faces.map((face) => face.load()));
}

function each(root: ParentNode, selector: string, work: (element: HTMLElement) => void): void {
  for (const element of root.querySelectorAll<HTMLElement>(selector)) work(element);
}

function fitAll(): void {
  each(document, ".reveal .qd-math.qd-display", fit);
}

export const plugin: Plugin = {
  id: "quarterdeck-math",
  draws: true,

  refresh(section) {
    each(section ?? document, ".qd-math", draw);
    if (!section) fitted = new WeakSet();
    fitAll();
  },

  init(deck) {
    each(document, ".qd-math", draw);
    for (const name of ["ready", "slidechanged", "overviewshown", "pdf-ready"] as const) deck.on(name, fitAll);
    return loadFaces();
  },
};
