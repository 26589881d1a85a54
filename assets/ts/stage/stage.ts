/**
 * On stage: the snippets of the deck run in the boxes of their stills, and a recording is one key away.
 *
 * Hears the server, the other windows and the presenter's hands, and has views, bars and panels show it. Loaded by the
 * stage's server alone; the built site knows none of it.
 */
import { keepUpToDate } from "../author/updates";
import { isTyping, targeted } from "../dom";
import { isNextKey, KEY_R, STAGE_KEYS } from "../keys";
import type { Deck } from "../reveal";
import * as actions from "./actions";
import { changed, onChange } from "./changes";
import { config, kind, problemText, say, word } from "./config";
import { type LineState, type Listener, lineState, listen, share, written } from "./connection";
import * as frames from "./frames";
import * as keyboard from "./keyboard";
import type { EngineContents, EngineState, FromServer, Welcome } from "./messages";
import * as mirror from "./mirror";
import { canRun, isRecordedOnly } from "./mode";
import * as news from "./news";
import * as outputs from "./outputs";
import * as panel from "./panel";
import { showBars, stateText } from "./status";
import { byRun, viewOf, views } from "./views";
import { Windows } from "./windows";

const KEYS: Readonly<Record<string, actions.Action>> = STAGE_KEYS;

/** What the speaker view shows around its deck. */
export interface Desk {
  build(): void;
  start(deck: Deck): void;
  show(): void;
  turned(): void;
}

let engine: EngineState | null = null;
let state: EngineContents | null = null;
let untrusted = ""; // why nothing may be run

/** What the presenter should know of, whatever the audience sees. */
export function concerns(): string[] {
  const away = lineState() === "away" ? word("away") : "";
  const changed = untrusted && lineState() === "live" ? word("untrusted") : "";
  return [away, changed, ...news.mistakes].filter(Boolean);
}

type Mark = Parameters<typeof panel.mark>;

const OFF: Partial<Record<LineState, Mark>> = {
  none: ["", ""],
  denied: ["warn", word("denied")],
  code: ["away", word("no_code")],
  new: ["away", word("away")],
  away: ["away", word("away")],
};

function markOf(deck: Deck): Mark {
  const off = OFF[lineState()];
  if (off) return off;
  if (untrusted) return ["warn", word("untrusted")];
  const view = actions.target(deck);
  if (view?.failed && !view.swapped) {
    return ["warn", `${problemText(view.told.problem ?? null) || stateText(view)} · ${word("swap")}`];
  }
  if (engine?.wanted && !engine.available) {
    return ["warn", [engine.what || word("no_engine"), engine.fix].filter(Boolean).join(" · ")];
  }
  return isRecordedOnly() ? ["recorded", word("recorded_mode")] : ["", ""];
}

function show(deck: Deck, desk: Desk | null): void {
  if (lineState() !== "none") showBars(() => desk?.show());
  panel.mark(...markOf(deck));
  document.documentElement.dataset.stage = isRecordedOnly() ? "recorded" : lineState();
  frames.show();
  outputs.show();
  desk?.show();
}

/* What the server says */

function welcome(told: Welcome): void {
  outputs.forget();
  frames.recall(told.frames);
  ({ engine, state, trust: untrusted } = told);
  const known = new Map(told.snippets.map((each) => [each.id, each]));
  for (const [id, view] of views) view.recall(known.get(id) ?? { state: "idle" });
  window.Quarterdeck.terminal?.holes.recall(told.captured);
  panel.show(state, engine);
  share({ type: "where" });
}

type ServersWord = Exclude<FromServer, { type: "relay" }>;
type Heard = { readonly [T in ServersWord["type"]]: (told: Extract<ServersWord, { type: T }>) => void };

const heard: Heard = {
  hello: welcome,
  snippet: (told) => (views.get(told.id) ?? byRun(told.run))?.hear(told),
  command: (told) => byRun(told.run)?.push({ command: told }),
  gap: ({ run, bytes }) => byRun(run)?.push({ gap: bytes }),
  stall: ({ run, quiet_s }) => byRun(run)?.stall(quiet_s),
  outputs: outputs.hear,
  frame: frames.hear,
  captured: ({ name, value }) => window.Quarterdeck.terminal?.holes.capture(name, value ?? ""),
  engine(told) {
    engine = told;
    panel.show(state, engine);
  },
  state(told) {
    state = told;
    panel.show(state, engine);
  },
  making({ at, of }) {
    actions.setMaking(true);
    panel.making(say("making", { at, of }));
  },
  made({ problem }) {
    actions.setMaking(false);
    panel.making("");
    panel.tell(problemText(problem) || word("made"));
  },
  refused({ what, fix, code }) {
    for (const view of views.values()) view.asked = false;
    const isTrust = code === "trust";
    panel.tell(isTrust ? word("untrusted") : [what, fix].filter(Boolean).join(": "), isTrust);
  },
  trust({ what }) {
    untrusted = what;
    panel.tell("");
  },
  end() {}, // what it says, its snippet says too
  session() {},
  windows() {},
};

