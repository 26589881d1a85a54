/**
 * Typing into a terminal: while it has the keyboard every key is its own but the one that gives it back. Keys, paste,
 * input methods and the mouse go to xterm.js, which stands unseen in the same box.
 */
import type { Terminal } from "@xterm/xterm";
import { make, pixels } from "../dom";
import type { Screen } from "../terminal/screen";
import { changed } from "./changes";
import { config, say, word } from "./config";
import { share } from "./connection";
import { cellOf, type Size } from "./room";

/** A terminal while there is something to show. */
export interface LiveTerminal {
  readonly terminal: Terminal;
  readonly screen: Screen;
  keyboard: HTMLElement | null;
  /** Its size before a program took the whole of it. */
  fitted: Size | null;
}

/** What can have the keyboard. */
interface Holder {
  readonly isOn: boolean;
  readonly run: number | null;
  readonly figure: HTMLElement | null;
  readonly live: LiveTerminal | null;
  /** This window answers what the program asks of its terminal. */
  mine: boolean;
  fit(): void;
}

const RELEASE = "Ctrl+Shift+Escape";
const MOUSE = ["mousedown", "mouseup", "mousemove", "wheel"] as const;

const releaseKeys = (config.release || RELEASE).split("+").map((part) => part.trim().toLowerCase());
let holder: Holder | null = null;
let wanted: Holder | null = null;

/** The key that gives the keyboard back, in the words of the talk. */
export const releaseName = releaseKeys.map(nameOf).join("+");

function nameOf(part: string): string {
  const names: Readonly<Record<string, string>> = {
    escape: word("escape"),
    esc: word("escape"),
    shift: word("shift"),
  };
  return names[part] ?? part.charAt(0).toUpperCase() + part.slice(1);
}

function isRelease(event: KeyboardEvent): boolean {
  const held = { ctrl: event.ctrlKey, shift: event.shiftKey, alt: event.altKey, meta: event.metaKey };
  const named = releaseKeys.at(-1) ?? "";
  const key = { esc: "escape", space: " " }[named] ?? named;
  const isKey = event.key.toLowerCase() === key || event.code.toLowerCase() === `digit${key}`;
  return isKey && Object.entries(held).every(([name, isHeld]) => isHeld === releaseKeys.slice(0, -1).includes(name));
}

/** Opened when someone first types: what is only looked at needs no keyboard. */
function open(view: Holder, live: LiveTerminal): void {
  if (live.keyboard) return;
  const { terminal } = live;
  const { play } = live.screen;
  live.keyboard = make("div", "qd-keyboard");
  play.parentElement?.append(live.keyboard);
  terminal.open(live.keyboard);
  terminal.textarea?.setAttribute("aria-label", say("help", { key: releaseName }));
  terminal.attachCustomKeyEventHandler((event) => {
    if (!isRelease(event)) return true;
    event.preventDefault();
    event.stopPropagation();
    if (event.type === "keydown") release();
    return false;
  });
  terminal.textarea?.addEventListener("blur", () => release(view));
  for (const type of MOUSE) {
    play.addEventListener(type, (event) => holder === view && point(live, event), { passive: false });
  }
}

/** A program that asked for the mouse hears where it is, counted in the cells that are seen. */
function point({ terminal, screen }: LiveTerminal, event: MouseEvent): void {
  const target = terminal.element?.querySelector<HTMLElement>(".xterm-screen");
  if (!target || terminal.modes.mouseTrackingMode === "none" || event.shiftKey) return;
  const { play } = screen;
  const box = play.getBoundingClientRect();
  const scale = box.width / play.offsetWidth || 1;
  const style = getComputedStyle(play);
  const cell = cellOf(play);
  const x = (event.clientX - box.left) / scale - pixels(style.paddingLeft) - play.clientLeft + play.scrollLeft;
  const y = (event.clientY - box.top) / scale - pixels(style.paddingTop) - play.clientTop;
  const own = target.getBoundingClientRect();
  const at = (place: number, size: number, cells: number, whole: number): number =>
    ((Math.min(Math.max(Math.floor(place / size), 0), cells - 1) + 0.5) * whole) / cells;
  const init = {
    bubbles: true,
    cancelable: true,
    button: event.button,
    buttons: event.buttons,
    ctrlKey: event.ctrlKey,
    altKey: event.altKey,
    clientX: own.left + at(x, cell.width, terminal.cols, target.offsetWidth),
    clientY: own.top + at(y, cell.height, terminal.rows, target.offsetHeight),
  };
  event.preventDefault();
  event.stopPropagation();
  const { type } = event;
  if (event instanceof WheelEvent) {
    target.dispatchEvent(new WheelEvent(type, { ...init, deltaY: event.deltaY, deltaMode: event.deltaMode }));
  } else target.dispatchEvent(new MouseEvent(type, init));
}

export function hasKeyboard(view: Holder): boolean {
  return holder === view;
}

export function isHeld(): boolean {
  return holder !== null;
}

/** Its terminal is there now: whoever was to type into it does. */
export function opened(view: Holder): void {
  if (wanted === view) take(view);
}

export function take(view: Holder | null): void {
  wanted = view?.isOn && !view.live ? view : null; // it opens in a moment
  if (!view?.isOn || !view.live || holder === view) return;
  release();
  open(view, view.live);
  holder = view;
  view.mine = true;
  share({ type: "hold", run: view.run });
  if (view.figure) view.figure.dataset.focus = "";
  changed();
  view.fit();
  view.live.terminal.focus();
}

/** Keys are the deck's again, whoever has them or only if it is this one. */
export function release(only?: Holder): void {
  if (only && holder !== only) return;
  const view = holder;
  wanted = holder = null;
  if (!view) return;
  if (view.figure) delete view.figure.dataset.focus;
  changed();
  if (view.live?.terminal.textarea) view.live.terminal.blur();
}
