// @ts-nocheck
/* The theme's colours and fonts as plain values, for what is drawn by others: diagrams and charts. */
(function () {
  "use strict";

  var NAMES = ["paper", "ink", "quiet", "surface", "line", "accent", "signal", "good", "bad"];
  var SERIES = [1, 2, 3, 4, 5, 6, 7, 8];
  var root = document.documentElement;
  var pixel = null;

  function onPaper() {
    return root.classList.contains("qd-paper") || root.classList.contains("reveal-print") || Reveal.isPrintView();
  }

  /* Any colour that CSS knows as #rrggbb. */
  function hex(colour, ground) {
    pixel = pixel || new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true });
    pixel.fillStyle = ground || "#fff";
    pixel.fillRect(0, 0, 1, 1);
    pixel.fillStyle = colour;
    pixel.fillRect(0, 0, 1, 1);
    return "#" + Array.prototype.slice.call(pixel.getImageData(0, 0, 1, 1).data, 0, 3).map(function (part) {
      return part.toString(16).padStart(2, "0");
    }).join("");
  }

  function luminance(colour) {
    var part = function (at) { return parseInt(colour.slice(at, at + 2), 16); };
    return (part(1) * 0.299 + part(3) * 0.587 + part(5) * 0.114) / 255;
  }

  /* As they are where the element stands: a slide may have a scheme of its own. */
  function at(element) {
    var probe = document.createElement("span");
    probe.style.cssText = "position:absolute;visibility:hidden";
    if (onPaper()) probe.style.colorScheme = "light";
    element.append(probe);
    var style = getComputedStyle(probe);
    var value = function (name) {
      probe.style.color = "var(--qd-" + name + ")";
      return hex(style.color);
    };
    var found = { series: SERIES.map(function (number) { return value("series-" + number); }) };
    NAMES.forEach(function (name) { found[name] = value(name); });
    probe.style.fontFamily = "var(--qd-font-text)";
    found.font = style.fontFamily;
    probe.style.fontSize = "var(--qd-size-caption)";
    found.caption = parseFloat(style.fontSize) || 24;
    found.dark = luminance(found.paper) < 0.5;
    probe.remove();
    return found;
  }

  /* Calls back when the room gets light or dark. */
  function onScheme(work) {
    new MutationObserver(work).observe(root, { attributes: true, attributeFilter: ["data-scheme"] });
    window.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", work);
  }

  function mixed(colour, other, part) {
    return "#" + [1, 3, 5].map(function (at) {
      var both = [colour, other].map(function (each) { return parseInt(each.slice(at, at + 2), 16); });
      return Math.round(both[0] * part + both[1] * (1 - part)).toString(16).padStart(2, "0");
    }).join("");
  }

  window.QuarterdeckPalette = { at: at, mixed: mixed, onPaper: onPaper, onScheme: onScheme };
})();
