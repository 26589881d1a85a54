/** Sizes of the blocks of a slide, from measured room. */
import { pixels } from "../dom";

/** Of the theme's code size: 30 px becomes 24, the least that the back row reads. */
const SIZES = [1, 0.93, 0.87, 0.8];
const BELOW = 14; // px under the last whole line of a block that scrolls
const BLOCKS = ".qd-code, .qd-screen";
let fitted = new WeakSet<HTMLElement>();

/** The slide is fitted again, or all of them are. */
export function forgetSize(section?: HTMLElement | null): void {
  if (section) fitted.delete(section);
  else fitted = new WeakSet();
}

/** Slides that are not displayed have no room to measure, and come again later. */
export function fitSlide(section: HTMLElement): void {
  if (fitted.has(section) || !section.offsetWidth) return;
  fitted.add(section);
  const full = pixels(getComputedStyle(document.documentElement).getPropertyValue("--qd-size-code")) || 30;
  const sizes = SIZES.map((part) => Math.round(full * part));
  const all = (selector: string): NodeListOf<HTMLElement> => section.querySelectorAll(selector);
  section.classList.remove("qd-many");
  section.classList.toggle("qd-many", section.dataset.layout === "bullets" && isHigher(section));
  for (const columns of all(".qd-cols")) {
    columns.classList.remove("qd-stacked", "qd-lean");
    lean(columns, sizes[0] ?? full);
  }
  for (const block of all(BLOCKS)) {
    if (shrink(section, block, sizes)) continue;
    block.closest('.qd-slide[data-layout="code-terminal"] > .qd-cols')?.classList.add("qd-stacked");
  }
  for (const block of all(".qd-stacked :is(.qd-code, .qd-screen)")) shrink(section, block, sizes);
  for (const block of all(BLOCKS)) trim(block);
}

function isWider(block: HTMLElement): boolean {
  return block.scrollWidth > block.clientWidth + 1;
}

function isHigher(block: HTMLElement): boolean {
  return block.scrollHeight > block.clientHeight + 1;
}

/** Whether a terminal would fold lines in this size that it did not fold when it ran. */
function folds(block: HTMLElement): boolean {
  if (!block.classList.contains("qd-screen")) return false;
  block.classList.add("qd-unfolded");
  const wide = isWider(block);
  block.classList.remove("qd-unfolded");
  return wide;
}

function resize(block: HTMLElement, size: number, index: number): void {
  block.style.setProperty("--qd-size-code", `${size}px`);
  block.style.setProperty("--qd-code-leading", index < 2 ? "1.5" : "1.38"); // small and many lines stand closer
}

/** True when the block is as wide as its longest line at one of the sizes; height that cannot be had is scrolled. */
function shrink(section: HTMLElement, block: HTMLElement, sizes: readonly number[]): boolean {
  block.style.maxHeight = "";
  resize(block, sizes.at(-1) ?? 0, sizes.length - 1);
  const isFolded = folds(block); // in any size: then it may as well be large
  for (const [index, size] of sizes.entries()) {
    resize(block, size, index);
    if (isWider(block) || isHigher(block) || isHigher(section)) continue;
    if (isFolded || !folds(block)) return true;
  }
  return !isWider(block);
}

/** A block that scrolls ends with a whole line. */
function trim(block: HTMLElement): void {
  const isCut = isHigher(block);
  block.classList.toggle("qd-more", isCut);
  if (!isCut) return;
  const style = getComputedStyle(block);
  const line = pixels(style.lineHeight);
  const around = block.offsetHeight - block.clientHeight + pixels(style.paddingTop) + BELOW;
  const lines = Math.floor((block.offsetHeight - around) / line);
  if (lines > 0) block.style.maxHeight = `${around + lines * line}px`;
}

/** Code beside words that is too wide at full size gets the wider part, before it gets smaller. */
function lean(columns: HTMLElement, size: number): void {
  const holders = columns.querySelectorAll(".qd-col:has(> :is(.qd-snippet, .qd-terminal))");
  if (holders.length !== 1 || !columns.closest('[data-layout="split"]')) return;
  for (const block of columns.querySelectorAll<HTMLElement>(BLOCKS)) {
    block.style.setProperty("--qd-size-code", `${size}px`);
    if (isWider(block) || folds(block)) columns.classList.add("qd-lean");
  }
}
