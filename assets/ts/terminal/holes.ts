/**
 * The places of captured values in commands: `<container-id>`. A plugin of reveal.js.
 *
 * What stands in one is what its viewer typed, else what a live run has captured, else, in a terminal, what was
 * recorded, else its name. A recorded value belongs to a machine that is gone, so it is never copied.
 */
import { isPrinting } from "../deck/printing";
import { make, targeted } from "../dom";
import type { Deck, Plugin } from "../reveal";
import { keep, recall as recalled } from "../storage";
import { say } from "../words";

type Values = Record<string, string>;

const NAMED = /<([A-Za-z][A-Za-z0-9]*(?:[-_][A-Za-z0-9]+)*)>/g;
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is taken out
const CONTROLS = /[\x00-\x1f\x7f-\x9f]/g;
const HOLE = ".qd-hole[data-hole]";
const NARROWEST = 6; // characters of the box
let own = named();
let live = named();
let box: { hole: HTMLElement; input: HTMLInputElement; byKey: boolean } | null = null;
let printed = false; // reveal.js' print view
let storage = "";

/** By any name, `constructor` too. */
function named(values: object = {}): Values {
  return Object.assign(Object.create(null), values);
}

/** A value that may go to somebody's shell, or nothing. */
function value(name: string): string {
  return own[name] || live[name] || "";
}

function nameOf(hole: HTMLElement): string {
  return hole.dataset.hole ?? "";
}

function label(name: string): string {
  return say(window.Quarterdeck.words.own_value ?? "", { name });
}

/** Whether its text changed. */
function show(hole: HTMLElement): boolean {
  const name = nameOf(hole);
  const recorded = hole.dataset.recorded ?? "";
  const [known, from] = own[name]
    ? [own[name], "own"]
    : live[name]
      ? [live[name], "live"]
      : recorded
        ? [recorded, "recorded"]
        : [`<${name}>`, ""];
  const onPaper = printed || isPrinting();
  const text = onPaper ? `<${name}>` : known;
  hole.dataset.from = onPaper ? "" : from;
  hole.title = label(name);
  hole.setAttribute("aria-label", hole.dataset.from ? `${name}: ${text}` : hole.title);
  if (hole.textContent === text) return false;
  hole.textContent = text;
  return true;
}

/** Every hole as it is now; gives the slides whose text changed. */
function showAll(within: ParentNode = document): Set<HTMLElement> {
  const changed = [...within.querySelectorAll<HTMLElement>(HOLE)].filter(show);
  return new Set(changed.flatMap((hole) => hole.closest("section") ?? []));
}

function update(): void {
  for (const section of showAll()) window.Quarterdeck.fit(section);
}

/* The box in the place of a hole */

function open(hole: HTMLElement, byKey: boolean): void {
  close(false);
  const name = nameOf(hole);
  const input = make("input", "qd-hole-box");
  box = { hole, input, byKey };
  Object.assign(input, { type: "text", value: value(name), placeholder: `<${name}>`, spellcheck: false });
  input.autocomplete = "off";
  input.autocapitalize = "off";
  input.setAttribute("aria-label", label(name));
  input.addEventListener("input", () => widen(input));
  input.addEventListener("keydown", (event) => {
    event.stopPropagation(); // no key of the deck's is meant
    if (event.isComposing || (event.key !== "Enter" && event.key !== "Escape")) return;
    close(event.key === "Enter");
    event.preventDefault();
  });
  input.addEventListener("blur", () => close(true));
  hole.hidden = true;
  hole.after(input);
  widen(input);
  input.focus({ preventScroll: true });
  input.select();
}

function widen(input: HTMLInputElement): void {
  const { length } = input.value || input.placeholder;
  input.style.width = `${Math.max(length, NARROWEST) + 1}ch`;
}

function close(isKept: boolean): void {
  if (!box) return;
  const { hole, input, byKey } = box;
  box = null; // taking the box away is a blur
  const name = nameOf(hole);
  const typed = input.value.replace(CONTROLS, "").trim();
  input.remove();
  hole.hidden = false;
  if (isKept && typed !== value(name)) {
    if (typed) own[name] = typed;
    else delete own[name];
    keep("sessionStorage", storage, JSON.stringify(own));
  }
  update();
  if (byKey) hole.focus({ preventScroll: true });
}

function holeOf(event: Event): HTMLElement | null {
  const hole = targeted(event, HOLE);
  return hole?.closest(".qd-play") ? null : hole;
}

function onClick(deck: Deck, event: MouseEvent): void {
  const hole = holeOf(event);
  if (!hole || deck.isOverview() || !document.getSelection()?.isCollapsed) return; // it is being marked to be copied
  event.preventDefault();
  open(hole, !event.detail);
}

function onKey(deck: Deck, event: KeyboardEvent): void {
  const hole = event.key === "Enter" ? holeOf(event) : null;
  if (!hole || deck.isOverview() || event.ctrlKey || event.altKey || event.metaKey) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  open(hole, true);
}

/** A text with the values that are known in the place of the names; all others stay. */
export function fill(text: string, names: readonly string[]): string {
  return text.replace(NAMED, (all, name: string) => (names.includes(name) && value(name)) || all);
}

/** What stands in the holes of an element, by name: for what is drawn and not copied. */
export function shown(element: Element): Values {
  const holes = [...element.querySelectorAll<HTMLElement>(HOLE)];
  return named(
    Object.fromEntries(
      holes.map((hole) => [nameOf(hole), value(nameOf(hole)) || hole.dataset.recorded || `<${nameOf(hole)}>`]),
    ),
  );
}

/** What a live run has captured; nothing where it is not known any more. */
export function capture(name: string, found: string): void {
  if (found) live[name] = found;
  else delete live[name];
  update();
}

/** All that live runs have captured, where the server is met again. */
export function recall(values: object): void {
  live = named(values);
  update();
}

export const plugin: Plugin = {
  id: "quarterdeck-holes",
  draws: true,

  refresh(section) {
    if (box && !box.input.isConnected) box = null; // its slide was replaced
    showAll(section ?? document);
  },

  init(deck) {
    storage = `quarterdeck-holes-${window.Quarterdeck.settings.deck}`;
    printed = deck.isPrintView();
    own = named(JSON.parse(recalled("sessionStorage", storage) ?? "{}"));
    showAll();
    document.addEventListener("click", (event) => onClick(deck, event));
    window.addEventListener("keydown", (event) => onKey(deck, event), true);
    deck.on("slidechanged", () => close(true));
  },
};
