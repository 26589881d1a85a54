/**
 * Code on the slide: line steps, blocks that fit, copying. Keeps no reference to a slide, since the author's server
 * replaces slides while the page is open.
 */
import { make, targeted } from "../dom";
import type { Deck, Plugin } from "../reveal";
import { fitSlide, forgetSize } from "./fitting";
import { linesOf } from "./lines";
import { isPrinting } from "./printing";
import { words } from "./settings";

const COPIED_MS = 1600;
let isPaper = isPrinting;

/** The step that stands is the last visible one in the order in which reveal.js shows them. */
function currentLines(figure: HTMLElement): string | undefined {
  let lines = figure.dataset.lines;
  let best = -1;
  for (const step of figure.querySelectorAll<HTMLElement>(".qd-step.visible")) {
    const index = Number(step.dataset.fragmentIndex ?? 0);
    if (index < best) continue;
    best = index;
    lines = step.dataset.lines;
  }
  return lines;
}

function light(figure: HTMLElement): void {
  const isShown = isPaper() ? null : linesOf(currentLines(figure));
  const lit = [...figure.querySelectorAll<HTMLElement>(".qd-line")].filter((line, index) =>
    line.classList.toggle("qd-lit", isShown?.(index + 1) ?? false),
  );
  figure.classList.toggle("qd-focused", lit.length > 0);
  if (lit[0]) reveal(lit[0]);
}

/** A block that is taller than its room scrolls to the lines that are lit. */
function reveal(line: HTMLElement): void {
  const pre = line.closest("pre");
  if (pre && pre.scrollHeight > pre.clientHeight) {
    pre.scrollTop = line.offsetTop - pre.offsetTop - pre.clientHeight / 4;
  }
}

function sync(root: ParentNode | null = document): void {
  for (const figure of root?.querySelectorAll<HTMLElement>(".qd-snippet") ?? []) {
    if (figure.dataset.lines || figure.querySelector(".qd-step")) light(figure);
  }
}

function fit(): void {
  for (const section of document.querySelectorAll<HTMLElement>(".reveal .slides section.qd-slide")) fitSlide(section);
}

export function fitAgain(section?: HTMLElement | null): void {
  forgetSize(section);
  fit();
  sync(section ?? document);
}

/** What a reader wants to paste: no prompts, no output. */
function copyText(figure: Element): string {
  const lines: string[] = [];
  for (const line of figure.querySelectorAll(".qd-line:not(.qd-output)")) {
    const bare = line.cloneNode(true) as Element;
    const prompt = line.querySelector(".gp");
    for (const part of bare.querySelectorAll(".gp, .go")) part.remove();
    for (const hole of bare.querySelectorAll<HTMLElement>(".qd-hole")) {
      const name = hole.dataset.hole ?? "";
      hole.textContent = window.Quarterdeck.terminal?.holes.fill(`<${name}>`, [name]) ?? `<${name}>`;
    }
    const text = (bare.textContent ?? "").replace(/\n$/, "");
    if (!text.trim() && line.querySelector(".go")) continue;
    lines.push(prompt && !/\s$/.test(prompt.textContent ?? "") ? text.replace(/^ /, "") : text);
  }
  return `${lines.join("\n")}\n`;
}

function copyByHand(text: string): boolean {
  const area = make("textarea");
  area.value = text;
  area.style.cssText = "position:fixed;top:0;opacity:0";
  document.body.append(area);
  area.select();
  const isDone = document.execCommand("copy");
  area.remove();
  return isDone;
}

async function copy(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return copyByHand(text); // not allowed, or not a secure context, as on another machine of the room
  }
}

/** Copies, and the button says so for a while. */
export async function copyFrom(button: HTMLElement, text: string): Promise<void> {
  if (!(await copy(text))) return;
  button.dataset.copied = "";
  button.textContent = words.copied ?? "";
  setTimeout(() => {
    delete button.dataset.copied;
    button.textContent = words.copy ?? "";
  }, COPIED_MS);
}

function onClick(event: MouseEvent): void {
  const button = targeted(event, ".qd-copy");
  const figure = button?.closest(".qd-snippet");
  if (button && figure) copyFrom(button, copyText(figure));
}

export const code: Plugin = {
  id: "quarterdeck-code",
  refresh: fitAgain,

  init(deck: Deck) {
    isPaper = () => isPrinting() || (deck.isPrintView() && !deck.getConfig().pdfSeparateFragments);
    deck.on("slidechanged", ({ currentSlide }) => {
      fit();
      sync(currentSlide);
    });
    for (const name of ["fragmentshown", "fragmenthidden"] as const) {
      deck.on(name, ({ fragment }) => sync(fragment.closest("section")));
    }
    for (const name of ["overviewshown", "overviewhidden", "pdf-ready", "ready"] as const) {
      deck.on(name, () => {
        fit();
        sync();
      });
    }
    document.addEventListener("click", onClick);
  },
};
