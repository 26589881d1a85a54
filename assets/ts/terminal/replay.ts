/**
 * Replays a recording in the window of its still, with its own timing and no engine. A plugin of reveal.js.
 *
 * One recording plays at a time, and whatever it adds to the page is gone when it ends: the author's server may replace
 * the slide at any moment.
 */
import type { Terminal } from "@xterm/xterm";
import { isTyping, make, targeted } from "../dom";
import { isNextKey, KEY_R } from "../keys";
import type { Deck, Plugin } from "../reveal";
import { oneDigit, say } from "../words";
import { castOf, loadTerminal } from "./casts";
import { foldAll, screenOf, settleRest, unfold } from "./fold";
import { fill, shown } from "./holes";
import { moves } from "./keys";
import { begins, draw, open, type Screen } from "./screen";
import { type Cast, outputs, type Point, type Step, secondAt, stepsBefore, timeline } from "./steps";

const SPEEDS = [1, 2, 4];
const AGAIN_MS = 700; // two presses within this time are one wish: to the end
const APART_S = 0.4; // what two windows may differ by before one catches up
const FRAME_S = 0.1; // a window that was hidden goes on where it was
const SCROLLBACK = 5000;
const REPLAYABLE = ".qd-terminal[data-replay]";
const HIDDEN = ".fragment:not(.visible)";

/** Where a live run stood; `ready` is called when that is on the screen. */
export type From = Point & { readonly ready: () => void };

/** Where the replay is, for another window of this deck. */
export interface ReplayState {
  readonly id: string;
  readonly next: number;
  readonly now: number;
  readonly phase: "play" | "pause";
  readonly where: string;
  readonly speed: number;
}

interface Playing {
  readonly figure: HTMLElement;
  phase: "play" | "pause";
  /** What the bar says of a pause. */
  where: string;
  readonly terminal: Terminal;
  readonly screen: Screen;
  readonly clock: HTMLElement;
  readonly speed: HTMLButtonElement;
  readonly steps: readonly Step[];
  next: number;
  now: number;
  /** The second of the recording at which the command that runs began. */
  began: number;
  /** On the page's clock: the last frame, and the last press of the next key. */
  last: number;
  skipped: number;
  drawn: boolean;
}

type Turn = Playing | { readonly figure: HTMLElement; readonly phase: "load" };

const calm = window.matchMedia("(prefers-reduced-motion: reduce)");
let speed = 0; // index of SPEEDS
let turn: Turn | null = null; // what is being replayed

function playing(): Playing | null {
  return turn && turn.phase !== "load" ? turn : null;
}

/** One replay, from where a live run or another window stood, or from the first frame, to the last. */
export function start(deck: Deck, figure: HTMLElement, from?: From | ReplayState): void {
  stop();
  const mine: Turn = { figure, phase: "load" };
  turn = mine;
  Promise.all([castOf(figure), loadTerminal()]).then(
    ([cast]) => turn === mine && begin(deck, figure, cast, from),
    () => {
      if (turn === mine) turn = null;
    },
  );
}

function begin(deck: Deck, figure: HTMLElement, cast: Cast, from?: From | ReplayState): void {
  const body = figure.querySelector(".qd-term-body") as HTMLElement;
  if (figure.classList.contains("qd-folded")) {
    figure.classList.remove("qd-folded");
    window.Quarterdeck.fit(figure.closest("section") as HTMLElement);
  }
  settleRest(body);
  const still = screenOf(body);
  const terminal = new window.Terminal({
    cols: cast.cols,
    rows: cast.rows,
    scrollback: SCROLLBACK,
    convertEol: true,
    disableStdin: true,
  });
  const mine: Playing = {
    figure,
    phase: "play",
    where: "",
    terminal,
    screen: open(still, terminal, { wraps: outputs(cast.events).map(moves) }),
    clock: make("span", "qd-clock"),
    speed: make("button", "qd-speed"),
    steps: timeline(cast.events, { typing: !calm.matches, holes: shown(still) }),
    next: 0,
    now: 0,
    began: 0,
    last: performance.now(),
    skipped: Number.NEGATIVE_INFINITY,
    drawn: false,
  };
  turn = mine;
  mine.speed.type = "button";
  terminal.onWriteParsed(() => {
    mine.drawn = false;
  });
  label(figure, "stop");
  changeSpeed(mine, speed);
  figure.querySelector(".qd-term-bar")?.append(mine.clock, mine.speed);
  body.append(mine.screen.play);
  mine.screen.play.focus({ preventScroll: true }); // a button that keeps the focus would take the space bar
  if (!from) advance(mine, 0);
  else if ("ready" in from) seek(mine, from);
  else catchUp(mine, from);
  frame(deck, mine);
}

