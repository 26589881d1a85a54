/** What is written to a terminal so that a prompt and its command appear key by key, and are told from output. */

/** Colours that no program means. */
const PROMPT = "\x1b[0;38;2;1;2;3m";
const COMMAND = "\x1b[0;38;2;1;2;4m";
const FILLED = "\x1b[0;38;2;1;2;5m";
/** The class of what has such a colour. */
export const ROLES: ReadonlyMap<number, string> = new Map([
  [0x010203, "qd-prompt"],
  [0x010204, "qd-command"],
  [0x010205, "qd-command qd-hole"],
]);
/** Whatever the command before left behind: attributes, a scroll region, the other screen. */
const FRESH = "\x1b[!p\x1b[?47l\x1b[0m";
const HOLE = /(<[A-Za-z][A-Za-z0-9]*(?:[-_][A-Za-z0-9]+)*>)/;
/** What moves the cursor to other lines; the still then keeps to the terminal's width (`MOVES` of the recordings). */
const MOVES =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: terminals are told with them
  /\x1b(?:[78DEMc]|\[(?:[0-9;]*[ABEFHJLMPSTX@`abdefrsu]|4[hl]|\?(?:[0-9;]*;)?(?:7|47|1047|1049)(?:;[0-9;]*)?[hl]))/;

export interface Keys {
  readonly prompt: string;
  /** The last one is the key that starts the command. */
  readonly keys: readonly string[];
}

export function moves(text: string): boolean {
  return MOVES.test(text);
}

/** `lead` ends the line that stands before; `holes` are the values that stand in the places of names. */
export function keysOf(text: string, lead: string, holes: Readonly<Record<string, string>> = {}): Keys {
  const lines = text.split("\r\n");
  const prompts = lines.map((line, at) => `${at ? "\x1b[0m\r\n" : lead + FRESH}${PROMPT}${line.slice(0, 2)}`);
  const typed = lines.map((line) =>
    line
      .slice(2)
      .split(HOLE)
      .flatMap((part, at) => {
        const value = at % 2 ? holes[part.slice(1, -1)] : "";
        return Array.from(value || part, (key) => (value ? FILLED : COMMAND) + key);
      }),
  );
  const keys = typed.flatMap((line, at) => (at ? [prompts[at] ?? "", ...line] : line));
  return { prompt: prompts[0] ?? "", keys: [...keys, "\x1b[0m\r\n"] };
}
