/** How much of a terminal there is room for. */
import { make, pixels } from "../dom";

export interface Size {
  readonly cols: number;
  readonly rows: number;
}

/** Of a cell, in pixels of the slide, whatever its scale. */
export function cellOf(box: Element): { width: number; height: number } {
  const probe = make("span", "qd-probe", "0".repeat(100));
  box.append(probe);
  const width = probe.offsetWidth / 100;
  probe.remove();
  return { width, height: pixels(getComputedStyle(box).lineHeight) };
}

/** How many cells of a box are seen; null on a slide that is not displayed. */
export function room(box: Element): Size | null {
  const { width, height } = cellOf(box);
  if (!width || !box.clientWidth) return null;
  const style = getComputedStyle(box);
  const across = box.clientWidth - pixels(style.paddingLeft) - pixels(style.paddingRight);
  const down = box.clientHeight - pixels(style.paddingTop) - pixels(style.paddingBottom);
  return { cols: Math.floor(across / width + 0.02), rows: Math.floor(down / height + 0.1) };
}
