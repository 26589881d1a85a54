import assert from "node:assert/strict";
import { test } from "node:test";
import { fold, folded, occurrences } from "../ts/deck/matching";

test("accents and case do not count", () => {
  assert.equal(fold("Élève ÇA"), "eleve ca");
});

test("each compared character leads to the one that is written", () => {
  const { text, indices } = folded("İx é");
  assert.equal(text, "ix e");
  assert.deepEqual(indices, [0, 1, 2, 3]);
  assert.deepEqual(folded("").indices, []);
});

test("occurrences do not overlap", () => {
  assert.deepEqual(occurrences("aaaa", "aa"), [0, 2]);
  assert.deepEqual(occurrences("abc", "c"), [2]);
  assert.deepEqual(occurrences("abc", ""), []);
});
