// @ts-nocheck
import "./palette";
/* Draws mermaid's diagrams: those of a slide when it is shown for the first time, the others while the speaker talks. They
   are drawn outside of the slides, where nothing is hidden or scaled, so that every label has its right size. Until then,
   and where a diagram is wrong, its source is what is seen. A reveal.js plugin. */
(function () {
  "use strict";

  const HOST_WIDTH = 860; // for the diagrams that are as wide as the room they get
  const palettes = window.QuarterdeckPalette;
  const drawn = new WeakMap(); // figure: what it was drawn from
  const GANTT = { useWidth: HOST_WIDTH, fontSize: 15, sectionFontSize: 16, barHeight: 30, barGap: 8, axisFormat: "%m-%d" };
  const LINES = ".flowchart-link, .transition, .relation, .messageLine0, .messageLine1 { stroke-width: 1.5px }";
  let loading = null;
  let last = Promise.resolve(); // mermaid does one thing at a time
  let count = 0;

  function load() {
    loading =
      loading ||
      new Promise((done, fail) => {
        const script = document.createElement("script");
        script.src = window.Quarterdeck.settings.loaded.mermaid;
        script.onload = done;
        script.onerror = () => fail(new Error(`${script.src} cannot be loaded`));
        document.head.append(script);
      });
    return loading;
  }

  /* Numbered variables of mermaid's base theme, in the colours of series. */
  function series(colours) {
    const found = {};
    colours.series.forEach((colour, index) => {
      const soft = palettes.mixed(colour, colours.paper, 0.26);
      found[`pie${index + 1}`] = palettes.mixed(colour, colours.paper, 0.6);
      found[`cScale${index}`] = soft;
      found[`cScaleLabel${index}`] = colours.ink;
      found[`cScalePeer${index}`] = colour;
      found[`fillType${index}`] = soft;
      found[`git${index}`] = colour;
      found[`gitBranchLabel${index}`] = colours.paper;
    });
    return found;
  }

  function variables(colours) {
    const tint = palettes.mixed(colours.accent, colours.paper, 0.1);
    return {
      ...series(colours),
      darkMode: colours.dark,
      fontFamily: colours.font,
      background: colours.paper,
      primaryColor: tint,
      primaryTextColor: colours.ink,
      primaryBorderColor: colours.accent,
      secondaryColor: palettes.mixed(colours.signal, colours.paper, 0.14),
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
      noteBkgColor: palettes.mixed(colours.signal, colours.paper, 0.16),
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
      activeTaskBkgColor: palettes.mixed(colours.accent, colours.paper, 0.3),
      activeTaskBorderColor: colours.accent,
      doneTaskBkgColor: colours.surface,
      doneTaskBorderColor: colours.line,
      critBkgColor: palettes.mixed(colours.bad, colours.paper, 0.2),
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

  /* The talk's own theme holds as it is; the variables it sets are added to ours. */
  function settings(colours) {
    const own = window.Quarterdeck.settings.mermaid || {};
    const themed = !own.theme || own.theme === "base";
    return {
      securityLevel: "strict",
      fontFamily: colours.font,
      logLevel: "fatal",
      ...own,
      themeCSS: `${LINES} ${own.themeCSS || ""}`,
      gantt: { ...GANTT, ...own.gantt },
      ...(themed ? { theme: "base", themeVariables: { ...variables(colours), ...own.themeVariables } } : {}),
      startOnLoad: false,
      suppressErrorRendering: true,
    };
  }

  function source(figure) {
    return figure.querySelector(":scope > .qd-source").textContent;
  }

  function result(figure) {
    return figure.querySelector(":scope > :is(.qd-drawing, .qd-problem)");
  }

  function show(figure, element) {
    const old = result(figure);
    if (old) old.replaceWith(element);
    else figure.prepend(element);
  }

  function problem(error) {
    const box = document.createElement("aside");
    box.className = "qd-problem";
    const text = document.createElement("p");
    text.textContent = `${window.Quarterdeck.words.not_drawn}: ${String(error.message || error).trim()}`;
    box.append(text);
    return box;
  }

  /* The drawing knows its own size; the styles say how much of the slide it may have. */
  function sized(drawing) {
    const svg = drawing.querySelector("svg");
    const box = svg.viewBox.baseVal;
    svg.removeAttribute("width");
    svg.removeAttribute("height");
    svg.style.removeProperty("max-width");
    if (box && box.width) {
      drawing.style.setProperty("--qd-width", box.width);
      drawing.style.setProperty("--qd-height", box.height);
    }
    svg.setAttribute("aria-label", svg.querySelector("title")?.textContent || window.Quarterdeck.words.diagram);
    return drawing;
  }

  /* While an open deck is printed nothing can be measured: what was drawn before is what paper gets. */
  function isPrinting() {
    return document.documentElement.classList.contains("qd-paper");
  }

  async function make(figure, deck) {
    if (isPrinting()) return;
    const colours = palettes.at(figure);
    const key = JSON.stringify([source(figure), colours]);
    if (!figure.isConnected || (drawn.get(figure) === key && result(figure))) return;
    const drawing = document.createElement("div");
    drawing.className = "qd-drawing";
    drawing.toggleAttribute("data-dark", colours.dark);
    const host = document.createElement("div");
    host.className = "qd-drawing qd-backstage";
    host.style.width = `${HOST_WIDTH}px`;
    document.body.append(host);
    try {
      await load();
      await document.fonts.load(`16px ${colours.font}`).catch(() => {});
      mermaid.initialize(settings(colours));
      const made = await mermaid.render(`qd-drawing-${++count}`, source(figure), host);
      drawing.innerHTML = made.svg;
      show(figure, sized(drawing));
      if (made.bindFunctions) made.bindFunctions(drawing);
      if (deck.isReady() && deck.getConfig().center) deck.layout();
    } catch (error) {
      show(figure, problem(error));
    }
    host.remove();
    drawn.set(figure, key);
  }

  function draw(figures, deck) {
    for (const figure of figures) last = last.then(() => make(figure, deck));
    return last;
  }

  function within(root) {
    return [...root.querySelectorAll('.qd-diagram[data-kind="mermaid"]')];
  }

  function idle(work) {
    if (window.requestIdleCallback) requestIdleCallback(work, { timeout: 400 });
    else setTimeout(work, 200);
  }

  /* One after the other, whenever the browser has nothing better to do. */
  function drawRest(deck) {
    const next = within(deck.getSlidesElement()).find((figure) => !drawn.has(figure));
    if (next) idle(() => draw([next], deck).then(() => drawRest(deck)));
  }

  const plugin = {
    id: "quarterdeck-diagrams",
    draws: true,

    init(deck) {
      const slides = deck.getSlidesElement();
      const again = () => {
        const current = deck.getCurrentSlide();
        const made = within(slides).filter((figure) => drawn.has(figure));
        const first = made.filter((figure) => current && current.contains(figure));
        draw([...first, ...made], deck);
      };
      plugin.refresh = (section) => (section ? draw(within(section), deck) : again());
      if (deck.getConfig().view === "print" || new URLSearchParams(location.search).has("print-pdf")) {
        return draw(within(slides), deck); // the pages are measured with everything on them
      }
      plugin.settle = () => {
        const shown = deck.getCurrentSlide();
        return draw(shown ? within(shown) : [], deck).then(() => drawRest(deck));
      };
      deck.on("slidechanged", (event) => draw(within(event.currentSlide), deck));
      palettes.onScheme(again);
      return undefined;
    },
  };

  window.Quarterdeck.plugins.push(plugin);
})();
