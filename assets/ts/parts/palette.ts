/** The theme's colours and fonts as plain values, for what is drawn by others: diagrams and charts. */
import { isPrinting } from "../deck/printing";
import { make, pixels } from "../dom";

const NAMES = ["paper", "ink", "quiet", "surface", "line", "accent", "signal", "good", "bad"] as const;
const SERIES = [1, 2, 3, 4, 5, 6, 7, 8];
const root = document.documentElement;
let pixel: OffscreenCanvasRenderingContext2D;

export type Palette = Record<(typeof NAMES)[number], string> & {
  readonly series: readonly string[];
  readonly font: string;
  /** Pixels of a caption's letters. */
  readonly caption: number;
  readonly dark: boolean;
};

export function onPaper(): boolean {
  return isPrinting() || root.classList.contains("reveal-print") || window.Reveal.isPrintView();
}

function written(parts: Iterable<number>): string {
  return `#${[...parts].map((part) => Math.round(part).toString(16).padStart(2, "0")).join("")}`;
}

function partsOf(colour: string): [red: number, green: number, blue: number] {
  const part = (at: number): number => Number.parseInt(colour.slice(at, at + 2), 16);
  return [part(1), part(3), part(5)];
}

/** Any colour that CSS knows as #rrggbb. */
function hex(colour: string): string {
  const context = { willReadFrequently: true };
  pixel ??= new OffscreenCanvas(1, 1).getContext("2d", context) as OffscreenCanvasRenderingContext2D;
  for (const fill of ["#fff", colour]) {
    pixel.fillStyle = fill;
    pixel.fillRect(0, 0, 1, 1);
  }
  return written(pixel.getImageData(0, 0, 1, 1).data.subarray(0, 3));
}

function isDark(colour: string): boolean {
  const [red, green, blue] = partsOf(colour);
  return red * 0.299 + green * 0.587 + blue * 0.114 < 127.5;
}

/** As they are where the element stands: a slide may have a scheme of its own. */
export function paletteAt(element: Element): Palette {
  const probe = make("span");
  probe.style.cssText = "position:absolute;visibility:hidden";
  if (onPaper()) probe.style.colorScheme = "light";
  element.append(probe);
  const style = getComputedStyle(probe);
  const value = (name: string): string => {
    probe.style.color = `var(--qd-${name})`;
    return hex(style.color);
  };
  const series = SERIES.map((number) => value(`series-${number}`));
  const named = Object.fromEntries(NAMES.map((name) => [name, value(name)])) as Record<(typeof NAMES)[number], string>;
  probe.style.fontFamily = "var(--qd-font-text)";
  probe.style.fontSize = "var(--qd-size-caption)";
  const found = { ...named, series, font: style.fontFamily, caption: pixels(style.fontSize) || 24 };
  probe.remove();
  return { ...found, dark: isDark(found.paper) };
}

/** Calls back when the room gets light or dark. */
export function onScheme(work: () => void): void {
  new MutationObserver(work).observe(root, { attributes: true, attributeFilter: ["data-scheme"] });
  window.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", work);
}

/** So much of a colour, and the rest of another one. */
export function mixed(colour: string, other: string, share: number): string {
  const rest = partsOf(other);
  return written(partsOf(colour).map((part, at) => part * share + (rest[at] ?? 0) * (1 - share)));
}

/** What says that something could not be drawn. */
export function problem(className: string, error: unknown): HTMLElement {
  const box = make("aside", `qd-problem ${className}`.trim());
  const reason = Object(error).message ?? error; // not every library throws an Error
  box.append(make("p", "", `${window.Quarterdeck.words.not_drawn}: ${String(reason).trim()}`));
  return box;
}
