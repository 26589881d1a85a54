/**
 * Pictures and tables of a kernel while its cell runs, and after: in the box of those that were recorded, which keeps its
 * size. Where nothing was recorded, they stand where it will be. The markup is the server's, cleaned as on the page.
 */
import { make } from "../dom";
import type { KernelResults } from "./messages";
import type { View } from "./view";
import { views } from "./views";

const told = new Map<number, string>(); // markup, by run
const filled = new WeakMap<HTMLElement, string>(); // markup, by box

/** Whether the live run is what the window shows. */
function isLive(view: View): boolean {
  const { state, unseen } = view.told;
  if (unseen || view.swapped) return false;
  return view.isOn || state === "done" || (state === "lost" && view.live !== null);
}

/** What stays the same is left alone: a picture that is put in again flickers. */
function fill(box: HTMLElement, html: string): void {
  if (filled.get(box) === html) return;
  filled.set(box, html);
  const template = make("template");
  template.innerHTML = html;
  const made = template.content.querySelector(".qd-outputs") ?? template.content;
  const [before, fresh] = [[...box.children], [...made.children]];
  fresh.forEach((child, at) => {
    const old = before[at];
    if (!old) box.append(child);
    else if (old.outerHTML !== child.outerHTML) old.replaceWith(child);
  });
  for (const child of before.slice(fresh.length)) child.remove();
}

function showOne(view: View, figure: HTMLElement): void {
  const still = figure.querySelector<HTMLElement>(":scope > .qd-outputs:not(.qd-made)");
  const room = still ?? figure;
  let box = room.querySelector<HTMLElement>(":scope > .qd-made");
  const html = isLive(view) && view.run !== null ? (told.get(view.run) ?? "") : "";
  const isWanted = still ? isLive(view) : html !== "" || (view.isBusy && box !== null);
  if (!isWanted) return box?.remove();
  if (!box) {
    box = make("div", "qd-outputs qd-made");
    still?.scrollTo(0, 0);
    room.append(box);
  }
  const isAway = !still && !html; // it keeps its room for those that are about to come
  box.classList.toggle("qd-away", isAway);
  if (!isAway) fill(box, html);
  return undefined;
}

export function hear({ run, html }: KernelResults): void {
  told.set(run, html);
}

export function forget(): void {
  told.clear();
}

export function show(): void {
  const kernels = [...views.values()].filter((view) => view.snippet.kind === "kernel");
  for (const run of told.keys()) if (!kernels.some((view) => view.run === run)) told.delete(run);
  for (const view of kernels) if (view.figure) showOne(view, view.figure);
}
