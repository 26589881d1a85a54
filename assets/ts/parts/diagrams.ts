/**
 * Draws mermaid's diagrams: those of a slide when it is shown for the first time, the others while the speaker talks.
 * They are drawn outside of the slides, where nothing is hidden or scaled, so that every label has its right size. Until
 * then, and where a diagram is wrong, its source is what is seen.
 */
import type { MermaidConfig } from "mermaid";
import { isPrinting, isPrintView } from "../deck/printing";
import { make } from "../dom";
import { load } from "../load";
import type { Deck, Plugin } from "../reveal";
import { mixed, onScheme, type Palette, paletteAt, problem } from "./palette";

const HOST_WIDTH = 860; // for the diagrams that are as wide as the room they get
const GANTT = {
  useWidth: HOST_WIDTH,
  fontSize: 15,
  sectionFontSize: 16,
  barHeight: 30,
  barGap: 8,
  axisFormat: "%m-%d",
};
const LINES = ".flowchart-link, .transition, .relation, .messageLine0, .messageLine1 { stroke-width: 1.5px }";
const drawn = new WeakMap<HTMLElement, string>(); // what it was drawn from
let last: Promise<unknown> = Promise.resolve(); // mermaid does one thing at a time
let count = 0;

/** Numbered variables of mermaid's base theme, in the colours of series. */
function series(colours: Palette): object {
  const found = colours.series.map((colour, index) => {
    const soft = mixed(colour, colours.paper, 0.26);
    return {
      [`pie${index + 1}`]: mixed(colour, colours.paper, 0.6),
      [`cScale${index}`]: soft,
      [`cScaleLabel${index}`]: colours.ink,
      [`cScalePeer${index}`]: colour,
      [`fillType${index}`]: soft,
      [`git${index}`]: colour,
      [`gitBranchLabel${index}`]: colours.paper,
    };
  });
  return Object.assign({}, ...found);
}

function variables(colours: Palette): object {
  const tint = mixed(colours.accent, colours.paper, 0.1);
  return {
    ...series(colours),
    darkMode: colours.dark,
    fontFamily: colours.font,
    background: colours.paper,
    primaryColor: tint,
    primaryTextColor: colours.ink,
    primaryBorderColor: colours.accent,
    secondaryColor: mixed(colours.signal, colours.paper, 0.14),
    secondaryTextColor: colours.ink,
    secondaryBorderColor: colours.signal,
    tertiaryColor: colours.surface,
    tertiaryTextColor: colours.ink,
    tertiaryBorderColor: colours.line,
    mainBkg: tint,
    nodeBorder: colours.accent,
    clusterBkg: colours.surface,
    clusterBorder: colours.line,
    lineColor: colours.quiet,
    textColor: colours.ink,
    titleColor: colours.ink,
    edgeLabelBackground: colours.paper,
    actorBkg: tint,
    actorBorder: colours.accent,
    actorLineColor: colours.line,
    signalColor: colours.quiet,
    signalTextColor: colours.ink,
    labelBoxBkgColor: colours.surface,
    labelBoxBorderColor: colours.line,
    noteBkgColor: mixed(colours.signal, colours.paper, 0.16),
    noteTextColor: colours.ink,
    noteBorderColor: colours.signal,
    activationBkgColor: colours.surface,
    activationBorderColor: colours.accent,
    gridColor: colours.line,
    sectionBkgColor: colours.surface,
    altSectionBkgColor: colours.paper,
    sectionBkgColor2: colours.surface,
    taskBkgColor: tint,
    taskBorderColor: colours.accent,
    taskTextColor: colours.ink,
    taskTextDarkColor: colours.ink,
    taskTextLightColor: colours.ink,
    taskTextOutsideColor: colours.ink,
    activeTaskBkgColor: mixed(colours.accent, colours.paper, 0.3),
    activeTaskBorderColor: colours.accent,
    doneTaskBkgColor: colours.surface,
    doneTaskBorderColor: colours.line,
    critBkgColor: mixed(colours.bad, colours.paper, 0.2),
    critBorderColor: colours.bad,
    todayLineColor: colours.bad,
    pieStrokeColor: colours.paper,
    pieOuterStrokeColor: colours.paper,
    pieStrokeWidth: "3px",
    pieOpacity: "1",
    pieTitleTextColor: colours.ink,
    pieSectionTextColor: colours.ink,
    pieLegendTextColor: colours.ink,
    pieTitleTextSize: "22px",
    pieSectionTextSize: "16px",
    errorBkgColor: colours.surface,
    errorTextColor: colours.bad,
  };
}

