import type { Terminal } from "@xterm/xterm";
import type { Chart } from "chart.js";
import type katex from "katex";
import type { Mermaid } from "mermaid";
import type { Updates } from "./author/updates";
import type { Deck, Plugin } from "./reveal";
import type * as casts from "./terminal/casts";
import type * as holes from "./terminal/holes";
import type * as keys from "./terminal/keys";
import type * as replay from "./terminal/replay";
import type * as screen from "./terminal/screen";

/** What scripts of a talk or of a theme may use, as `window.Quarterdeck`: it is there for every script of the page. */
export interface Quarterdeck {
  /** The deck; it may be asked once `ready` is fulfilled. */
  readonly reveal: Deck;
  /** Words of the interface, in the talk's language. */
  readonly words: Readonly<Record<string, string>>;
  readonly settings: Settings;
  /** Plugins of reveal.js are pushed here before the page is read to its end. */
  readonly plugins: Plugin[];
  /** Fulfilled when the slide on the screen stands as it will. */
  readonly ready: Promise<Deck>;
  /** After the page's slides were changed from outside: `section` is the slide that changed, or nothing for all. */
  refresh(section?: HTMLElement | null): void;

  // what follows is for the bundles that come with the deck, and may change

  /** The blocks of a slide get the size that its room allows. */
  fit(section: HTMLElement): void;
  /** Copies a text, and the button says so for a while. */
  copy(button: HTMLElement, text: string): void;
  /** Where the talk is being written, or shown on stage. */
  updates?: Updates;
  /** Terminals, on pages that have some. */
  terminal?: {
    readonly casts: typeof casts.casts;
    readonly holes: typeof holes;
    readonly keys: typeof keys;
    readonly replay: typeof replay;
    readonly screen: typeof screen;
    /** What has to be there before something is played, or run. */
    readonly load: typeof casts.loadTerminal;
    readonly preload: typeof casts.castOf;
  };
}

/** The page's `qd-config`. */
export interface Settings {
  readonly deck: string;
  readonly scheme: "auto" | "light" | "dark";
  readonly words: Readonly<Record<string, string>>;
  readonly reveal: Readonly<Record<string, unknown>>;
  /** Where a replay's terminal is, on pages that have recordings. */
  readonly terminal?: { readonly script: string };
  /** Scripts that are loaded when they are needed, by name. */
  readonly loaded?: Readonly<Record<string, string>>;
  readonly mermaid?: Readonly<Record<string, unknown>>;
}

declare global {
  interface Window {
    Quarterdeck: Quarterdeck;
    // of libraries that the page loads
    Reveal: Deck;
    RevealNotes: unknown;
    RevealZoom: unknown;
    Terminal: typeof Terminal;
    Chart: typeof Chart;
    katex: typeof katex;
    mermaid: Mermaid;
  }
}
