/**
 * Pages of what runs, in the boxes of their stills: once one answers it takes its still's place, and leaves it when what
 * serves it is gone.
 *
 * It is of another site than the deck, sandboxed, and cannot reach it; only the keys can be lost to it, and a click
 * outside, or the button in its bar, gives them back.
 */
import { make, targeted } from "../dom";
import type { Deck } from "../reveal";
import { config, kind, say, word } from "./config";
import type { FrameState } from "./messages";
import { canRun } from "./mode";
import { drawn } from "./symbols";
import { views } from "./views";

const SIZE = { width: 640, height: 400 }; // of the page, as in its picture
const SANDBOX = "allow-scripts allow-forms";
const RELOAD = "M12 5V1l5 5-5 5V7a5 5 0 1 0 5 5h2a7 7 0 1 1-7-7z";
const OPEN = "M14 3h7v7h-2V6.4l-8.3 8.3-1.4-1.4L17.6 5H14V3zM5 5h5v2H7v10h10v-3h2v5H5V5z";

const states = new Map<string, FrameState>(); // by the id of its snippet: what the server said last
const runs = new WeakMap<HTMLElement, number>(); // by its box: the run whose page it shows
const sizes = new ResizeObserver((entries) => {
  for (const { target } of entries) fit(target);
});
let deck: Deck | null = null;

function figures(): HTMLElement[] {
  return [...document.querySelectorAll<HTMLElement>(".reveal .slides .qd-frame[data-frame]")].filter(urlOf);
}

function idOf(figure: HTMLElement): string {
  return figure.dataset.frame ?? "";
}

function urlOf(figure: HTMLElement): string {
  return config.snippets[idOf(figure)]?.frame ?? "";
}

function part(figure: HTMLElement, name: string): HTMLElement {
  return figure.querySelector<HTMLElement>(`.qd-frame-${name}`) as HTMLElement;
}

function addressOf(figure: HTMLElement): string {
  return part(figure, "address").textContent;
}

type Phase = "still" | "waiting" | "refused" | "live";

/** What its box shows: the still, what it waits for, why there is no page, or the page. */
function phaseOf(figure: HTMLElement): Phase {
  const view = views.get(idOf(figure));
  const now = states.get(idOf(figure));
  if (!now || !view || view.swapped || !canRun()) return "still";
  if (now.state === "live") return now.refuses ? "refused" : "live";
  return now.state === "waiting" ? "waiting" : "still";
}

/** What the stage adds to a box; its slide may be replaced, so it is looked for each time. */
function dress(figure: HTMLElement): void {
  const bar = part(figure, "bar");
  if (bar.querySelector(".qd-frame-tools")) return;
  const [tools, back] = [make("span", "qd-frame-tools"), make("button", "qd-frame-back", word("keys_back"))];
  const reload = drawn(make("button", "qd-tool"), RELOAD, word("reload"));
  const open = drawn(make("a", "qd-tool"), OPEN, word("open_page"));
  back.type = reload.type = "button";
  back.title = word("page_keys");
  back.addEventListener("click", release);
  reload.addEventListener("click", () => {
    reload.blur(); // the space bar is the deck's
    if (phaseOf(figure) === "live") mount(figure);
  });
  Object.assign(open, { href: urlOf(figure), target: "_blank", rel: "noopener noreferrer" });
  tools.append(reload, open);
  bar.append(make("span", "qd-frame-state"), back, tools);
}

function fit(body: Element): void {
  const page = body.querySelector<HTMLElement>(".qd-frame-page");
  const { clientWidth: width, clientHeight: height } = body;
  if (!page || !width || !height) return;
  const scale = Math.min(width / SIZE.width, height / SIZE.height);
  page.style.transform = `translateX(${(width - SIZE.width * scale) / 2}px) scale(${scale})`;
}

