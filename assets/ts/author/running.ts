/** Which snippets are being recorded: their terminals say so until what they printed has come. */
import { make } from "../dom";

function begin(terminal: HTMLElement, word: string): void {
  if ("running" in terminal.dataset) return;
  terminal.dataset.running = "";
  terminal.querySelector(".qd-term-state")?.after(make("em", "qd-running", word));
}

function end(terminal: HTMLElement): void {
  delete terminal.dataset.running;
  for (const said of terminal.querySelectorAll(".qd-running")) said.remove();
}

/** The snippets of these ids run, and no others. */
export function showRunning(ids: readonly string[], word: string): void {
  for (const terminal of document.querySelectorAll<HTMLElement>(".qd-terminal[data-cast]")) {
    if (ids.includes(terminal.dataset.cast ?? "")) begin(terminal, word);
    else end(terminal);
  }
}
