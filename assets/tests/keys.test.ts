import assert from "node:assert/strict";
import { test } from "node:test";
import { keysOf, moves } from "../ts/terminal/keys";

const COMMAND = "\x1b[0;38;2;1;2;4m";
const FILLED = "\x1b[0;38;2;1;2;5m";

/** What would be seen of it. */
function plain(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: that is what they are
  return text.replace(/\x1b\[[!?0-9;]*[a-zA-Z]/g, "");
}

test("a command is its prompt, its keys, and the key that starts it", () => {
  const { prompt, keys } = keysOf("$ ls", "");
  assert.equal(plain(prompt), "$ ");
  assert.deepEqual(keys, [`${COMMAND}l`, `${COMMAND}s`, "\x1b[0m\r\n"]);
});

test("a second line brings its own prompt, in one key", () => {
  const { keys } = keysOf("$ a\r\n> b", "\r\n");
  assert.deepEqual(keys.map(plain), ["a", "\r\n> ", "b", "\r\n"]);
});

test("a value stands in the place of its name, and a name that is not known stays", () => {
  const { keys } = keysOf("$ x <container-id> <other>", "", { "container-id": "9f" });
  assert.equal(keys.map(plain).join(""), "x 9f <other>\r\n");
  assert.deepEqual(keys.slice(2, 4), [`${FILLED}9`, `${FILLED}f`]);
});

test("output that moves to other lines is told from output that has colours", () => {
  for (const text of ["\x1b[2J", "\x1b[1;1H", "a\x1b[3Ab", "\x1b[?1049h", "\x1b7"]) assert.ok(moves(text), text);
  for (const text of ["", "\x1b[31mred\x1b[0m", "\x1b[?25l", "a\r\nb\r", "\x1b[K"]) assert.ok(!moves(text), text);
});
