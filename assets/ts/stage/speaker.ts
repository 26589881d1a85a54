/**
 * The presenter's second window: the slide as it is, the next one, notes, time and pace, and what the snippet does, with
 * keys that drive every window. It is the same page with another query, so that its slide is as live as the other.
 */
import { make } from "../dom";
import type { Deck } from "../reveal";
import { keep, recall } from "../storage";
import { type Action, actions, target } from "./actions";
import { config, inOwnWords, problemText, say, word } from "./config";
import type { Section } from "./messages";
import type { Desk } from "./stage";
import { phaseOf, stateText } from "./status";

const STARTED = "quarterdeck-started";
const TICK_MS = 500;
const CLOSE_S = 30; // nobody minds half a minute
const LATE_S = 180;
const STEP_S = 10;

const parts = {
  notes: make("div", "qd-desk-text"),
  clock: make("strong", "qd-desk-clock", "0:00"),
  left: inOwnWords(make("span", "qd-desk-left")),
  pace: inOwnWords(make("span", "qd-desk-pace")),
  news: inOwnWords(make("p", "qd-desk-news")),
  place: make("span", "qd-desk-place"),
  state: inOwnWords(make("p", "qd-desk-said")),
  frame: make("iframe"),
};

function pane(name: string, title: string, ...content: Node[]): HTMLElement {
  const made = make("section", `qd-desk-${name}`);
  if (title) made.append(inOwnWords(make("h2", "", title)));
  made.append(...content);
  return made;
}

function button(name: string, onClick: () => void): HTMLButtonElement {
  const made = inOwnWords(make("button", "", word(name)));
  made.type = "button";
  made.addEventListener("click", () => {
    made.blur(); // the space bar is the deck's
    onClick();
  });
  return made;
}

function write(part: HTMLElement, text: string): void {
  if (part.textContent !== text) part.textContent = text;
}

function duration(seconds: number): string {
  const [minutes, rest] = [Math.floor(seconds / 60), seconds % 60];
  const form = !rest ? "only_minutes" : minutes ? "minutes_seconds" : "only_seconds";
  return say(form, { minutes, seconds: rest });
}

function clock(seconds: number): string {
  const all = Math.abs(Math.floor(seconds));
  return `${Math.floor(all / 60)}:${String(all % 60).padStart(2, "0")}`;
}

/** The section that a slide is in, and how many minutes of the talk were to have passed when the slide begins. */
function due(slides: readonly Element[], slide: Element): (Section & { due: number }) | null {
  const index = slides.indexOf(slide);
  const sections = config.sections
    .map((each) => ({ ...each, at: slides.findIndex((one) => one.id === each.slide) }))
    .filter((each) => each.at >= 0);
  const section = sections.findLast((each) => each.at <= index);
  if (!section) return null;
  const end = sections[sections.indexOf(section) + 1]?.at ?? slides.length;
  const share = (index - section.at) / Math.max(end - section.at, 1);
  return { ...section, due: section.begins + section.minutes * share };
}

/** "Volumes · 2 min 10 s behind", in steps that do not catch the eye. */
function pace(seconds: number, section: Section & { due: number }): { late: number; text: string } {
  const late = Math.round((seconds - section.due * 60) / STEP_S) * STEP_S;
  const { title } = section;
  if (Math.abs(late) < CLOSE_S) return { late, text: say("section_on_time", { title }) };
  const form = late > 0 ? "section_behind" : "section_ahead";
  return { late, text: say(form, { title, time: duration(Math.abs(late)) }) };
}

/** `concerns` are what is wrong with the talk's newest text: the audience sees the one before it. */
export function speakersDesk(concerns: () => readonly string[]): Desk {
  let deck: Deck;
  let started = 0;

  function begin(time: number): void {
    started = time;
    keep("sessionStorage", STARTED, String(time));
  }

  function act(name: string, action: Action): HTMLButtonElement {
    const made = button(name, () => actions[action](deck));
    made.dataset.does = action;
    return made;
  }

  function tick(): void {
    const seconds = started ? Math.floor((Date.now() - started) / 1000) : 0;
    const slides = deck.getSlides() as Element[];
    const slide = deck.getCurrentSlide();
    const left = (config.minutes ?? 0) * 60 - seconds;
    write(parts.clock, clock(seconds));
    write(parts.left, config.minutes ? say(left < 0 ? "over" : "left", { minutes: clock(left) }) : "");
    write(parts.place, `${slides.indexOf(slide) + 1} / ${slides.length}`);
    const section = started ? due(slides, slide) : null;
    const { late, text } = section ? pace(seconds, section) : { late: 0, text: "" };
    write(parts.pace, text);
    parts.pace.dataset.late = late > LATE_S ? "very" : late >= CLOSE_S ? "yes" : "no";
    write(parts.news, news());
  }

  function news(): string {
    const [first, ...more] = concerns();
    if (!first) return "";
    return more.length ? `${first} · ${say("more", { count: more.length })}` : first;
  }

  /** What the snippet of this slide does, in a sentence. */
  function show(): void {
    const view = target(deck);
    write(parts.news, news());
    parts.state.dataset.phase = view ? phaseOf(view) : "";
    if (!view) return write(parts.state, word("no_snippet"));
    if (view.told.state === "idle" || view.swapped) return write(parts.state, view.id);
    const state = [stateText(view), problemText(view.told.problem ?? null)].filter(Boolean).join(" · ");
    const hint = view.failed ? ` · ${word("swap")}` : "";
    return write(parts.state, say("does", { name: view.id, state }) + hint);
  }

  function turned(): void {
    const slide = deck.getCurrentSlide() as HTMLElement | undefined;
    const notes = [...(slide?.querySelectorAll("aside.notes") ?? [])].map((each) => {
      const copy = make("div");
      copy.append(...each.cloneNode(true).childNodes);
      return copy;
    });
    const none = make("p", "qd-desk-none", slide?.dataset.notes ?? word("no_notes"));
    parts.notes.replaceChildren(...(notes.length ? notes : [none]));
    if (!started && deck.getSlidePastCount() > 0) begin(Date.now());
    tick();
  }

  return {
    /** Before reveal.js starts: the deck is one pane of the desk. */
    build() {
      Object.assign(window.Quarterdeck.settings.reveal, { embedded: true });
      document.documentElement.classList.add("qd-speaker");
      parts.news.setAttribute("role", "status");
      parts.frame.title = word("next");
      parts.frame.tabIndex = -1;
      const reset = button("reset", () => {
        begin(Date.now());
        tick();
      });
      const buttons = make("div", "qd-desk-buttons");
      buttons.append(
        act("run", "run"),
        act("record", "swap"),
        act("cancel", "cancel"),
        act("restart", "restart"),
        act("state", "make"),
        act("recorded_mode", "recorded"),
      );
      const desk = make("main", "qd-desk");
      desk.append(
        pane("now", "", document.querySelector(".reveal") as HTMLElement),
        pane("next", word("next"), parts.frame),
        pane("time", "", parts.clock, parts.left, parts.place, reset, parts.pace, parts.news),
        pane("keys", word("snippet"), parts.state, buttons),
        pane("notes", word("notes_pane"), parts.notes),
        make("section", "qd-desk-state"),
      );
      document.body.prepend(desk);
    },

    start(reveal) {
      deck = reveal;
      started = Number(recall("sessionStorage", STARTED)) || 0;
      parts.frame.src = location.pathname;
      for (const event of ["slidechanged", "fragmentshown", "fragmenthidden"]) deck.on(event, turned);
      turned();
      setInterval(tick, TICK_MS);
    },

    show,
    turned,
  };
}
