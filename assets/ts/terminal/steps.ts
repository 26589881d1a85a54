/** What a replay does when: the events of a recording, with its own timing but for long waits, as steps. */
import { type Keys, keysOf } from "./keys";

/** Seconds of the recording; kinds as in asciicast, and "p" for output that is prompt and command. */
export type CastEvent = readonly [at: number, kind: string, text: string];

export interface Cast {
  readonly cols: number;
  readonly rows: number;
  readonly events: readonly CastEvent[];
}

export interface Step {
  /** Seconds of the replay, and of the recording. */
  readonly now: number;
  readonly at: number;
  readonly text: string;
  /** The command that begins, by number from 1. */
  readonly begins?: number;
  /** It is a key of a command. */
  readonly typed?: true;
  /** The replay waits here; as the bar says it. */
  readonly stop?: string;
}

/** Where a run stood: the command by number, 0 where the code is the command, and the lines that it had printed. */
export interface Point {
  readonly command: number;
  readonly lines: number;
}

const IDLE_S = 1.5; // nobody waits longer for a silent program
const KEY_S = 0.025;
const TYPING_S = 0.8; // of a whole command
/** The program gave the terminal back at the end: the cursor is where it was, on a line of its own. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: terminals are told with them
const GAVE_BACK = /\x1b\[\?1049l(?:\x1b(?:\[[?>0-9;]*[a-z]|[=>]))*$/i;

/** What each command printed; the first one is what was printed before any. */
export function outputs(events: readonly CastEvent[]): string[] {
  const printed = [""];
  for (const [, kind, text] of events) {
    if (kind === "m") printed.push("");
    else if (kind === "o") printed.push((printed.pop() ?? "") + text);
  }
  return printed;
}

/** `typing`: commands are typed key by key. `holes`: what stands in the places of captured values. */
export function timeline(
  events: readonly CastEvent[],
  { typing, holes }: { typing: boolean; holes?: Readonly<Record<string, string>> },
): Step[] {
  const printed = outputs(events);
  const steps: Step[] = [];
  let [now, at, commands] = [0, 0, 0];
  for (const [second, kind, text] of events) {
    now += Math.min(Math.max(second - at, 0), IDLE_S);
    at = second;
    if (kind === "m") commands += 1;
    else if (kind === "o") steps.push({ now, at, text });
    else if (kind === "p") {
      const { prompt, keys } = pressed(text, printed[commands - 1] ?? "", holes);
      const each = typing ? Math.min(KEY_S, TYPING_S / keys.length) : 0;
      steps.push({ now, at, text: prompt, begins: commands });
      if (commands > 1) steps.push({ now, at, text: "", typed: true, stop: `${commands - 1} / ${printed.length - 1}` });
      for (const key of keys) {
        now += each;
        steps.push({ now, at, text: key, typed: true });
      }
    }
  }
  return [...steps, { now, at, text: "" }];
}

/** Prompt and command, key by key; `before` is what the command before printed. */
function pressed(text: string, before: string, holes?: Readonly<Record<string, string>>): Keys {
  const lead = text.startsWith("\r\n") && !GAVE_BACK.test(before) ? "\r\n" : "";
  return keysOf(text.replace(/^\r\n/, "").replace(/\r\n$/, ""), lead, holes);
}

/** How many of the steps come before a point. */
export function stepsBefore(steps: readonly Step[], { command, lines }: Point): number {
  let index = command ? steps.findIndex((step) => step.begins === command) + 1 : 0;
  while (index && steps[index]?.typed) index++;
  let printed = 0;
  for (let step = steps[index]; step && index < steps.length - 1 && !step.begins && printed < lines; ) {
    printed += step.text.split("\n").length - 1;
    step = steps[++index];
  }
  return index;
}

/** The second of the recording at a moment of the replay, between the steps that were and the one that comes next. */
export function secondAt(steps: readonly Step[], next: number, now: number): number {
  const after = steps[next];
  const before = steps[next - 1] ?? after;
  if (!before || !after) return before?.at ?? 0;
  const part = after.now > before.now ? (now - before.now) / (after.now - before.now) : 0;
  return before.at + part * (after.at - before.at);
}