/** The talk's own theme holds as it is; the variables it sets are added to ours. */
function settings(colours: Palette): MermaidConfig {
  const own: MermaidConfig = window.Quarterdeck.settings.mermaid ?? {};
  const isOurs = !own.theme || own.theme === "base";
  const theme = { theme: "base", themeVariables: { ...variables(colours), ...own.themeVariables } } as const;
  return {
    securityLevel: "strict",
    fontFamily: colours.font,
    logLevel: "fatal",
    ...own,
    themeCSS: `${LINES} ${own.themeCSS ?? ""}`,
    gantt: { ...GANTT, ...own.gantt },
    ...(isOurs ? theme : {}),
    startOnLoad: false,
    suppressErrorRendering: true,
  };
}

function source(figure: HTMLElement): string {
  return figure.querySelector(":scope > .qd-source")?.textContent ?? "";
}

function result(figure: HTMLElement): Element | null {
  return figure.querySelector(":scope > :is(.qd-drawing, .qd-problem)");
}

function show(figure: HTMLElement, element: Element): void {
  const old = result(figure);
  if (old) old.replaceWith(element);
  else figure.prepend(element);
}

/** The drawing knows its own size; the styles say how much of the slide it may have. */
function sized(drawing: HTMLElement): HTMLElement {
  const svg = drawing.querySelector("svg") as SVGSVGElement;
  const { width, height } = svg.viewBox.baseVal ?? {};
  svg.removeAttribute("width");
  svg.removeAttribute("height");
  svg.style.removeProperty("max-width");
  if (width) {
    drawing.style.setProperty("--qd-width", String(width));
    drawing.style.setProperty("--qd-height", String(height));
  }
  svg.ariaLabel = svg.querySelector("title")?.textContent || (window.Quarterdeck.words.diagram ?? "");
  return drawing;
}

/** While an open deck is printed nothing can be measured: what was drawn before is what paper gets. */
async function drawOne(figure: HTMLElement, deck: Deck): Promise<void> {
  if (isPrinting() || !figure.isConnected) return;
  const colours = paletteAt(figure);
  const key = JSON.stringify([source(figure), colours]);
  if (drawn.get(figure) === key && result(figure)) return;
  const [drawing, host] = [make("div", "qd-drawing"), make("div", "qd-drawing qd-backstage")];
  drawing.toggleAttribute("data-dark", colours.dark);
  host.style.width = `${HOST_WIDTH}px`;
  document.body.append(host);
  try {
    await load(window.Quarterdeck.settings.loaded?.mermaid ?? "");
    await document.fonts.load(`16px ${colours.font}`).catch(() => {});
    window.mermaid.initialize(settings(colours));
    const made = await window.mermaid.render(`qd-drawing-${++count}`, source(figure), host);
    drawing.innerHTML = made.svg;
    show(figure, sized(drawing));
    made.bindFunctions?.(drawing);
    if (deck.isReady() && deck.getConfig().center) deck.layout();
  } catch (error) {
    show(figure, problem("", error));
  }
  host.remove();
  drawn.set(figure, key);
}

function draw(figures: readonly HTMLElement[], deck: Deck): Promise<unknown> {
  for (const figure of figures) last = last.then(() => drawOne(figure, deck));
  return last;
}

function within(root: ParentNode | null | undefined): HTMLElement[] {
  return [...(root?.querySelectorAll<HTMLElement>('.qd-diagram[data-kind="mermaid"]') ?? [])];
}

function whenIdle(work: () => void): void {
  if ("requestIdleCallback" in window) requestIdleCallback(work, { timeout: 400 });
  else setTimeout(work, 200);
}

/** One after the other, whenever the browser has nothing better to do. */
function drawRest(deck: Deck): void {
  const next = within(deck.getSlidesElement()).find((figure) => !drawn.has(figure));
  if (next) whenIdle(() => draw([next], deck).then(() => drawRest(deck)));
}

export const plugin: Plugin = {
  id: "quarterdeck-diagrams",
  draws: true,

  init(deck) {
    const slides = deck.getSlidesElement();
    const again = (): void => {
      const made = within(slides).filter((figure) => drawn.has(figure));
      const first = made.filter((figure) => deck.getCurrentSlide()?.contains(figure));
      draw([...first, ...made], deck);
    };
    plugin.refresh = (section) => (section ? draw(within(section), deck) : again());
    if (isPrintView(deck.getConfig())) return draw(within(slides), deck); // pages are measured with everything on them
    plugin.settle = () => draw(within(deck.getCurrentSlide()), deck).then(() => drawRest(deck));
    deck.on("slidechanged", ({ currentSlide }) => draw(within(currentSlide), deck));
    onScheme(again);
    return undefined;
  },
};
