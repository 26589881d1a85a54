/** The windows of a deck in step: where one goes, the others go, and do what it does. */
import type { Deck } from "../reveal";
import * as actions from "./actions";
import { changed } from "./changes";
import { kind } from "./config";
import { type Shared, share } from "./connection";
import { hasKeyboard, release } from "./keyboard";
import * as mirror from "./mirror";
import { byRun } from "./views";

const isPreview = kind === "preview";

export class Windows {
  private place = "";

  constructor(private readonly deck: Deck) {}

  start(): void {
    for (const event of ["slidechanged", "fragmentshown", "fragmenthidden"]) {
      this.deck.on(event, () => queueMicrotask(() => this.moved()));
    }
    if (isPreview) return;
    this.deck.on("paused", () => share({ type: "paused", on: true }));
    this.deck.on("resumed", () => share({ type: "paused", on: false }));
  }

  private share(anyway = false): void {
    const { h, v, f } = this.deck.getIndices();
    const key = this.deck.getCurrentSlide().id; // numbers change while slides are put in
    const now = `${key}/${f}`;
    if (now === this.place && !anyway) return;
    this.place = now;
    if (!isPreview) share({ type: "at", key, h, v, f });
  }

  /** While the deck is patched it turns to and fro, and ends where it was. */
  private moved(): void {
    const before = this.place;
    this.share();
    if (this.place !== before) release();
    changed();
    for (const view of actions.onSlide(this.deck)) view.dirty(true); // its slide may have had no size until now
  }

  /** The talk was edited, and the page is as it is now. */
  edited(): void {
    this.place = `${this.deck.getCurrentSlide().id}/${this.deck.getIndices().f}`;
    if (isPreview) share({ type: "where" });
  }

  /** A preview stands one slide further on than the windows. */
  private follow({ key, h, v, f }: Extract<Shared, { type: "at" }>): void {
    if (![h, v].every(Number.isInteger)) return;
    const slides = this.deck.getSlides() as HTMLElement[];
    const slide = slides.find((each) => each.id === key) ?? this.deck.getSlide(h, v);
    if (!slide) return;
    if (!isPreview) {
      const at = this.deck.getIndices(slide);
      this.place = `${slide.id}/${f}`;
      this.deck.slide(at.h, at.v, f);
      return;
    }
    const next = slides[slides.indexOf(slide) + 1];
    document.documentElement.classList.toggle("qd-over", !next);
    if (!next) return;
    const at = this.deck.getIndices(next);
    this.deck.slide(at.h, at.v, Number.POSITIVE_INFINITY);
  }

  hear(told: Shared): void {
    if (told.type === "at") this.follow(told);
    else if (told.type === "recorded") actions.setRecorded(told.on);
    else if (told.type === "paused") {
      if (this.deck.isPaused() !== told.on) this.deck.togglePause(told.on);
    } else if (told.type === "hold") {
      const view = byRun(told.run);
      if (view && !hasKeyboard(view)) view.mine = false;
    } else if (isPreview) return;
    else if (told.type === "where") {
      this.share(true);
      mirror.tell();
    } else if (told.type === "swap") actions.swap(this.deck, actions.viewNamed(told.id));
    else if (told.type === "replay") actions.run(this.deck, actions.viewNamed(told.id), true);
  }
}
