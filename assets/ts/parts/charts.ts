// @ts-nocheck
import "./palette";
/* Draws charts with Chart.js when their slide is shown for the first time, in the theme's colours. A chart is a canvas with
   its type in `data-chart`, and its data as JSON in `data-config` or in a comment inside, or as rows of values with commas
   between. A reveal.js plugin. */
(function () {
  "use strict";

  const ROUND = ["pie", "doughnut", "polarArea"]; // each value has its own colour
  const MOTION_MS = 400;
  const SHARPEST = 3;
  const palettes = window.QuarterdeckPalette;
  const drawn = new WeakMap(); // canvas: what it was drawn from
  const sizes = new WeakMap(); // canvas: width and height that the author gave

  /* The JSON, and the rows. */
  function written(canvas) {
    const inside = (type) => [...canvas.childNodes].filter((node) => node.nodeType === type).map((node) => node.data);
    const json = canvas.dataset.config || inside(Node.COMMENT_NODE).find((text) => /^\s*\{/.test(text)) || "";
    return [json, inside(Node.TEXT_NODE).join("\n").trim()];
  }

  /* A row is the label of a series and its values; the first one, where nothing else says so, has those of the axis. */
  function understood(json, csv) {
    const given = JSON.parse(json || (csv ? "{}" : ""));
    const rows = csv.split("\n").filter((row) => row.trim()).map((row) => row.split(",").map((cell) => cell.trim()));
    const labels = given.data?.labels || (rows.length ? rows.shift().slice(1) : undefined);
    const sets = given.data?.datasets || [];
    const read = rows.map(([label, ...cells], at) => ({ label, data: cells.map(Number), ...sets[at] }));
    return { options: given.options, data: { ...given.data, labels, datasets: rows.length ? read : sets } };
  }

  function translucent(colour, share) {
    return colour + Math.round(share * 255).toString(16).padStart(2, "0");
  }

  /* What the author says about a series holds; the rest is the theme's. */
  function coloured(set, index, kind, colours) {
    const colour = colours.series[index % colours.series.length];
    if (ROUND.includes(kind)) {
      const fills = (set.data || []).map((_, at) => colours.series[at % colours.series.length]);
      const soft = kind === "polarArea" ? fills.map((each) => translucent(each, 0.6)) : fills;
      return { backgroundColor: soft, borderColor: colours.paper, borderWidth: 3, ...set };
    }
    if (kind === "bar") return { backgroundColor: colour, borderRadius: 4, ...set };
    return {
      borderColor: colour,
      backgroundColor: translucent(colour, kind === "bubble" ? 0.6 : 0.2),
      pointBackgroundColor: colour,
      borderWidth: 4,
      pointRadius: kind === "bubble" ? undefined : 5,
      ...set,
    };
  }

  function defaults(colours) {
    Chart.defaults.color = colours.quiet;
    Chart.defaults.borderColor = colours.line;
    Chart.defaults.font.family = colours.font;
    Chart.defaults.font.size = colours.caption;
    Chart.defaults.plugins.legend.labels.boxWidth = colours.caption;
    Chart.defaults.plugins.legend.labels.boxHeight = colours.caption * 0.6;
    Chart.defaults.plugins.title.color = colours.ink;
    Chart.defaults.scale.grid.color = colours.line;
    Chart.defaults.scales.radialLinear.ticks.backdropColor = "transparent";
    Chart.defaults.scales.radialLinear.pointLabels.font = { size: colours.caption };
  }

  function options(given, deck) {
    const calm = palettes.onPaper() || window.matchMedia("(prefers-reduced-motion: reduce)").matches;
    return {
      ...given,
      responsive: false, // Chart.js would take the slide's scale for its size
      maintainAspectRatio: false,
      devicePixelRatio: Math.min(SHARPEST, Math.max(2, window.devicePixelRatio * deck.getScale())),
      ...(calm ? { animation: false } : given && "animation" in given ? {} : { animation: { duration: MOTION_MS } }),
    };
  }

  /* In CSS pixels of the slide; nothing while it is not displayed. */
  function sizeOf(canvas, deck) {
    const parent = canvas.parentElement;
    if (parent.matches(".qd-plot")) return [parent.clientWidth, parent.clientHeight];
    if (!sizes.has(canvas)) {
      sizes.set(canvas, ["width", "height"].map((name) => canvas.style[name] || canvas.getAttribute(name) || ""));
    }
    const pixels = (text, whole) => (/%$/.test(text) ? (parseFloat(text) / 100) * whole : parseFloat(text));
    const room = parent.clientWidth;
    const [width, height] = sizes.get(canvas);
    const wide = pixels(width, room) || room;
    const high = pixels(height, parent.clientHeight) || Math.min(wide / 2, deck.getConfig().height * 0.6);
    return [Math.round(wide), Math.round(high)];
  }

  function drop(canvas) {
    const chart = Chart.getChart(canvas);
    if (chart) chart.destroy();
  }

  function problem(canvas, error) {
    const box = document.createElement("aside");
    box.className = "qd-problem qd-chart-problem";
    const text = document.createElement("p");
    text.textContent = `${window.Quarterdeck.words.not_drawn}: ${error.message}`;
    box.append(text);
    canvas.after(box);
  }

  /* For who cannot see it; charts of fences have one already. */
  function describe(canvas, data) {
    if (canvas.firstElementChild) return;
    const table = document.createElement("table");
    const head = table.createTHead().insertRow();
    head.insertCell();
    data.datasets.forEach((set) => (head.insertCell().textContent = set.label || ""));
    (data.labels || []).forEach((label, at) => {
      const row = table.insertRow();
      row.insertCell().textContent = label;
      data.datasets.forEach((set) => (row.insertCell().textContent = JSON.stringify(set.data[at] ?? "")));
    });
    canvas.append(table);
    if (!canvas.hasAttribute("role")) canvas.setAttribute("role", "img");
    if (!canvas.hasAttribute("aria-label")) canvas.setAttribute("aria-label", window.Quarterdeck.words.chart);
  }

  function drawOne(canvas, deck) {
    const [width, height] = sizeOf(canvas, deck);
    if (!width || !height) return;
    const kind = canvas.dataset.chart;
    const text = written(canvas);
    const colours = palettes.at(canvas.parentElement);
    const key = JSON.stringify([kind, text, colours, width, height]);
    if (drawn.get(canvas) === key) return;
    drawn.set(canvas, key);
    drop(canvas);
    document.querySelectorAll(".qd-chart-problem").forEach((box) => box.previousElementSibling === canvas && box.remove());
    try {
      const { data, options: wanted } = understood(...text);
      describe(canvas, data);
      data.datasets = data.datasets.map((set, index) => coloured(set, index, set.type || kind, colours));
      defaults(colours);
      canvas.width = width;
      canvas.height = height;
      canvas.style.width = `${width}px`;
      canvas.style.height = `${height}px`;
      new Chart(canvas, { type: kind, data, options: options(wanted, deck) });
      if (deck.isReady() && deck.getConfig().center) deck.layout();
    } catch (error) {
      drop(canvas);
      problem(canvas, error);
    }
  }

  const plugin = {
    id: "quarterdeck-charts",
    draws: true,

    init(deck) {
      const slides = deck.getSlidesElement();
      const all = (root) => root.querySelectorAll("canvas[data-chart]").forEach((canvas) => drawOne(canvas, deck));
      const shown = () => {
        const everything = deck.isOverview() || deck.isScrollView() || palettes.onPaper();
        const current = deck.getCurrentSlide();
        if (everything) all(slides);
        else if (current) all(current);
      };
      const again = () => {
        slides.querySelectorAll("canvas[data-chart]").forEach((canvas) => drawn.has(canvas) && drawOne(canvas, deck));
        shown();
      };
      const print = deck.getConfig().view === "print" || new URLSearchParams(location.search).has("print-pdf");
      const laidOut = print ? new Promise((done) => deck.on("pdf-ready", done)) : Promise.resolve();
      plugin.refresh = () => again();
      plugin.settle = () => laidOut.then(shown);
      ["slidechanged", "overviewshown", "pdf-ready"].forEach((name) => deck.on(name, shown));
      palettes.onScheme(again);
    },
  };

  window.Quarterdeck.plugins.push(plugin);
})();
