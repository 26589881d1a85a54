import assert from "node:assert/strict";
import { test } from "node:test";
import { understood } from "../ts/parts/rows";

test("rows are labels and values", () => {
  const { data } = understood("", ", Mon, Tue\nships, 1, 2\n\nboats, 3, 4");
  assert.deepEqual(data.labels, ["Mon", "Tue"]);
  assert.deepEqual(data.datasets, [
    { label: "ships", data: [1, 2] },
    { label: "boats", data: [3, 4] },
  ]);
});

test("what the JSON says of a series holds, and its labels make the first row one of values", () => {
  const { data } = understood('{"data": {"labels": ["a"], "datasets": [{"label": "mine"}]}}', "ships, 1");
  assert.deepEqual(data.labels, ["a"]);
  assert.deepEqual(data.datasets, [{ label: "mine", data: [1] }]);
});

test("neither JSON nor rows is a mistake", () => {
  assert.throws(() => understood("", ""), SyntaxError);
});
