/** Recordings and the terminal that plays them, loaded when they are needed. */
import { load } from "../load";
import type { Cast } from "./steps";

/** By the id of their snippet: the script of a recording puts it here. */
export const casts = new Map<string, Cast>();
const known = new Map<string, Cast>(); // by URL of their script

export async function castOf(figure: HTMLElement): Promise<Cast> {
  const { replay: url = "", cast: id = "" } = figure.dataset;
  await load(url);
  const cast = known.get(url) ?? casts.get(id); // an older page of the same snippet may have another one
  if (!cast) throw new Error(`${url} brings no recording of ${id}`);
  known.set(url, cast);
  return cast;
}

/** xterm.js: nothing of it is loaded before something is played or run. */
export function loadTerminal(): Promise<void> {
  return load(window.Quarterdeck.settings.terminal?.script ?? "");
}
