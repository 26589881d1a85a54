import assert from "node:assert/strict";
import { test } from "node:test";
import { linesOf } from "../ts/deck/lines";

function lit(text: string): number[] {
  const wanted = linesOf(text);
  return wanted ? [1, 2, 3, 4, 5, 6, 7, 8].filter(wanted) : [];
}

test("ranges and single lines are lit", () => {
  assert.deepEqual(lit("2-4,7"), [2, 3, 4, 7]);
  assert.deepEqual(lit(" 1 , 8"), [1, 8]);
});

test("what names no line lights every line", () => {
  for (const text of ["", "0", "4-2", "x", undefined]) assert.equal(linesOf(text), null);
});
