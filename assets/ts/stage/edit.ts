/** Changing a command in its place, where the fence allows it and the server was started with --edit. */
import { make } from "../dom";
import { config, word } from "./config";
import type { SnippetConfig } from "./messages";
import type { View } from "./view";

let box: HTMLElement | null = null;

/** As the fence has it: prompts tell commands apart where a terminal shows them. */
function original({ kind, commands }: SnippetConfig): string {
  if (kind !== "session") return commands.join("\n");
  return commands.map((text) => `$ ${text.split("\n").join("\n> ")}`).join("\n");
}

function close(): void {
  box?.remove();
  box = null;
}

/** Opens the box; `run` is called with the view once it has its new text. */
export function startEditing(view: View | null, run: (view: View) => void): void {
  const figure = view?.figure; // a slide may have nothing to run
  const [body, still] = [figure?.querySelector(".qd-term-body"), figure?.querySelector(".qd-screen")];
  if (!view || !body || !still || !config.edit || !view.snippet.edit) return;
  close();
  const area = make("textarea");
  const buttons = make("div", "qd-edit-buttons");
  area.value = view.text || original(view.snippet);
  area.spellcheck = false;
  area.setAttribute("aria-label", word("edit"));
  const runIt = (): void => {
    view.text = area.value === original(view.snippet) ? "" : area.value;
    close();
    run(view);
  };
  const revert = (): void => {
    view.text = "";
    area.value = original(view.snippet);
    area.focus();
  };
  for (const [name, act] of Object.entries({ run: runIt, revert, close })) {
    const button = make("button", "", word(name));
    button.type = "button";
    button.addEventListener("click", act);
    buttons.append(button);
  }
  area.addEventListener("keydown", (event) => {
    event.stopPropagation();
    if (event.key === "Escape") close();
    else if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) runIt();
    else return;
    event.preventDefault();
  });
  box = make("div", "qd-edit");
  box.style.setProperty("--qd-size-code", getComputedStyle(still).fontSize);
  box.append(area, buttons);
  body.append(box);
  area.focus({ preventScroll: true });
}
