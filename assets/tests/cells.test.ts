import assert from "node:assert/strict";
import { test } from "node:test";
import { indexed, put, type Run } from "../ts/terminal/cells";

test("colours of the palette behind the sixteen are those of xterm", () => {
  assert.deepEqual([16, 21, 196, 231, 232, 255].map(indexed), [
    "#000000",
    "#0000ff",
    "#ff0000",
    "#ffffff",
    "#080808",
    "#eeeeee",
  ]);
});

test("what looks alike is one run, but for what has a width of its own", () => {
  const runs: Run[] = [];
  const add = (text: string, classes = "", cells = 0): void => put(runs, { text, classes, css: "", cells });
  for (const text of ["a", "b"]) add(text);
  add("c", "qd-bold");
  add("d", "qd-bold");
  add("漢", "qd-bold", 2);
  add("e", "qd-bold");
  assert.deepEqual(
    runs.map(({ text }) => text),
    ["ab", "cd", "漢", "e"],
  );
});
