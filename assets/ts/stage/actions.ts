/** What the presenter can have done, and which snippet is meant by it. */
import type { Deck } from "../reveal";
import { changed } from "./changes";
import { config, word } from "./config";
import { lineState, send, share } from "./connection";
import { startEditing } from "./edit";
import { take } from "./keyboard";
import { canRun, isRecordedOnly, setRecordedOnly } from "./mode";
import * as panel from "./panel";
import type { View } from "./view";
import { viewOf, views } from "./views";

const TERMINAL = ".qd-terminal[data-cast]";
const UNSEEN = ".fragment:not(.visible)";

let current: View | null = null; // the one that was acted on last
let isMaking = false;

function replays(): NonNullable<typeof window.Quarterdeck.terminal>["replay"] | undefined {
  return window.Quarterdeck.terminal?.replay;
}

export function setMaking(on: boolean): void {
  isMaking = on;
}

/* Which snippet is meant */

export function onSlide(deck: Deck): View[] {
  const figures = deck.getCurrentSlide()?.querySelectorAll<HTMLElement>(TERMINAL) ?? [];
  return [...figures].flatMap((figure) => viewOf(figure) ?? []);
}

export function isSeen(view: View): boolean {
  return !view.figure?.closest(UNSEEN);
}

function focused(here: readonly View[]): View | undefined {
  const chosen = viewOf(document.activeElement?.closest<HTMLElement>(TERMINAL));
  return here.find((view) => view === chosen);
}

function recent(here: readonly View[]): View | undefined {
  return here.find((view) => view === current);
}

/** The next to run: the one with the focus, else the first that is seen and has not run, else the last one that did. */
function toRun(deck: Deck): View | null {
  const here = onSlide(deck);
  const seen = here.filter(isSeen);
  const fresh = seen.find((view) => (view.told.state === "idle" || view.told.unseen) && !view.swapped);
  return focused(here) ?? fresh ?? recent(here) ?? seen[0] ?? here[0] ?? null;
}

/** The one that something is to be done about. */
export function target(deck: Deck): View | null {
  const here = onSlide(deck);
  const concern = here.find((view) => view.failed && !view.swapped) ?? here.find((view) => view.isBusy);
  return focused(here) ?? concern ?? recent(here) ?? here.find(isSeen) ?? here[0] ?? null;
}

/* What is done */

/** With `isAlone`, other windows do the same by themselves. */
export function run(deck: Deck, view: View | null, isAlone = false): void {
  if (!view) return;
  current = view;
  const fragment = view.figure?.closest<HTMLElement>(UNSEEN);
  if (fragment) deck.navigateFragment(Number(fragment.dataset.fragmentIndex));
  if (!canRun()) {
    if (!isAlone) share({ type: "replay", id: view.id });
    return replay(deck, view);
  }
  if (view.isBusy || isAlone) return;
  view.asked = true;
  const { digest, typed } = view.snippet;
  const text = view.text ? { text: view.text } : {};
  send({ type: "run", id: view.id, digest, paced: typed, ...view.size(), ...text });
}

function replay(deck: Deck, view: View): void {
  const { figure } = view;
  if (!figure?.dataset.replay) return;
  view.leave();
  replays()?.start(deck, figure);
  changed();
}

/** The recording takes over where the live run stands; the run goes on unseen, since later snippets may need it. */
export function swap(deck: Deck, view: View | null): void {
  const figure = view?.figure;
  if (!view || !figure || view.swapped || !replays()) return;
  if (!figure.dataset.replay) return panel.tell(window.Quarterdeck.words.not_recorded ?? "");
  if (view.told.state === "idle") return replay(deck, view);
  current = view;
  const isDone = view.told.state === "done";
  const leave = (): void => {
    view.leave();
    changed();
  };
  if (isDone && view.told.ok !== false) return leave();
  const { command, lines } = view.point;
  replays()?.start(deck, figure, { command, lines: isDone ? 0 : lines, ready: leave });
}

export function setRecorded(on: boolean): void {
  setRecordedOnly(on);
  changed();
}

/** The button of a terminal: runs it, or cancels what runs. */
export function press(deck: Deck, view: View): void {
  current = view;
  if (canRun() && view.isBusy) cancelRun(view);
  else run(deck, view);
}

function cancelRun(view: View): void {
  const number = view.told.run ?? null;
  if (number !== null) send({ type: "cancel", run: number });
}

export function restart(view: View): void {
  current = view;
  send({ type: "restart", session: view.snippet.session });
}

export function clear(view: View): void {
  current = view;
  if (view.isBusy) return;
  view.leave();
  if (!send({ type: "clear", id: view.id })) changed();
}

export function edit(deck: Deck, view: View | null): void {
  startEditing(view, (edited) => run(deck, edited));
}

/** By the names that keys and buttons have for them. */
export const actions = {
  run: (deck) => run(deck, toRun(deck)),
  cancel(deck) {
    if (isMaking) send({ type: "cancel_making" });
    const view = target(deck);
    if (view?.isBusy) cancelRun(view);
  },
  restart(deck) {
    const view = target(deck);
    if (view) restart(view);
  },
  clear(deck) {
    const view = target(deck);
    if (view) clear(view);
  },
  focus: (deck) => take(target(deck)),
  swap(deck) {
    const view = target(deck);
    if (!view) return;
    share({ type: "swap", id: view.id });
    swap(deck, view);
  },
  recorded() {
    setRecorded(!isRecordedOnly());
    share({ type: "recorded", on: isRecordedOnly() });
  },
  make: (deck) => send({ type: "make", slide: deck.getCurrentSlide().id }),
  panel() {
    if (panel.toggle()) send({ type: "look" });
  },
  edit: (deck) => edit(deck, toRun(deck)),
  speaker() {
    // no `noopener`: the window inherits the token, which is in no address
    const address = `${location.pathname}?speaker${location.hash}`;
    if (!window.open(address, `speaker-${config.deck}`, "width=1280,height=800")) panel.tell(word("no_popup"));
  },
} satisfies Record<string, (deck: Deck) => unknown>;
export type Action = keyof typeof actions;

/** Whether an action is of use in this window now. */
export function isOffered(action: Action): boolean {
  return action === "speaker" || lineState() !== "none";
}

/** The next key runs this one first, as its fence says. */
export function runsNext(deck: Deck): View | undefined {
  if (replays()?.isPlaying()) return undefined;
  return onSlide(deck).find((view) => view.snippet.next && isSeen(view) && view.told.state === "idle" && !view.swapped);
}

export function viewNamed(id: string): View | null {
  return views.get(id) ?? null;
}