function listener(deck: Deck, windows: Windows): Listener {
  return {
    server(told) {
      const hear = heard[told.type] as ((told: ServersWord) => void) | undefined;
      if (!hear) return; // of a later server
      hear(told);
      if (told.type !== "command") changed();
    },
    output(run, bytes, line) {
      const view = byRun(run);
      if (view) view.push({ bytes, line });
      else written(bytes.length, line);
    },
    window(told) {
      windows.hear(told);
      mirror.hear(deck, told);
      changed();
    },
    line(now) {
      if (now === "code") panel.askCode();
      else panel.dropCode();
      if (now !== "live") for (const view of views.values()) view.lost();
      changed();
    },
  };
}

/* Hands */

function isNext(event: KeyboardEvent, deck: Deck): boolean {
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  const isPressed = key === " " && targeted(event, "button");
  return isNextKey(key, deck.getConfig().rtl === true) && !event.shiftKey && !event.repeat && !isPressed;
}

/** Whether the key ran what its fence said it runs, before it goes on. */
function ranNext(deck: Deck): boolean {
  const view = actions.runsNext(deck);
  if (!view) return false;
  actions.run(deck, view);
  return canRun() || view.swapped;
}

function onKey(deck: Deck, event: KeyboardEvent): void {
  if (isTyping(event) || event.ctrlKey || event.altKey || event.metaKey) return;
  if (deck.isOverlayOpen() || deck.isOverview()) return;
  mirror.key(event, isNext(event, deck));
  const action = KEYS[event.key];
  if (action && actions.isOffered(action)) actions.actions[action](deck);
  else if (!isNext(event, deck) || !ranNext(deck)) return;
  event.preventDefault();
  event.stopImmediatePropagation();
}

function onClick(deck: Deck, event: MouseEvent): void {
  const button = targeted(event, ".qd-run, .qd-tool");
  const view = viewOf(button?.closest<HTMLElement>(".qd-terminal"));
  if (!button || !view || deck.isOverview() || lineState() === "none") return;
  if (button.matches(".qd-run") && view.figure && window.Quarterdeck.terminal?.replay.isPlaying(view.figure)) {
    return share({ type: "stop" }); // here it stops by itself
  }
  if (button.dataset.does === "edit") actions.edit(deck, view);
  else if (button.dataset.does === "restart") actions.restart(view);
  else if (button.dataset.does === "clear") actions.clear(view);
  else actions.press(deck, view);
  if (event.detail) button.blur(); // a mouse leaves the space bar to the deck
  event.preventDefault();
  return event.stopImmediatePropagation();
}

/** A click into a terminal types there, a drag selects what it printed, and a press elsewhere gives the keys back. */
function listenToPointer(): void {
  const pressed = (event: Event): void => {
    const view = viewOf(targeted(event, ".qd-terminal"));
    if (!view || !keyboard.hasKeyboard(view)) keyboard.release();
  };
  document.addEventListener("pointerdown", pressed, true);
  document.addEventListener("click", (event) => {
    const play = targeted(event, ".qd-live");
    if (play && getSelection()?.isCollapsed) keyboard.take(viewOf(play.closest<HTMLElement>(".qd-terminal")));
  });
}

function listKeys(deck: Deck): void {
  deck.removeKeyBinding(KEY_R); // of the replay, which is asked where nothing can run
  for (const [key, action] of Object.entries(KEYS)) {
    if (action === "speaker" || (action === "edit" && !config.edit)) continue;
    const isUpper = key === key.toUpperCase();
    deck.registerKeyboardShortcut(isUpper ? `${word("shift")} + ${key}` : key.toUpperCase(), word(`key_${action}`));
  }
  deck.registerKeyboardShortcut(keyboard.releaseName, word("key_release"));
}

/** All that a replay needs, while there is a server to ask. */
async function preload(): Promise<void> {
  const { terminal } = window.Quarterdeck;
  await terminal?.load().catch(() => {});
  for (const figure of document.querySelectorAll<HTMLElement>(".qd-terminal[data-replay]")) {
    await terminal?.preload(figure).catch(() => {});
  }
}

function begin(deck: Deck, desk: Desk | null, windows: Windows): void {
  onChange(() => show(deck, desk));
  panel.start();
  frames.start(deck);
  windows.start();
  deck.on("slidesync", changed);
  desk?.start(deck);
  if (kind !== "preview" && lineState() !== "none") listKeys(deck);
  mirror.start();
  document.addEventListener("qd-replayed", changed);
  listen(listener(deck, windows));
  share({ type: "where" });
  if (lineState() !== "none") preload();
  changed();
}

/** `desk` is there in the speaker view; `digest` is that of the page as it was served. */
export function start(digest: string, desk: Desk | null): void {
  if (kind === "preview") document.documentElement.classList.add("qd-preview");
  let windows: Windows | null = null;
  let shown: Deck | null = null;
  // before every other script hears of it: some of its keys are the stage's on stage
  window.addEventListener("keydown", (event) => shown && onKey(shown, event), true);
  window.addEventListener("click", (event) => shown && onClick(shown, event), true);
  listenToPointer();
  document.addEventListener("DOMContentLoaded", () => {
    const page = window.Quarterdeck;
    // deck.js, which listens too, starts reveal.js after this
    if (kind !== "deck") Object.assign(page.settings.reveal, { scrollActivationWidth: null }); // small, yet slides
    desk?.build();
    page.ready.then((deck) => {
      shown = deck;
      windows = new Windows(deck);
      begin(deck, desk, windows);
    });
    const edited = (): void => {
      windows?.edited();
      desk?.turned();
      changed();
    };
    keepUpToDate(digest, news.reader(edited));
  });
}
