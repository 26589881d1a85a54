/**
 * Draws charts with Chart.js when their slide is shown for the first time, in the theme's colours. A chart is a canvas
 * with its type in `data-chart`, and its data as JSON in `data-config` or in a comment inside, or as rows of values with
 * commas between.
 */
import type { ChartConfiguration, ChartOptions } from "chart.js";
import { isPrintView } from "../deck/printing";
import { make } from "../dom";
import type { Deck, Plugin } from "../reveal";
import { onPaper, onScheme, type Palette, paletteAt, problem } from "./palette";
import { type Dataset, type Shown, understood } from "./rows";

const ROUND = ["pie", "doughnut", "polarArea"]; // each value has its own colour
const MOTION_MS = 400;
const SHARPEST = 3;
const drawn = new WeakMap<HTMLCanvasElement, string>(); // what it was drawn from
const sizes = new WeakMap<HTMLCanvasElement, [width: string, height: string]>(); // as the author gave them

/** The JSON, and the rows. */
function written(canvas: HTMLCanvasElement): [json: string, csv: string] {
  const inside = (type: number): string[] =>
    [...canvas.childNodes].filter((node) => node.nodeType === type).map((node) => node.textContent ?? "");
  const json = canvas.dataset.config || inside(Node.COMMENT_NODE).find((text) => /^\s*\{/.test(text)) || "";
  return [json, inside(Node.TEXT_NODE).join("\n").trim()];
}

function translucent(colour: string, share: number): string {
  return (
    colour +
    Math.round(share * 255)
      .toString(16)
      .padStart(2, "0")
  );
}

/** What the author says about a series holds; the rest is the theme's. */
function coloured(set: Dataset, index: number, kind: string, colours: Palette): Dataset {
  const at = (index: number): string => colours.series[index % colours.series.length] ?? "";
  const colour = at(index);
  if (ROUND.includes(kind)) {
    const fills = (set.data ?? []).map((_, index) => (kind === "polarArea" ? translucent(at(index), 0.6) : at(index)));
    return { backgroundColor: fills, borderColor: colours.paper, borderWidth: 3, ...set };
  }
  if (kind === "bar") return { backgroundColor: colour, borderRadius: 4, ...set } as Dataset;
  return {
    borderColor: colour,
    backgroundColor: translucent(colour, kind === "bubble" ? 0.6 : 0.2),
    pointBackgroundColor: colour,
    borderWidth: 4,
    ...(kind === "bubble" ? {} : { pointRadius: 5 }),
    ...set,
  };
}

function setDefaults(colours: Palette): void {
  const { defaults } = window.Chart;
  const { labels } = defaults.plugins.legend;
  defaults.color = colours.quiet;
  defaults.borderColor = colours.line;
  defaults.font.family = colours.font;
  defaults.font.size = colours.caption;
  Object.assign(labels, { boxWidth: colours.caption, boxHeight: colours.caption * 0.6 });
  defaults.plugins.title.color = colours.ink;
  defaults.scale.grid.color = colours.line;
  defaults.scales.radialLinear.ticks.backdropColor = "transparent";
  defaults.scales.radialLinear.pointLabels.font = { size: colours.caption };
}

function options(given: ChartOptions | undefined, deck: Deck): ChartOptions {
  const isCalm = onPaper() || window.matchMedia("(prefers-reduced-motion: reduce)").matches;
  return {
    animation: { duration: MOTION_MS },
    ...given,
    responsive: false, // Chart.js would take the slide's scale for its size
    maintainAspectRatio: false,
    devicePixelRatio: Math.min(SHARPEST, Math.max(2, window.devicePixelRatio * deck.getScale())),
    ...(isCalm ? { animation: false } : {}),
  };
}

/** In CSS pixels of the slide; zeros while it is not displayed. */
function sizeOf(canvas: HTMLCanvasElement, parent: HTMLElement, deck: Deck): [width: number, height: number] {
  const { clientWidth, clientHeight } = parent;
  if (parent.matches(".qd-plot")) return [clientWidth, clientHeight];
  const { width, height } = canvas.style;
  const given = sizes.get(canvas) ?? [
    width || canvas.getAttribute("width") || "",
    height || canvas.getAttribute("height") || "",
  ];
  sizes.set(canvas, given);
  const inPixels = (text: string, whole: number): number =>
    text.endsWith("%") ? (Number.parseFloat(text) / 100) * whole : Number.parseFloat(text);
  const wide = inPixels(given[0], clientWidth) || clientWidth;
  const high = inPixels(given[1], clientHeight) || Math.min(wide / 2, Number(deck.getConfig().height) * 0.6);
  return [Math.round(wide), Math.round(high)];
}

/** For who cannot see it; charts of fences have a table already. */
function describe(canvas: HTMLCanvasElement, { labels, datasets }: Shown["data"]): void {
  if (canvas.firstElementChild) return;
  const table = make("table");
  const row = (first: string, cells: readonly unknown[]): void => {
    const made = table.insertRow();
    for (const text of [first, ...cells]) made.insertCell().textContent = String(text);
  };
  row(
    "",
    datasets.map((set) => set.label ?? ""),
  );
  for (const [at, label] of (labels ?? []).entries()) {
    row(
      String(label),
      datasets.map((set) => JSON.stringify(set.data[at] ?? "")),
    );
  }
  canvas.append(table);
  canvas.role ??= "img";
  canvas.ariaLabel ??= window.Quarterdeck.words.chart ?? "";
}

function dropProblem(canvas: HTMLCanvasElement): void {
  for (const box of document.querySelectorAll(".qd-chart-problem")) {
    if (box.previousElementSibling === canvas) box.remove();
  }
}

function draw(canvas: HTMLCanvasElement, deck: Deck): void {
  const parent = canvas.parentElement;
  const [width, height] = parent ? sizeOf(canvas, parent, deck) : [0, 0];
  if (!parent || !width || !height) return;
  const kind = canvas.dataset.chart ?? "";
  const text = written(canvas);
  const colours = paletteAt(parent);
  const key = JSON.stringify([kind, text, colours, width, height]);
  if (drawn.get(canvas) === key) return;
  drawn.set(canvas, key);
  window.Chart.getChart(canvas)?.destroy();
  dropProblem(canvas);
  try {
    const { data, options: wanted } = understood(...text);
    describe(canvas, data);
    const datasets = data.datasets.map((set, index) => coloured(set, index, set.type ?? kind, colours));
    setDefaults(colours);
    Object.assign(canvas, { width, height });
    Object.assign(canvas.style, { width: `${width}px`, height: `${height}px` });
    const config = { type: kind, data: { ...data, datasets }, options: options(wanted, deck) };
    new window.Chart(canvas, config as ChartConfiguration);
    if (deck.isReady() && deck.getConfig().center) deck.layout();
  } catch (error) {
    window.Chart.getChart(canvas)?.destroy();
    canvas.after(problem("qd-chart-problem", error));
  }
}

function chartsIn(root: ParentNode | undefined): HTMLCanvasElement[] {
  return [...(root?.querySelectorAll<HTMLCanvasElement>("canvas[data-chart]") ?? [])];
}

export const plugin: Plugin = {
  id: "quarterdeck-charts",
  draws: true,

  init(deck) {
    const slides = deck.getSlidesElement() as HTMLElement;
    const show = (): void => {
      const everything = deck.isOverview() || deck.isScrollView() || onPaper();
      for (const canvas of chartsIn(everything ? slides : deck.getCurrentSlide())) draw(canvas, deck);
    };
    const again = (): void => {
      for (const canvas of chartsIn(slides)) if (drawn.has(canvas)) draw(canvas, deck);
      show();
    };
    const laidOut = new Promise<void>((done) => {
      if (isPrintView(deck.getConfig())) deck.on("pdf-ready", done);
      else done();
    });
    plugin.refresh = again;
    plugin.settle = () => laidOut.then(show);
    for (const name of ["slidechanged", "overviewshown", "pdf-ready"]) deck.on(name, show);
    onScheme(again);
  },
};
