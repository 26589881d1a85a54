/**
 * What a terminal shows, as the rows of a still: type, colours and places are those of the still at any scale and in
 * either scheme, also while the scheme changes. xterm.js reads what was printed and knows what stands where; this draws
 * it. For replays and for what runs on stage.
 */
import type { IBuffer, IBufferLine, IMarker, Terminal } from "@xterm/xterm";
import { make } from "../dom";
import { filled, put, type Run, styleOf } from "./cells";

/** Rows that scroll off within a frame: nobody reads them. */
const FLOOD = 40;
/** The code's font has the letters below this; others may be of any width. */
const OWN_FONT = 0x24f;

export interface Screen {
  readonly terminal: Terminal;
  /** The box that stands over the still. */
  readonly play: HTMLElement;
  /** Rows that scrolled off, and those that may change. */
  readonly above: HTMLElement;
  readonly below: HTMLElement;
  /** By command: whether its long lines go on in the next row. */
  readonly wraps: boolean[];
  /** No more rows than that are kept on the page; 0 for all of them. */
  readonly depth: number;
  /** Commands, with the line on which each begins. */
  readonly begun: { readonly number: number; readonly mark: IMarker }[];
  /** Where `below` begins. */
  edge: IMarker | null;
  noCursor: boolean;
  /** More came than is drawn while it comes. */
  thin: boolean;
}

/** A screen in the size of this still. */
export function open(still: Element, terminal: Terminal, options: { wraps?: boolean[]; depth?: number }): Screen {
  const play = make("div", "qd-play");
  const [above, below] = [make("span"), make("span")];
  play.style.setProperty("--qd-size-code", getComputedStyle(still).fontSize);
  play.style.setProperty("--qd-cols", String(terminal.cols));
  play.setAttribute("aria-hidden", "true"); // whoever listens has the still
  play.tabIndex = -1;
  play.append(above, below);
  const { wraps = [], depth = 0 } = options;
  return { terminal, play, above, below, wraps, depth, begun: [], edge: null, noCursor: false, thin: false };
}

/** A command begins where the cursor is, once what was written before is read. */
export function begins(screen: Screen, number: number, text: string): void {
  screen.terminal.write(text, () => {
    const mark = screen.terminal.registerMarker(0);
    if (mark) screen.begun.push({ number, mark });
  });
}

/** What scrolled off stands as it is; the rest is drawn anew. */
export function draw(screen: Screen): void {
  render(screen, false);
}

/** Draws all that is kept, from the beginning. */
export function redraw(screen: Screen): void {
  screen.edge?.dispose();
  screen.edge = null;
  screen.above.replaceChildren();
  render(screen, true);
  screen.thin = false;
}

function render(screen: Screen, whole: boolean): void {
  const { above, below, play } = screen;
  const buffer = screen.terminal.buffer.active;
  const other = buffer.type === "alternate";
  const atEnd = play.scrollTop + play.clientHeight >= play.scrollHeight - 4;
  if (screen.thin && !whole && !atEnd) return; // someone reads what came before
  const from = other ? 0 : settle(screen, buffer, whole);
  const cursor = { x: buffer.cursorX, y: buffer.baseY + buffer.cursorY };
  const cell = buffer.getNullCell();
  const cells = (y: number): number => {
    const line = buffer.getLine(y);
    return line ? filled(line, cell) : 0;
  };
  let to = buffer.length;
  while (to > cursor.y + 1 && !cells(to - 1)) to--;
  above.hidden = other;
  below.replaceChildren(rowsOf(screen, buffer, from, to, screen.noCursor ? null : cursor));
  // a full window has no room for a last row that is empty; the still has none
  const blank = to === cursor.y + 1 && !cursor.x && !cells(cursor.y);
  if (blank && play.scrollHeight > play.clientHeight + 1 && below.childNodes.length > 1) {
    below.lastChild?.remove();
    below.lastChild?.remove();
  }
  if (other) play.scrollTop = 0;
  else if (atEnd) play.scrollTop = play.scrollHeight;
}

/** Moves rows that cannot change any more to those above; gives the first line that is not there. */
function settle(screen: Screen, buffer: IBuffer, whole: boolean): number {
  if (screen.edge?.isDisposed) {
    screen.above.replaceChildren(); // the program cleared the terminal
    screen.edge = null;
  }
  let from = screen.edge ? screen.edge.line : 0;
  let edge = buffer.baseY;
  while (edge > from && buffer.getLine(edge)?.isWrapped) edge--;
  if (screen.depth && edge > from) from = skip(screen, buffer, from, edge, whole);
  if (edge === from) return from;
  screen.above.append(rowsOf(screen, buffer, from, edge, null), "\n");
  return mark(screen, buffer, edge);
}

function mark(screen: Screen, buffer: IBuffer, edge: number): number {
  screen.edge?.dispose();
  screen.edge = screen.terminal.registerMarker(edge - buffer.baseY - buffer.cursorY) ?? null;
  return edge;
}

/** On stage any amount may come: more rows than anyone reads are drawn when it has stopped, and not all of them. */
function skip(screen: Screen, buffer: IBuffer, from: number, edge: number, whole: boolean): number {
  if (whole) return Math.max(from, edge - screen.depth);
  const rows = screen.above.childNodes;
  if (edge - from > FLOOD) {
    screen.above.replaceChildren();
    screen.thin = true;
  }
  if (screen.thin) return mark(screen, buffer, edge);
  if (rows.length > 2.4 * screen.depth) while (rows.length > 2 * screen.depth) rows[0]?.remove();
  return from;
}

type Place = { readonly x: number; readonly y: number };

function rowsOf(screen: Screen, buffer: IBuffer, from: number, to: number, cursor: Place | null): DocumentFragment {
  const cell = buffer.getNullCell();
  const made = document.createDocumentFragment();
  let runs: Run[] = [];
  for (let y = from; y < to; y++) {
    const line = buffer.getLine(y);
    if (!line) continue;
    const on = y + 1 < to && goesOn(screen, buffer.getLine(y + 1), y);
    const here = cursor?.y === y ? cursor.x : -1;
    const end = Math.max(on ? line.length : filled(line, cell), here + 1);
    for (let x = 0; x < end; x++) {
      const known = x < line.length ? line.getCell(x, cell) : undefined;
      if (known && !known.getWidth()) continue; // the second half of a wide character
      const text = known?.getChars() || " ";
      const cells = known && screen.depth && text.charCodeAt(0) > OWN_FONT ? known.getWidth() : 0;
      const style = x === here ? { classes: "qd-cursor", css: "" } : known ? styleOf(known) : { classes: "", css: "" };
      put(runs, { text, cells, ...style });
    }
    if (on) continue;
    if (made.hasChildNodes()) made.append("\n");
    made.append(rowOf(runs));
    runs = [];
  }
  return made;
}

/** Whether a line goes on in the next one: it was wider than the terminal, and its row in the still is as long. */
function goesOn(screen: Screen, next: IBufferLine | undefined, y: number): boolean {
  if (!next?.isWrapped) return false;
  const command = screen.begun.findLast((begun) => begun.mark.line <= y);
  return !screen.wraps[command ? command.number : 0];
}

function rowOf(runs: readonly Run[]): HTMLElement {
  const row = make("span", "qd-row");
  for (const { text, classes, css, cells } of runs) {
    if (!classes && !css && !cells) {
      row.append(text);
      continue;
    }
    const span = make("span", classes, text);
    if (css) span.style.cssText = css;
    if (cells) {
      span.classList.add("qd-cells");
      span.style.width = `${cells}ch`;
    }
    row.append(span);
  }
  return row;
}
