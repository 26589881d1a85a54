/** The keys of a deck and of the stage; `docs/reference.md` is written from these tables too. */

/** Word of the interface, and the keys: the help of every deck. */
export const DECK_KEYS: readonly (readonly [word: string, ...caps: string[]])[] = [
  ["key_next", "→", "Space", "N"],
  ["key_previous", "←", "P"],
  ["key_arrows", "←", "↑", "↓", "→"],
  ["key_skip", "Alt", "+", "→"],
  ["key_first_last", "Home", "End"],
  ["key_goto", "G"],
  ["key_overview", "O"],
  ["key_speaker", "S"],
  ["key_pause", "B"],
  ["key_fullscreen", "F"],
  ["key_scheme", "C"],
  ["key_search", "Ctrl", "+", "Shift", "+", "F"],
  ["key_zoom", "Alt"],
  ["key_help", "?"],
];

/** What goes on in the deck, whichever way it goes: reveal.js' own; clickers send PageDown. */
const NEXT_KEYS: readonly string[] = ["ArrowDown", "PageDown", " ", "n", "j"];

export function isNextKey(key: string, isRtl: boolean): boolean {
  return NEXT_KEYS.includes(key) || (isRtl ? ["ArrowLeft", "h"] : ["ArrowRight", "l"]).includes(key);
}

/** The keys of a row in a deck that goes from right to left: what was on the right is on the left. */
export function mirrored(caps: readonly string[]): readonly string[] {
  const turned: Readonly<Record<string, string>> = { "→": "←", "←": "→" };
  return caps.includes("→") && caps.includes("←") ? caps : caps.map((cap) => turned[cap] ?? cap);
}

/** On stage, as well; in the help the word of each is `key_` and its action. */
export const STAGE_KEYS = {
  r: "run",
  q: "cancel",
  R: "restart",
  w: "clear",
  t: "focus",
  x: "swap",
  X: "recorded",
  m: "make",
  d: "panel",
  e: "edit",
  s: "speaker",
} as const;

/** Of the replay in a deck, and of running on stage, as reveal.js counts keys. */
export const KEY_R = 82;
