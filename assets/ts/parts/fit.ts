// @ts-nocheck
/* Slides that were written for the smaller letters of another tool: what is too much for the room gets smaller, down to
   half. A reveal.js plugin; code has fitted itself before. */
(function () {
  "use strict";

  var SMALLEST = 0.5;
  var ROUNDS = 6;
  var STILL = 2; // px of the screen
  var LIFTED = 16; // px by which a heading stands above its room
  var fitted = new WeakSet();

  function inFlow(element) {
    return element.matches(":not(.qd-side, .qd-band, .notes, style, script)") &&
      !/absolute|fixed/.test(getComputedStyle(element).position);
  }

  /* How far what stands on the slide reaches below its room, in pixels of the screen. */
  function excess(section, blocks) {
    var box = section.getBoundingClientRect();
    var scale = box.height / section.offsetHeight || 1;
    var top = box.top + section.clientTop * scale;
    var room = section.clientHeight * scale;
    var first = Infinity;
    var last = -Infinity;
    blocks.forEach(function (block) {
      var place = block.getBoundingClientRect();
      if (!place.height) return;
      first = Math.min(first, place.top);
      last = Math.max(last, place.top + Math.max(place.height, block.scrollHeight * scale * zoomOf(block)));
    });
    return Math.max(last - top - room, last - first - room - LIFTED * scale);
  }

  function zoomOf(block) {
    return parseFloat(getComputedStyle(block).zoom) || 1;
  }

  function fit(section) {
    if (!section.clientHeight || fitted.has(section)) return;
    fitted.add(section);
    section.classList.remove("qd-fitted");
    var blocks = Array.prototype.filter.call(section.children, inFlow);
    if (excess(section, blocks) <= STILL) return;
    section.classList.add("qd-fitted");
    var low = SMALLEST;
    var high = 1;
    for (var round = 0; round < ROUNDS; round++) {
      var middle = (low + high) / 2;
      section.style.setProperty("--qd-fit", middle.toFixed(3));
      if (excess(section, blocks) > STILL) high = middle;
      else low = middle;
    }
    section.style.setProperty("--qd-fit", low.toFixed(3));
  }

  function all() {
    if (document.documentElement.classList.contains("qd-narrow")) return; // phones scroll
    document.querySelectorAll(".reveal .slides section.qd-slide[data-dialect]").forEach(fit);
  }

  var plugin = {
    id: "quarterdeck-fit",
    draws: true,
    refresh: function (section) {
      if (section) fitted.delete(section);
      else fitted = new WeakSet();
      all();
    },
    init: function (deck) {
      ["slidechanged", "pdf-ready", "overviewshown"].forEach(function (name) { deck.on(name, all); });
    },
  };
  window.Quarterdeck.plugins.push(plugin);
})();
