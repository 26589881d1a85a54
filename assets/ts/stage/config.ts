/** What this window is, and what its deck is on stage. */
import { say as fill, marked, oneDigit } from "../words";
import type { Problem, StageConfig } from "./messages";

type Kind = "deck" | "speaker";

const given: StageConfig & { readonly view: Kind } = JSON.parse(
  document.getElementById("qd-stage")?.textContent ?? "{}",
);

/** Before the audience, the speaker's desk, or its preview of the next slide. */
export const kind: Kind | "preview" = window.parent !== window ? "preview" : given.view;

/** As the talk is now. */
export let config: StageConfig = given;

export function setConfig(now: StageConfig): void {
  config = now;
}

/** Of the stage, else of the deck. */
export function word(name: string): string {
  return given.words[name] ?? window.Quarterdeck?.words[name] ?? "";
}

/** Says which language what stands in an element is in, where that is not the deck's. */
export function inOwnWords<E extends HTMLElement>(element: E): E {
  return marked(element, given.words);
}

export function say(name: string, values: Readonly<Record<string, string | number>>): string {
  return fill(word(name), values);
}

/** How much of an output is left out. */
export function gap(bytes: number): string {
  return say("gap", { size: `${oneDigit(bytes / 1e6)} MB` });
}

/** How a run went, where that is not as its author expects. */
export function problemText(problem: Problem | null): string {
  if (!problem) return "";
  const { kind, hint, ...parts } = problem;
  const name = "step" in parts && parts.step ? "problem_timed_out_at" : `problem_${kind}`;
  return [say(name, parts), hint].filter(Boolean).join(": ");
}
