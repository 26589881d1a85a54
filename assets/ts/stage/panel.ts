/**
 * What the presenter is told on the slide: a dot in the corner, a line for a while, the form for the code, and the panel
 * of what the deck has made. Nothing here is meant for the back row.
 */
import { make } from "../dom";
import { inOwnWords, kind, word } from "./config";
import { enter } from "./connection";
import type { EngineContents, EngineState } from "./messages";

const SAID_MS = 6000;
const PARTS = ["containers", "networks", "volumes", "ports", "images"] as const;

const corner = inOwnWords(make("div", "qd-corner"));
const said = make("span", "qd-said");
const dot = make("span", "qd-dot");
const panel = inOwnWords(make("aside", "qd-panel"));
let before: ReadonlySet<string> | null = null; // what the panel knew
let timer = 0;
let form: HTMLFormElement | null = null;

said.setAttribute("role", "status");
panel.hidden = true;
corner.append(said, dot);

/** A line that goes by itself; one that stays is there until the next one. */
export function tell(text: string, stays = false): void {
  clearTimeout(timer);
  said.textContent = text;
  if (text && !stays) timer = window.setTimeout(() => tell(""), SAID_MS);
}

/** No kind: all is well. */
export function mark(kind: "" | "away" | "recorded" | "warn", text: string): void {
  dot.dataset.kind = kind;
  dot.title = text;
}

export function askCode(): void {
  if (form) return;
  form = make("form", "qd-code-form");
  const field = make("input");
  const button = make("button", "", word("enter"));
  field.setAttribute("aria-label", word("code"));
  field.placeholder = word("code");
  field.autocomplete = "off";
  field.spellcheck = false;
  form.append(make("span", "", word("no_code")), field, button);
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    button.disabled = true;
    const isKnown = await enter(field.value);
    button.disabled = false;
    if (isKnown) return;
    field.value = "";
    tell(word("wrong_code"));
  });
  corner.prepend(form);
}

export function dropCode(): void {
  form?.remove();
  form = null;
}

interface Line {
  readonly name: string;
  readonly more: string;
  readonly isRunning?: boolean;
}

/** A container says more than its name. */
function linesOf(state: EngineContents | null, part: (typeof PARTS)[number]): Line[] {
  if (part !== "containers") return (state?.[part] ?? []).map((name) => ({ name: String(name), more: "" }));
  return (state?.containers ?? []).map(({ name, image, status, ports, running }) => {
    return { name, more: [image, status, ports].filter(Boolean).join(" · "), isRunning: running };
  });
}

function listOf(lines: readonly Line[], part: string): HTMLElement {
  const list = make("ul");
  for (const { name, more, isRunning } of lines) {
    const item = make("li", before && !before.has(`${part} ${name}`) ? "qd-fresh" : "");
    if (isRunning !== undefined) item.dataset.running = isRunning ? "yes" : "no";
    item.append(make("b", "", name));
    if (isRunning !== undefined) item.append(make("span", "", more));
    list.append(item);
  }
  return list;
}

function fill(target: Element, state: EngineContents | null, engine: EngineState | null): void {
  target.replaceChildren(make("h2", "", word("panel")));
  if (engine?.wanted && !engine.available) target.append(make("p", "", engine.what || word("no_engine")));
  for (const part of PARTS) {
    const lines = linesOf(state, part);
    if (!lines.length && part !== "containers") continue;
    target.append(make("h3", "", word(part)), lines.length ? listOf(lines, part) : make("p", "", word("nothing")));
  }
}

export function show(state: EngineContents | null, engine: EngineState | null): void {
  fill(panel, state, engine);
  for (const other of document.querySelectorAll(".qd-desk-state")) fill(other, state, engine);
  if (state) before = new Set(PARTS.flatMap((part) => linesOf(state, part).map(({ name }) => `${part} ${name}`)));
}

/** Whether it is seen now. */
export function toggle(): boolean {
  panel.hidden = !panel.hidden;
  return !panel.hidden;
}

export function start(): void {
  (document.querySelector(".reveal-viewport") ?? document.body).append(panel, corner);
  if (kind === "speaker") document.body.append(corner);
}

/** How far the state of a slide is made; empty when that is over. */
export function making(text: string): void {
  dot.classList.toggle("qd-busy", text !== "");
  tell(text, true);
}
