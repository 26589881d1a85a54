/** The deck on paper: reveal.js' print view, and the browser's own "print" of a deck that is open. */
import { make } from "../dom";
import type { Deck, Plugin } from "../reveal";
import { isPrintView } from "./printing";

type Slide = HTMLElement & { slideBackgroundElement?: HTMLElement };

const root = document.documentElement;

function slides(): NodeListOf<Slide> {
  return document.querySelectorAll<Slide>(".reveal .slides section.qd-slide");
}

/** Paper cannot be clicked: links to the net get a number, and their addresses stand at the foot of the slide. */
function writeLinksOut(): void {
  for (const section of slides()) {
    const list = make("ol", "qd-links");
    for (const link of section.querySelectorAll<HTMLAnchorElement>('a[href^="http"]')) {
      if (link.closest("aside.notes") || link.textContent?.trim() === link.href) continue;
      list.append(make("li", "", link.href.replace(/^https?:\/\//, "").replace(/\/$/, "")));
      link.after(make("sup", "qd-link-mark", String(list.childElementCount)));
    }
    if (list.childElementCount) section.append(list);
  }
}

function takeLinksBack(): void {
  for (const part of document.querySelectorAll(".qd-links, .qd-link-mark")) part.remove();
}

function footPages(): void {
  const footer = document.querySelector("body > .qd-footer");
  if (footer) for (const page of document.querySelectorAll(".pdf-page")) page.append(footer.cloneNode(true));
}

/** reveal.js prints an open deck as running text, unless the page is marked as its print view; ours are pages. */
function beforePrint(deck: Deck): void {
  root.classList.add("qd-paper", "print-pdf");
  for (const section of slides()) {
    const ground = section.slideBackgroundElement;
    const isOwn = Object.keys(section.dataset).some((name) => name.startsWith("background"));
    if (isOwn && ground) section.style.background = getComputedStyle(ground).background;
  }
  for (const image of document.querySelectorAll<HTMLImageElement>("img[loading]")) image.loading = "eager";
  writeLinksOut();
  window.Quarterdeck.refresh();
  deck.layout();
}

function afterPrint(deck: Deck): void {
  root.classList.remove("qd-paper", "print-pdf");
  for (const section of slides()) section.style.removeProperty("background");
  takeLinksBack();
  window.Quarterdeck.refresh();
  deck.layout();
}

export const paper: Plugin = {
  id: "quarterdeck-paper",

  init(deck) {
    if (isPrintView(deck.getConfig())) {
      writeLinksOut();
      deck.on("pdf-ready", footPages);
      return;
    }
    window.addEventListener("beforeprint", () => beforePrint(deck));
    window.addEventListener("afterprint", () => afterPrint(deck));
  },
};
