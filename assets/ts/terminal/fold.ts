/** The folded part of a long output, in the room that its window has. */
import { pixels } from "../dom";

export function screenOf(body: Element): HTMLElement {
  return body.querySelector<HTMLElement>(":scope > .qd-screen") as HTMLElement;
}

function isFolded(body: HTMLElement): boolean {
  return body.querySelector(":scope > .qd-fold") !== null && !("open" in body.dataset);
}

/** What is left of a folded window's height below its last whole row; others are as high as their rows. */
export function settleRest(body: HTMLElement): void {
  if (!isFolded(body)) return;
  const style = getComputedStyle(screenOf(body));
  const rows = pixels(getComputedStyle(body).height) - pixels(style.paddingTop) - pixels(style.paddingBottom);
  const rest = ((rows + 1) % pixels(style.lineHeight)) - 1; // a row that lacks less than a pixel is whole
  body.style.setProperty("--qd-rest", `${Math.max(rest, 0)}px`);
}

export function unfold(body: HTMLElement): void {
  if (!isFolded(body)) return;
  const screen = screenOf(body);
  settleRest(body);
  body.style.height = getComputedStyle(body).height;
  body.dataset.open = "";
  if (screen.previousElementSibling) screen.scrollTop = screen.scrollHeight; // the end is what was shown
}

export function foldAll(root: ParentNode): void {
  for (const body of root.querySelectorAll<HTMLElement>(".qd-term-body[data-open]")) {
    delete body.dataset.open;
    body.style.removeProperty("height");
  }
}
