/**
 * What the talk's author saves, before an audience: nothing is said over the slides, and the deck goes nowhere by
 * itself; mistakes are for the terminal and for the speaker's desk.
 */
import type { State } from "../author/state";
import type { Reader } from "../author/updates";
import { word } from "./config";
import type { StageConfig } from "./messages";
import { learn } from "./views";

/** What is wrong with the newest text, and keeps it from being shown. */
export let mistakes: readonly string[] = [];

/** `edited` is called when the page is as the talk is now. */
export function reader(edited: () => void): Reader {
  return {
    word,
    follows: false,
    start() {},
    tell({ findings, trouble, isGone }) {
      const first = trouble ? [trouble.what, trouble.fix].filter(Boolean).join(": ") : isGone ? word("talk_gone") : "";
      const errors = findings.filter((each) => each.severity === "error");
      mistakes = [...(first ? [first] : []), ...errors.map((each) => `${each.file}:${each.line}: ${each.message}`)];
    },
    lost() {},
    answer() {},
    running() {},
    taken(state: State, path: string) {
      const next = state.stage?.[path];
      if (next) learn(next as StageConfig);
      edited();
    },
  };
}
