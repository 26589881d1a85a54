/**
 * What one window of the deck shows, the others show: which recordings stand in the place of live runs, and where a
 * replay is. The deck before the audience is the one that counts; the speaker's desk does as it does.
 */
import type { Deck } from "../reveal";
import type * as replays from "../terminal/replay";
import { kind } from "./config";
import { type Shared, share } from "./connection";
import { views } from "./views";

const BEAT_MS = 200;
let before = "null";

function replay(): typeof replays | null {
  return kind === "preview" ? null : (window.Quarterdeck.terminal?.replay ?? null);
}

/** The audience's deck says where its replay is, for as long as there is one, and once that there is none. */
function beat(): void {
  const where = replay()?.state() ?? null;
  const now = JSON.stringify(where);
  if (now === before) return;
  before = now;
  share({ type: "replaying", where });
}

/** For a window that has just come: recordings that stand in the place of a run. */
export function tell(): void {
  const swapped = [...views.values()].filter((view) => view.swapped).map((view) => [view.id, view.run] as const);
  share({ type: "swapped", swapped });
  before = "";
}

export function start(): void {
  if (kind === "deck") setInterval(beat, BEAT_MS);
}

export function hear(deck: Deck, told: Shared): void {
  if (told.type === "replaying" && kind === "speaker") {
    replay()?.follow(deck, told.where as replays.ReplayState | null);
  } else if (told.type === "swapped" && kind !== "preview" && Array.isArray(told.swapped)) {
    for (const [id, run] of told.swapped) {
      const view = views.get(id);
      if (view && !view.swapped && view.run === run) view.leave();
    }
  } else if (told.type === "next") replay()?.next();
  else if (told.type === "stop") replay()?.stop();
  else if (told.type === "speed") replay()?.setSpeed(told.speed);
}

/** The replay hears of these keys in this window; the others do the same. */
export function key(event: KeyboardEvent, isNext: boolean): void {
  const mine = replay();
  if (!mine?.isPlaying()) return;
  if (event.key === "Escape") share({ type: "stop" });
  else if (event.key === "<" || event.key === ">") {
    setTimeout(() => {
      const state = mine.state();
      if (state) share({ type: "speed", speed: state.speed });
    });
  } else if (isNext) share({ type: "next" });
}
