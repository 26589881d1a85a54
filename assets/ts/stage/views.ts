/** The views of the deck's snippets, by id. */
import { config, setConfig } from "./config";
import type { StageConfig } from "./messages";
import { View } from "./view";

export const views = new Map(Object.entries(config.snippets).map(([id, snippet]) => [id, new View(id, snippet)]));

export function viewOf(figure: HTMLElement | null | undefined): View | null {
  return views.get(figure?.dataset.cast ?? "") ?? null;
}

export function byRun(run: number | null): View | undefined {
  return run === null ? undefined : [...views.values()].find((view) => view.run === run);
}

/** The deck has other snippets now: what runs goes on, under another name if need be. */
export function learn(next: StageConfig): void {
  setConfig(next);
  const gone = [...views.values()].filter((view) => !(view.id in next.snippets));
  for (const [id, snippet] of Object.entries(next.snippets)) {
    const known = views.get(id) ?? gone.find((view) => views.has(view.id) && view.snippet.digest === snippet.digest);
    if (!known) {
      views.set(id, new View(id, snippet));
      continue;
    }
    views.delete(known.id);
    known.id = id;
    views.set(id, known);
    known.become(snippet);
  }
  for (const view of gone) {
    if (view.id in next.snippets || view.isBusy) continue;
    view.close();
    views.delete(view.id);
  }
}
