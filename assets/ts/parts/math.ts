// @ts-nocheck
/* Draws formulas with KaTeX before the deck starts, so that everything after it measures what the audience sees. One that
   KaTeX does not understand stays as its source, with a mark. A reveal.js plugin. */
(function () {
  "use strict";

  var SMALLEST = 0.4; // of its size, for a formula that is too wide for its slide
  var FACES = ["Main", "Math", "AMS", "Size1", "Size2", "Size3", "Size4"];
  var macros = {}; // \newcommand of one formula counts for the next ones
  var fitted = new WeakSet();

  function draw(element) {
    if (element.firstElementChild) return; // the author's source has none
    var source = element.textContent.trim();
    var display = source.slice(0, 2) === "$$";
    var formula = display ? source.slice(2, -2) : source.slice(1, -1);
    try {
      render(formula, element, { displayMode: display, strict: "ignore", macros: macros, globalGroup: true });
    } catch (error) {
      element.replaceChildren(mistake(source, error));
    }
    fitted.delete(element);
  }

  /* As authors know it from TeX on the web, a definition may be made again, by another formula or by the same one. */
  function render(formula, element, options) {
    for (;;) {
      try {
        katex.render(formula, element, options);
        return;
      } catch (error) {
        var name = /attempting to redefine (\\[A-Za-z]+)/.exec(error.message);
        var again = name && formula.replace(new RegExp("\\\\newcommand(\\*?\\s*\\{?\\" + name[1] + "(?![A-Za-z]))"), "\\renewcommand$1");
        if (!again || again === formula) throw error;
        formula = again;
      }
    }
  }

  function mistake(source, error) {
    var code = document.createElement("code");
    code.className = "qd-wrong";
    code.textContent = source;
    code.title = String(error.message).replace(/^KaTeX parse error: /, "");
    return code;
  }

  /* A formula is never broken into lines: one that is too wide gets smaller. */
  function fit(element) {
    var room = element.clientWidth;
    if (!room || fitted.has(element)) return;
    fitted.add(element);
    element.style.removeProperty("font-size");
    var drawn = element.querySelector(".katex-html");
    if (!drawn) return;
    var width = drawn.scrollWidth;
    if (width <= room) return;
    element.style.fontSize = Math.max(SMALLEST, Math.floor((room / width) * 100) / 100) + "em";
  }

  /* Faces that stand on some slide, before anyone turns to it. */
  function loadFaces() {
    var loads = [];
    document.fonts.forEach(function (face) {
      var name = face.family.replace(/["']/g, "");
      if (FACES.some(function (each) { return name === "KaTeX_" + each; })) loads.push(face.load());
    });
    return Promise.all(loads).catch(function () {});
  }

  function each(root, selector, work) {
    root.querySelectorAll(selector).forEach(work);
  }

  var plugin = {
    id: "quarterdeck-math",
    draws: true,

    init: function (deck) {
      each(document, ".qd-math", draw);
      function fitAll() { each(document, ".reveal .qd-math.qd-display", fit); }
      plugin.refresh = function (section) {
        each(section || document, ".qd-math", draw);
        if (!section) fitted = new WeakSet();
        fitAll();
      };
      ["ready", "slidechanged", "overviewshown", "pdf-ready"].forEach(function (name) { deck.on(name, fitAll); });
      return loadFaces();
    },
  };

  window.Quarterdeck.plugins.push(plugin);
})();