/** To where a live run stood, in one step: until it is drawn, what is there stays. */
function seek(mine: Playing, from: From): void {
  const { play } = mine.screen;
  const index = stepsBefore(mine.steps, from);
  for (const step of mine.steps.slice(0, index)) write(mine, step);
  mine.next = index;
  mine.now = mine.steps[index - 1]?.now ?? 0;
  play.style.visibility = "hidden";
  mine.terminal.write("", () => {
    if (turn !== mine) return;
    draw(mine.screen);
    play.style.removeProperty("visibility");
    from.ready();
  });
}

function label(figure: Element, word: "stop" | "replay"): void {
  const button = figure.querySelector(".qd-run");
  if (button) button.textContent = window.Quarterdeck.words[word] ?? "";
}

function changeSpeed(mine: Playing, index: number): void {
  speed = Math.min(Math.max(index, 0), SPEEDS.length - 1);
  mine.speed.textContent = `${SPEEDS[speed]}×`;
  mine.speed.setAttribute("aria-label", `${window.Quarterdeck.words.faster} ${SPEEDS[speed]}×`);
}

function frame(deck: Deck, mine: Playing): void {
  if (turn !== mine) return;
  if (!mine.screen.play.isConnected) return stop();
  const at = performance.now();
  const passed = Math.min((at - mine.last) / 1000, FRAME_S) * (SPEEDS[speed] ?? 1);
  mine.last = at;
  if (mine.phase === "play" && !deck.isPaused()) advance(mine, mine.now + passed);
  if (turn !== mine) return;
  if (!mine.drawn) {
    mine.drawn = true;
    draw(mine.screen);
  }
  tell(mine);
  requestAnimationFrame(() => frame(deck, mine));
}

/** Plays up to a second of the replay, or to the next stop if that is nearer. */
function advance(mine: Playing, until: number): void {
  for (let step = mine.steps[mine.next]; step && step.now <= until; step = mine.steps[mine.next]) {
    mine.next++;
    mine.now = step.now;
    write(mine, step);
    if (step.stop) {
      mine.phase = "pause";
      mine.where = step.stop;
      return;
    }
  }
  if (mine.next === mine.steps.length) finish(mine);
  else mine.now = until;
}

function write(mine: Playing, step: Step): void {
  if (step.begins) {
    mine.began = step.at;
    begins(mine.screen, step.begins, step.text);
  } else if (step.text) mine.terminal.write(step.text);
}

/** On the recording's own clock: it runs faster where waiting is cut short. */
function tell(mine: Playing): void {
  const seconds = Math.max(secondAt(mine.steps, mine.next, mine.now) - mine.began, 0);
  const running = say(window.Quarterdeck.words.running ?? "", { seconds: oneDigit(seconds) });
  const told = mine.phase === "pause" ? mine.where : running;
  mine.screen.play.dataset.phase = mine.phase;
  if (mine.clock.textContent !== told) mine.clock.textContent = told;
}

/** The next key: goes on from a stop, else skips to the next one; twice in a row skips to the end. */
function skip(mine: Playing): void {
  if (performance.now() - mine.skipped < AGAIN_MS) return finish(mine);
  if (mine.phase === "pause") {
    mine.phase = "play";
    return;
  }
  mine.skipped = performance.now();
  advance(mine, Number.POSITIVE_INFINITY);
}

/** The still takes over where the replay ended. */
function finish(mine: Playing): void {
  const body = mine.screen.play.parentElement;
  stop();
  if (!body) return;
  unfold(body);
  const still = screenOf(body);
  still.scrollTop = still.scrollHeight;
}

export function stop(): void {
  const mine = playing();
  turn = null;
  if (!mine) return;
  for (const part of [mine.screen.play, mine.clock, mine.speed]) part.remove();
  mine.terminal.dispose();
  label(mine.figure, "replay");
  mine.figure.dispatchEvent(new Event("qd-replayed", { bubbles: true }));
}

/* For the stage, where what runs live may have to give way to its recording */

export function next(): void {
  const mine = playing();
  if (mine) skip(mine);
}

export function setSpeed(index: number): void {
  const mine = playing();
  if (mine) changeSpeed(mine, index);
}

export function isPlaying(figure?: Element): boolean {
  return turn !== null && (!figure || turn.figure === figure);
}

export function state(): ReplayState | null {
  const mine = playing();
  if (!mine) return null;
  const { figure, next, now, phase, where } = mine;
  return { id: figure.dataset.cast ?? "", next, now, phase, where, speed };
}

