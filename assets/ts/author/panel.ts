/**
 * What the author's server says in the page: mistakes over the deck, a mark when the server is gone, short answers.
 *
 * It has a shadow tree of its own, so that no theme changes it and it changes no theme.
 */
import { make } from "../dom";
import { counted, marked, say } from "../words";
import { showRunning } from "./running";
import type { Finding, Trouble } from "./state";
import type { Acts, News, Reader } from "./updates";

const TOAST_MS = 3500;
const AWAKE_MS = 2500; // how long the mark stays after the pointer moved

interface Parts {
  readonly follow: HTMLInputElement;
  readonly list: HTMLOListElement;
  readonly sheet: HTMLElement;
  readonly mark: HTMLButtonElement;
  readonly toast: HTMLElement;
}

/** `words` are those of the author's pages. */
export function panel(words: Readonly<Record<string, string>>): Reader {
  let findings: readonly Finding[] = [];
  let lead: Trouble | null = null;
  let isLost = false;
  let acts: Acts = { open() {}, follow() {}, edit() {} };
  let parts: Parts | null = null;
  let sleeping = 0;
  let hiding = 0;

  function word(name: string): string {
    return words[name] ?? "";
  }

  function button(className: string, text: string, title: string, onClick: () => void): HTMLButtonElement {
    const made = make("button", className, text);
    made.type = "button";
    made.title = title;
    made.addEventListener("click", onClick);
    return made;
  }

  function build(): Parts {
    const host = marked(make("div"), words);
    host.id = "qd-live";
    const shadow = host.attachShadow({ mode: "open" });
    const [follow, label, footer] = [make("input"), make("label"), make("footer")];
    follow.type = "checkbox";
    follow.addEventListener("change", () => acts.follow(follow.checked));
    label.append(follow, ` ${word("follow")}`);
    footer.append(label, make("span", "hint", word("editor")));
    const [list, sheet] = [make("ol"), make("section", "sheet")];
    sheet.hidden = true;
    sheet.append(
      button("close", "×", `${word("close_findings")} (Esc)`, () => show(false)),
      list,
      footer,
    );
    const mark = button("mark", "", "", () => show(sheet.hidden !== false));
    const toast = make("p", "toast");
    toast.setAttribute("role", "status");
    toast.hidden = true;
    const styles = make("link");
    styles.rel = "stylesheet";
    styles.href = "/-/live-panel.css";
    shadow.append(styles, sheet, mark, toast);
    document.body.append(host);
    host.addEventListener("keydown", (event) => {
      if (event.key !== "Escape") event.stopPropagation();
    });
    window.addEventListener("keydown", onKey, true);
    document.addEventListener("click", (event) => {
      if (!event.composedPath().includes(host)) show(false);
    });
    document.addEventListener("pointermove", wake, { passive: true });
    return { follow, list, sheet, mark, toast };
  }

  function onKey(event: KeyboardEvent): void {
    if (event.key !== "Escape" || !parts || parts.sheet.hidden) return;
    event.preventDefault();
    event.stopPropagation(); // reveal.js would open the overview
    show(false);
  }

  function wake(): void {
    if (!parts) return;
    const { mark } = parts;
    mark.dataset.awake = "";
    clearTimeout(sleeping);
    sleeping = window.setTimeout(() => delete mark.dataset.awake, AWAKE_MS);
  }

  function show(isOpen: boolean): void {
    if (parts) parts.sheet.hidden = !isOpen;
  }

  function entry(finding: Finding): HTMLElement {
    const made = make("li", finding.severity);
    const place = `${finding.file}:${finding.line}:${finding.col}`;
    made.append(
      button("place", place, word("open_editor"), () => acts.open(finding.file, finding.line)),
      make("span", "code", `${finding.severity}[${finding.code}]`),
      make("p", "message", finding.message),
    );
    if (finding.source) {
      const lines = make("pre");
      lines.append(finding.source, "\n", make("b", "", finding.mark));
      made.append(lines);
    }
    if (finding.hint) made.append(make("p", "hint", finding.hint));
    return made;
  }

  /** Whether there is an error. */
  function draw(): boolean {
    if (!parts) return false;
    const errors = findings.filter((finding) => finding.severity === "error");
    const warnings = findings.filter((finding) => finding.severity !== "error");
    const entries = [...errors, ...warnings].map(entry);
    if (lead) {
      const first = make("li", "error");
      first.append(make("p", "message", lead.what), make("p", "hint", lead.fix));
      entries.unshift(first);
    }
    parts.list.replaceChildren(...entries);
    const wrong = errors.length + (lead ? 1 : 0);
    const said = [
      isLost && word("server_gone"),
      wrong > 0 && counted(words, "errors", wrong),
      warnings.length > 0 && counted(words, "warnings", warnings.length),
    ].filter(Boolean);
    parts.mark.textContent = said.join(" · ") || word("connected");
    parts.mark.dataset.state = isLost ? "lost" : wrong ? "error" : warnings.length ? "warning" : "well";
    return wrong > 0;
  }

  return {
    word,
    follows: true,

    start(given) {
      acts = given;
      parts ??= build();
      draw();
      window.Reveal?.addKeyBinding({ keyCode: 69, key: "E", description: word("edit_slide") }, acts.edit);
    },

    /** Errors come back with every save until they are mended. */
    tell(news: News) {
      findings = news.findings;
      lead = news.trouble ?? (news.isGone ? { what: word("talk_gone"), fix: "" } : null);
      if (parts) parts.follow.checked = news.follow;
      show(draw() || (parts?.sheet.hidden === false && findings.length > 0));
    },

    lost(now) {
      if (isLost === now) return;
      isLost = now;
      draw();
    },

    answer(name, place) {
      if (!parts) return;
      const { toast } = parts;
      toast.textContent = say(word(name), { place });
      toast.hidden = false;
      clearTimeout(hiding);
      hiding = window.setTimeout(() => {
        toast.hidden = true;
      }, TOAST_MS);
    },

    running: (ids) => showRunning(ids, word("recording_now")),

    taken() {},
  };
}