function mount(figure: HTMLElement): void {
  unmount(figure);
  const body = part(figure, "body");
  const page = make("iframe", "qd-frame-page");
  page.setAttribute("sandbox", SANDBOX);
  page.referrerPolicy = "no-referrer";
  page.title = say("page_at", { address: addressOf(figure) });
  page.tabIndex = -1; // the Tab key stays with the deck
  page.width = String(SIZE.width);
  page.height = String(SIZE.height);
  page.src = urlOf(figure);
  runs.set(figure, states.get(idOf(figure))?.run ?? 0);
  const shield = make("div", "qd-frame-shield");
  shield.addEventListener("pointermove", () => {
    figure.dataset.open = "";
  });
  // reveal.js takes the focus back
  for (const each of [page, shield]) each.addEventListener("pointerdown", (event) => event.stopPropagation());
  body.append(page, shield);
  sizes.observe(body);
  fit(body);
}

function unmount(figure: HTMLElement): void {
  if (!runs.delete(figure)) return;
  sizes.unobserve(part(figure, "body"));
  for (const each of figure.querySelectorAll(".qd-frame-page, .qd-frame-shield")) each.remove();
  shut(figure);
}

function overlay(figure: HTMLElement, text: string): void {
  const before = figure.querySelector<HTMLElement>(".qd-frame-body .qd-frame-said");
  if (!text) before?.remove();
  else if (!before) part(figure, "body").append(make("p", "qd-frame-said", text));
  else if (before.textContent !== text) before.textContent = text;
}

function overlayText(figure: HTMLElement, phase: Phase, now: FrameState | undefined): string {
  const address = addressOf(figure);
  if (phase === "waiting") return say("page_waiting", { address });
  return phase === "refused" ? `${say("page_refuses", { address })} (${now?.refuses})` : "";
}

function showOne(figure: HTMLElement): void {
  dress(figure);
  const phase = phaseOf(figure);
  const now = states.get(idOf(figure));
  const state = part(figure, "state");
  if (phase === "still") delete figure.dataset.page;
  else figure.dataset.page = phase;
  const text = phase === "live" ? word("live") : "";
  if (state.textContent !== text) state.textContent = text;
  overlay(figure, overlayText(figure, phase, now));
  if (phase !== "live" || kind !== "deck") return unmount(figure);
  const run = runs.get(figure);
  if (run !== undefined && run === now?.run) return undefined;
  // a page that nobody has come to yet is not loaded
  if (run !== undefined || deck?.getCurrentSlide()?.contains(figure)) mount(figure);
  return undefined;
}

/* Keys */

function holder(): HTMLElement | null {
  const page = document.activeElement;
  return page instanceof HTMLElement && page.matches(".qd-frame-page") ? page : null;
}

function release(): void {
  const page = holder();
  if (page) {
    const here = document.hasFocus(); // the speaker's window, which may have it, is not disturbed
    page.blur();
    if (here) window.focus();
  }
  for (const figure of document.querySelectorAll<HTMLElement>(".qd-frame[data-open]")) shut(figure);
}

function shut(figure: HTMLElement): void {
  delete figure.dataset.focus;
  delete figure.dataset.open;
}

/**
 * A page lies behind glass until the pointer comes to it. It may be clicked into, and scrolled, but one that takes the
 * keys by itself does not get them.
 */
function onBlur(): void {
  const figure = holder()?.closest<HTMLElement>(".qd-frame");
  if (!figure) return;
  if ("open" in figure.dataset) figure.dataset.focus = "";
  else release();
}

function onPointer(event: PointerEvent): void {
  if (targeted(event, ".qd-frame-body")) return; // browsers tell of the pointer over the page too
  const open = document.querySelectorAll<HTMLElement>(".qd-frame[data-open]:not([data-focus])");
  for (const figure of open) shut(figure);
}

/** All that the server says of pages, where it is met again. */
export function recall(frames: readonly FrameState[]): void {
  states.clear();
  for (const each of frames) states.set(each.id, each);
}

export function hear(told: FrameState): void {
  states.set(told.id, told);
}

export function show(): void {
  if (deck && kind !== "preview") for (const figure of figures()) showOne(figure);
}

export function start(reveal: Deck): void {
  deck = reveal;
  deck.on("slidechanged", release);
  window.addEventListener("blur", () => setTimeout(onBlur)); // only then is the page the active element
  window.addEventListener("focus", release);
  window.addEventListener("pointermove", onPointer);
}