/** Does as another window does, whose state that is. */
export function follow(deck: Deck, there: ReplayState | null): void {
  const mine = playing();
  if (!there) return mine ? finish(mine) : undefined;
  const figure = document.querySelector<HTMLElement>(`.qd-terminal[data-cast="${CSS.escape(there.id)}"]`);
  if (!figure?.dataset.replay || (turn?.phase === "load" && turn.figure === figure)) return;
  if (!mine || mine.figure !== figure || mine.now > there.now + APART_S) return start(deck, figure, there);
  const isBehind = there.phase === "pause" || mine.now < there.now - APART_S;
  if (mine.next < there.next && isBehind) catchUp(mine, there);
  if (SPEEDS[there.speed] && there.speed !== speed) changeSpeed(mine, there.speed);
  mine.phase = there.phase;
  mine.where = there.where;
}

function catchUp(mine: Playing, there: ReplayState): void {
  const until = Math.min(there.next, mine.steps.length - 1);
  for (const step of mine.steps.slice(mine.next, until)) write(mine, step);
  mine.next = Math.max(mine.next, until);
  mine.now = there.now;
  mine.phase = there.phase;
  mine.where = there.where;
}

/* Hands */

/** The terminal that has the focus, else the first that is seen, else the first. */
function onRun(deck: Deck): void {
  const slide = deck.getCurrentSlide();
  if (!slide || deck.isOverview()) return;
  const figures = [...slide.querySelectorAll<HTMLElement>(REPLAYABLE)];
  const focused = document.activeElement?.closest(REPLAYABLE);
  const figure =
    figures.find((each) => each === focused) ?? figures.find((each) => !each.closest(HIDDEN)) ?? figures[0];
  if (!figure) return;
  const fragment = figure.closest<HTMLElement>(HIDDEN);
  if (fragment) deck.navigateFragment(Number(fragment.dataset.fragmentIndex));
  start(deck, figure);
}

/** Before reveal.js hears of it: while a recording plays, some keys are its own. */
function onKey(deck: Deck, event: KeyboardEvent): void {
  const mine = playing();
  if (!mine || isTyping(event) || deck.isOverlayOpen()) return;
  if (event.ctrlKey || event.altKey || event.metaKey) return;
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  if (key === "Escape") stop();
  else if (key === "<" || key === ">") changeSpeed(mine, speed + (key === ">" ? 1 : -1));
  else if (!isNextKey(key, deck.getConfig().rtl === true) || event.shiftKey) return;
  else if (key === " " && targeted(event, "button"))
    return event.stopImmediatePropagation(); // it is pressed
  else if (!event.repeat) skip(mine);
  event.preventDefault();
  event.stopImmediatePropagation();
}

function onClick(deck: Deck, event: MouseEvent): void {
  const button = targeted(event, ".qd-run, .qd-speed, .qd-fold, .qd-take, .qd-play");
  const figure = button?.closest<HTMLElement>(".qd-terminal");
  if (!button || !figure || deck.isOverview()) return;
  const mine = playing();
  if (button.matches(".qd-play")) {
    if (mine?.phase === "pause") skip(mine); // a finger has no keys
  } else if (button.matches(".qd-fold")) unfold(button.parentElement as HTMLElement);
  else if (button.matches(".qd-take")) take(button);
  else if (button.matches(".qd-speed") && mine) {
    changeSpeed(mine, (speed + 1) % SPEEDS.length);
    if (event.detail) mine.screen.play.focus({ preventScroll: true }); // a mouse leaves the space bar to the deck
  } else if (turn?.figure === figure) stop();
  else start(deck, figure);
}

/** The commands, ready to be pasted: with the values that are of use where they are pasted. */
function take(button: HTMLElement): void {
  const names = Object.keys(shown(screenOf(button.parentElement as HTMLElement)));
  window.Quarterdeck.copy(button, `${fill(button.dataset.text ?? "", names)}\n`);
}

export const plugin: Plugin = {
  id: "quarterdeck-replay",

  init(deck) {
    const run = { keyCode: KEY_R, key: "R", description: window.Quarterdeck.words.replay ?? "" };
    deck.addKeyBinding(run, () => onRun(deck));
    window.addEventListener("keydown", (event) => onKey(deck, event), true);
    document.addEventListener("click", (event) => onClick(deck, event));
    deck.on("slidechanged", ({ previousSlide, currentSlide }) => {
      if (previousSlide === currentSlide) return; // another one was put in before it
      stop();
      if (previousSlide) foldAll(previousSlide);
    });
    deck.on("fragmenthidden", ({ fragment }) => turn && fragment.contains(turn.figure) && stop());
    deck.on("overviewshown", stop);
    deck.on("slidesync", ({ slide }) => foldAll(slide)); // its still may be another one
    // before the deck is laid out for paper, which shows stills
    const beforePrint = (): void => {
      stop();
      foldAll(document);
    };
    window.addEventListener("beforeprint", beforePrint, true);
  },
};
