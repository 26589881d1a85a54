/** Cells of a terminal as runs of text, each with the classes and the style of its still. */
import type { IBufferCell, IBufferLine } from "@xterm/xterm";
import { ROLES } from "./keys";

export interface Run {
  text: string;
  readonly classes: string;
  readonly css: string;
  /** How wide it has to be whatever its font says; 0 where the code's font is as wide as it must. */
  readonly cells: number;
}

const LEVELS = [0, 95, 135, 175, 215, 255];

function hex(number: number): string {
  return `#${number.toString(16).padStart(6, "0")}`;
}

/** A colour of the palette behind the sixteen that the theme has. */
export function indexed(number: number): string {
  if (number >= 232) return hex((8 + 10 * (number - 232)) * 0x010101);
  const rest = number - 16;
  const [red, green, blue] = [Math.floor(rest / 36), Math.floor(rest / 6) % 6, rest % 6].map((at) => LEVELS[at] ?? 0);
  return hex(((red ?? 0) << 16) | ((green ?? 0) << 8) | (blue ?? 0));
}

/** "3" for a colour of the palette, "#rrggbb" for another one, a class for what stands for a role, "" for no own one. */
function colour(value: number, isRgb: boolean, isPalette: boolean): string {
  if (isRgb) return ROLES.get(value) ?? hex(value);
  if (!isPalette) return "";
  return value < 16 ? String(value) : indexed(value);
}

export function styleOf(cell: IBufferCell): Pick<Run, "classes" | "css"> {
  const classes: string[] = [];
  const rules: string[] = [];
  if (cell.isBold()) classes.push("qd-bold");
  if (cell.isDim()) classes.push("qd-dim");
  if (cell.isItalic()) classes.push("qd-italic");
  if (cell.isUnderline()) classes.push("qd-underline");
  if (cell.isStrikethrough()) classes.push("qd-strike");
  if (cell.isInverse()) classes.push("qd-reverse");
  const ink = colour(cell.getFgColor(), cell.isFgRGB(), cell.isFgPalette());
  const ground = colour(cell.getBgColor(), cell.isBgRGB(), cell.isBgPalette());
  const [fg, bg] = cell.isInverse() ? [ground, ink] : [ink, ground];
  for (const [part, property, value] of [
    ["fg", "color", fg],
    ["bg", "background-color", bg],
  ] as const) {
    if (value.startsWith("#")) rules.push(`${property}:${value}`);
    else if (value) classes.push(value.startsWith("qd-") ? value : `qd-${part}-${value}`);
  }
  return { classes: classes.join(" "), css: rules.join(";") };
}

/** How many cells of a line are not blank at its end. */
export function filled(line: IBufferLine, cell: IBufferCell): number {
  for (let x = line.length; x > 0; x--) {
    line.getCell(x - 1, cell);
    if (cell.getChars().trim() || !cell.isBgDefault() || cell.isInverse()) return x;
  }
  return 0;
}

/** Adds text to the runs of a row, to the last one if they look alike. */
export function put(runs: Run[], run: Run): void {
  const last = runs.at(-1);
  if (last && !last.cells && !run.cells && last.classes === run.classes && last.css === run.css) last.text += run.text;
  else runs.push(run);
}
