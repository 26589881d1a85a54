/**
 * Slides that were written for the smaller letters of another tool: what is too much for the room gets smaller, down to
 * half.
 */
import { pixels } from "../dom";
import type { Plugin } from "../reveal";

const SMALLEST = 0.5;
const ROUNDS = 6;
const STILL = 2; // px of the screen
const LIFTED = 16; // px by which a heading stands above its room
let fitted = new WeakSet<HTMLElement>();

function isInFlow(element: Element): boolean {
  if (!element.matches(":not(.qd-side, .qd-band, .notes, style, script)")) return false;
  return !/absolute|fixed/.test(getComputedStyle(element).position);
}

/** How far what stands on the slide reaches below its room, in pixels of the screen. */
function excess(section: HTMLElement, blocks: readonly Element[]): number {
  const box = section.getBoundingClientRect();
  const scale = box.height / section.offsetHeight || 1;
  const top = box.top + section.clientTop * scale;
  const room = section.clientHeight * scale;
  const places = blocks.flatMap((block) => {
    const place = block.getBoundingClientRect();
    if (!place.height) return [];
    const height = Math.max(place.height, block.scrollHeight * scale * (pixels(getComputedStyle(block).zoom) || 1));
    return { top: place.top, bottom: place.top + height };
  });
  const first = Math.min(...places.map((place) => place.top));
  const last = Math.max(...places.map((place) => place.bottom));
  return Math.max(last - top - room, last - first - room - LIFTED * scale);
}

function fit(section: HTMLElement): void {
  if (!section.clientHeight || fitted.has(section)) return;
  fitted.add(section);
  section.classList.remove("qd-fitted");
  const blocks = [...section.children].filter(isInFlow);
  if (excess(section, blocks) <= STILL) return;
  section.classList.add("qd-fitted");
  let [low, high] = [SMALLEST, 1];
  for (let round = 0; round < ROUNDS; round++) {
    const middle = (low + high) / 2;
    section.style.setProperty("--qd-fit", middle.toFixed(3));
    if (excess(section, blocks) > STILL) high = middle;
    else low = middle;
  }
  section.style.setProperty("--qd-fit", low.toFixed(3));
}

function all(): void {
  if (document.documentElement.classList.contains("qd-narrow")) return; // phones scroll
  for (const section of document.querySelectorAll<HTMLElement>(".reveal .slides section.qd-slide[data-dialect]")) {
    fit(section);
  }
}

export const plugin: Plugin = {
  id: "quarterdeck-fit",
  draws: true,

  refresh(section) {
    if (section) fitted.delete(section);
    else fitted = new WeakSet();
    all();
  },

  init(deck) {
    for (const name of ["slidechanged", "pdf-ready", "overviewshown"] as const) deck.on(name, all);
  },
};
