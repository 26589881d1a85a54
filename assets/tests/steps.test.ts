import assert from "node:assert/strict";
import { test } from "node:test";
import { type CastEvent, outputs, secondAt, stepsBefore, timeline } from "../ts/terminal/steps";

/** Two commands, the first of which is silent for ten seconds. */
const EVENTS: CastEvent[] = [
  [0, "m", ""],
  [0, "p", "$ one\r\n"],
  [10, "o", "a\r\nb\r\n"],
  [10.5, "m", ""],
  [10.5, "p", "$ two\r\n"],
  [11, "o", "c\r\n"],
];

test("outputs are told apart by command", () => {
  assert.deepEqual(outputs(EVENTS), ["", "a\r\nb\r\n", "c\r\n"]);
  assert.deepEqual(outputs([]), [""]);
});

test("long silence is cut short, and the recording's own clock is kept", () => {
  const steps = timeline(EVENTS, { typing: false });
  assert.deepEqual(
    steps.map(({ now, at }) => [now, at]).filter(([now], index, all) => now !== all[index - 1]?.[0]),
    [
      [0, 0],
      [1.5, 10],
      [2, 10.5],
      [2.5, 11],
    ],
  );
});

test("typing takes its time, and nobody waits longer than for a short command", () => {
  const short = timeline([[0, "p", "$ ls\r\n"]], { typing: true }).at(-1)?.now ?? 0;
  const long = timeline([[0, "p", `$ ${"x".repeat(500)}\r\n`]], { typing: true }).at(-1)?.now ?? 0;
  assert.ok(Math.abs(short - 3 * 0.025) < 1e-9);
  assert.ok(Math.abs(long - 0.8) < 1e-9);
});

test("every command but the first waits for a key", () => {
  const stops = timeline(EVENTS, { typing: false }).filter(({ stop }) => stop);
  assert.deepEqual(
    stops.map(({ stop }) => stop),
    ["1 / 2"],
  );
});

test("a point is found by its command and the lines that it had printed", () => {
  const steps = timeline(EVENTS, { typing: false });
  const text = (index: number): string =>
    steps
      .slice(0, index)
      .map(({ text }) => text)
      .join("");
  assert.ok(text(stepsBefore(steps, { command: 1, lines: 0 })).endsWith("\r\n"));
  assert.ok(!text(stepsBefore(steps, { command: 1, lines: 0 })).includes("a"));
  assert.ok(text(stepsBefore(steps, { command: 1, lines: 2 })).endsWith("b\r\n"));
  assert.ok(!text(stepsBefore(steps, { command: 2, lines: 0 })).includes("c"));
  assert.equal(stepsBefore(steps, { command: 0, lines: 0 }), 0);
});

test("a moment of the replay is a second of the recording", () => {
  const steps = timeline(EVENTS, { typing: false });
  const output = steps.findIndex(({ text }) => text.startsWith("a"));
  assert.equal(secondAt(steps, output, 0.75), 5);
  assert.equal(secondAt(steps, 0, 0), 0);
  assert.equal(secondAt([], 0, 0), 0);
});
