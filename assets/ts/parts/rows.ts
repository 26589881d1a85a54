/** What a chart shows, as its author wrote it. */
import type { ChartDataset, ChartOptions, DefaultDataPoint } from "chart.js";

export type Dataset = ChartDataset<"line", DefaultDataPoint<"line">>;

export interface Shown {
  readonly options?: ChartOptions;
  readonly data: { labels?: unknown[]; datasets: Dataset[] };
}

/**
 * The chart of a JSON text and of rows: a row is the label of a series and its values; the first one, where nothing else
 * says so, has those of the axis. Throws where the text is no JSON, or where there is neither.
 */
export function understood(json: string, csv: string): Shown {
  const given = JSON.parse(json || (csv ? "{}" : ""));
  const rows = csv
    .split("\n")
    .filter((row) => row.trim())
    .map((row) => row.split(",").map((cell) => cell.trim()));
  const labels = given.data?.labels ?? rows.shift()?.slice(1);
  const sets: Dataset[] = given.data?.datasets ?? [];
  const read = rows.map(([label, ...cells], at) => ({ label, data: cells.map(Number), ...sets[at] }) as Dataset);
  return { options: given.options, data: { ...given.data, labels, datasets: rows.length ? read : sets } };
}
