import type { RevealApi } from "reveal.js";

/** reveal.js, as far as its own types do not say it. */
export interface Deck extends Omit<RevealApi, "on"> {
  on(
    name: "slidechanged",
    listener: (event: { currentSlide: HTMLElement; previousSlide?: HTMLElement }) => unknown,
  ): void;
  on(name: "fragmentshown" | "fragmenthidden", listener: (event: { fragment: HTMLElement }) => unknown): void;
  on(name: "slidesync", listener: (event: { slide: HTMLElement }) => unknown): void;
  on(name: string, listener: () => unknown): void;
  isOverlayOpen(): boolean;
  closeOverlay(): void;
  isPrintView(): boolean;
  isScrollView(): boolean;
}

/** A plugin of reveal.js, which may answer more than reveal.js asks. */
export interface Plugin {
  id: string;
  /** What it puts on a slide is measured by other plugins, so it comes before them. */
  draws?: boolean;
  init(deck: Deck): unknown;
  /** The slide has changed, or all of them have. */
  refresh?(section?: HTMLElement | null): unknown;
  /** What the slide on the screen waits for at the start. */
  settle?(): Promise<unknown>;
}
