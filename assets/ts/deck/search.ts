/**
 * Finding words in the slides: Ctrl + Shift + F. Stands in for reveal.js' own search, which unwraps every <em> of the
 * deck when it tidies up. What is found is painted, not wrapped.
 */
import { make } from "../dom";
import type { Deck, Plugin } from "../reveal";
import { fold, folded, occurrences } from "./matching";
import { words } from "./settings";

interface Hit {
  readonly section: HTMLElement;
  readonly range: Range;
}

const PAINT = "qd-found";
const UNREAD = "aside.notes, script, style, button";
const canPaint = typeof Highlight === "function" && "highlights" in CSS;
let box: HTMLElement | null = null;
let hits: Hit[] = [];
let at = -1;
let asked = "";

/** The slide's text as it is compared, with the place in the page of each of its characters. */
function textOf(section: HTMLElement): { text: string; places: [Text, number][] } {
  const walker = document.createTreeWalker(section, NodeFilter.SHOW_TEXT, (node) =>
    node.parentElement?.closest(UNREAD) ? NodeFilter.FILTER_REJECT : NodeFilter.FILTER_ACCEPT,
  );
  let text = "";
  const places: [Text, number][] = [];
  while (walker.nextNode()) {
    const node = walker.currentNode as Text;
    const piece = folded(node.data);
    text += piece.text;
    for (const index of piece.indices) places.push([node, index]);
  }
  return { text, places };
}

function rangeOf(first: [Text, number], last: [Text, number]): Range {
  const range = document.createRange();
  range.setStart(...first);
  range.setEnd(last[0], last[1] + 1);
  return range;
}

function find(deck: Deck, text: string): Hit[] {
  const wanted = fold(text.trim());
  return (deck.getSlides() as HTMLElement[]).flatMap((section) => {
    const { text: all, places } = textOf(section);
    return occurrences(all, wanted).flatMap((from) => {
      const [first, last] = [places[from], places[from + wanted.length - 1]];
      return first && last ? [{ section, range: rangeOf(first, last) }] : [];
    });
  });
}

function paint(): void {
  if (!canPaint) return;
  if (hits.length) CSS.highlights.set(PAINT, new Highlight(...hits.map(({ range }) => range)));
  else CSS.highlights.delete(PAINT);
}

/** To a hit's slide, with the fragments that it needs to be seen. */
function show(deck: Deck, { section, range }: Hit): void {
  const { h, v } = deck.getIndices(section);
  const fragment = range.startContainer.parentElement?.closest<HTMLElement>(".fragment");
  deck.slide(h, v, fragment ? Number(fragment.dataset.fragmentIndex) : undefined);
}

function step(deck: Deck, text: string, direction: number): void {
  if (text !== asked || !hits.length) {
    asked = text;
    hits = find(deck, text);
    at = direction > 0 ? -1 : 0;
    paint();
  }
  at = hits.length && (at + direction + hits.length) % hits.length;
  const hit = hits[at];
  if (hit) show(deck, hit);
  const count = box?.querySelector("output");
  if (count) count.textContent = text ? `${hit ? at + 1 : 0} / ${hits.length}` : "";
}

function close(deck: Deck): void {
  box?.remove();
  box = null;
  hits = [];
  asked = "";
  paint();
  deck.getRevealElement()?.focus();
}

function open(deck: Deck): void {
  const field = make("input");
  field.type = "search";
  field.placeholder = words.key_search ?? "";
  field.setAttribute("aria-label", field.placeholder);
  field.addEventListener("keydown", (event) => {
    event.stopPropagation();
    if (event.key === "Enter") step(deck, field.value, event.shiftKey ? -1 : 1);
    else if (event.key === "Escape") close(deck);
    else toggle(deck, event);
  });
  box = make("div", "qd-find");
  box.append(field, make("output"));
  document.body.append(box);
  field.focus();
}

function toggle(deck: Deck, event: KeyboardEvent): void {
  if (event.key?.toLowerCase() !== "f" || !event.shiftKey || !(event.ctrlKey || event.metaKey)) return;
  event.preventDefault();
  if (box) close(deck);
  else open(deck);
}

export const search: Plugin = {
  id: "search",

  init(deck) {
    document.addEventListener("keydown", (event) => toggle(deck, event));
  },
};
