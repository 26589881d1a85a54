/** The bar of a terminal on stage: what its snippet is doing, live or recorded, and its small buttons. */
import { make } from "../dom";
import { oneDigit } from "../words";
import { config, gap, problemText, say, word } from "./config";
import { hasKeyboard, releaseName } from "./keyboard";
import { canRun } from "./mode";
import { drawn } from "./symbols";
import type { View } from "./view";
import { views } from "./views";

const TICK_MS = 100;
const TOOLS = {
  edit: "M3 17v4h4L18 10l-4-4L3 17zM15 5l4 4 2-2-4-4-2 2z",
  restart: "M12 5V1L7 6l5 5V7a5 5 0 1 1-5 5H5a7 7 0 1 0 7-7z",
  clear: "M6.4 5 5 6.4 10.6 12 5 17.6 6.4 19 12 13.4 17.6 19 19 17.6 13.4 12 19 6.4 17.6 5 12 10.6z",
} as const;
export type Tool = keyof typeof TOOLS;

let ticking = 0;

function tool(name: Tool): HTMLButtonElement {
  const button = drawn(make("button", "qd-tool"), TOOLS[name], word(name));
  button.type = "button";
  button.dataset.does = name;
  return button;
}

interface Bar {
  readonly state: HTMLElement;
  readonly keys: HTMLElement;
  readonly exit: HTMLElement;
  readonly run: HTMLButtonElement;
}

/** What the stage adds to a window; its slide may be replaced, so it is looked for each time. */
function barOf(view: View, figure: HTMLElement): Bar | null {
  const bar = figure.querySelector(".qd-term-bar");
  if (!bar) return null;
  if (!bar.querySelector(".qd-live-state")) {
    const tools = make("span", "qd-tools");
    if (config.edit && view.snippet.edit) tools.append(tool("edit"));
    tools.append(tool("restart"), tool("clear"));
    bar.append(make("span", "qd-live-state"), make("span", "qd-live-keys"), make("span", "qd-live-exit"), tools);
    if (!bar.querySelector(".qd-run")) {
      const run = make("button", "qd-run");
      run.type = "button";
      bar.append(run);
    }
  }
  const part = <E extends HTMLElement>(selector: string): E => bar.querySelector<E>(selector) as E;
  return {
    state: part(".qd-live-state"),
    keys: part(".qd-live-keys"),
    exit: part(".qd-live-exit"),
    run: part(".qd-run"),
  };
}

/** "running 3.2 s": of a terminal that shows a live run. */
export function stateText(view: View): string {
  const { state, ok, status } = view.told;
  const seconds = oneDigit(view.elapsed);
  if (state === "waiting") return word("waiting");
  if (view.typing) return word("typing");
  if (view.told.unseen) return word("starting");
  if (state === "running") {
    return view.quiet ? say("stalled", { seconds: Math.round(view.silence) }) : say("running", { seconds });
  }
  if (state === "lost") return word("gone");
  if (state === "ready") return word("ready");
  return (ok ?? null) === null && !status ? word("live") : say("ran", { seconds });
}

export function phaseOf(view: View): string {
  if (view.told.state === "done") return view.told.ok === false ? "failed" : "done";
  return view.quiet ? "stalled" : view.told.state;
}

function write(part: HTMLElement, text: string): void {
  if (part.textContent !== text) part.textContent = text;
}

function showButton(run: HTMLButtonElement, figure: HTMLElement, view: View): void {
  if (window.Quarterdeck.terminal?.replay.isPlaying(figure)) return; // it has its own word
  const isLive = canRun();
  const isAgain = view.told.state === "done" && !view.swapped;
  const name = view.isBusy ? "cancel" : isAgain ? "again" : "run";
  write(run, isLive ? word(name) : (window.Quarterdeck.words.replay ?? ""));
  run.hidden = !isLive && !figure.dataset.replay;
}

function show(view: View): void {
  const { figure } = view;
  const bar = figure && barOf(view, figure);
  if (!bar) return;
  const { state, status, ok, problem, unseen } = view.told;
  const isShown = state !== "idle" && !unseen && !view.swapped;
  const exit = isShown && state === "done" ? status : 0;
  const parts = isShown ? [stateText(view), view.leftOut ? gap(view.leftOut) : ""] : [];
  write(bar.state, parts.filter(Boolean).join(" · "));
  bar.state.title = isShown ? problemText(problem ?? null) : "";
  bar.keys.textContent = hasKeyboard(view) ? say("give_back", { key: releaseName }) : "";
  bar.exit.textContent = exit ? say("exit", { status: exit }) : "";
  if (isShown) figure.dataset.live = phaseOf(view);
  else delete figure.dataset.live;
  if (exit && ok === false) figure.dataset.liveExit = "";
  else delete figure.dataset.liveExit;
  showButton(bar.run, figure, view);
}

/** Everything that the stage knows is shown again; while something runs, its seconds too, and `onTick` is called. */
export function showBars(onTick: () => void): void {
  for (const view of views.values()) show(view);
  const runs = [...views.values()].some((view) => view.isBusy);
  if (runs && !ticking) {
    ticking = window.setInterval(() => {
      for (const view of views.values()) if (view.isBusy) show(view);
      onTick();
    }, TICK_MS);
  } else if (!runs) {
    clearInterval(ticking);
    ticking = 0;
  }
}
