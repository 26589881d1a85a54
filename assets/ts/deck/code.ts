// @ts-nocheck
import { linesOf } from "./lines";
/* Code on stage: line steps, blocks that fit their slide, copying. A reveal.js plugin; it keeps no reference to a slide,
   since the author's server replaces slides while the page is open. */
(function () {
  "use strict";

  var SIZES = [1, 0.93, 0.87, 0.8]; // of the theme's code size: 30 px becomes 24, the least that the back row reads
  var BELOW = 14; // px under the last whole line of a block that scrolls
  var COPIED_MS = 1600;
  var fitted = new WeakSet();

  /* The step that stands is the last visible one in the order in which reveal.js shows them. */
  function currentLines(figure) {
    var lines = figure.dataset.lines;
    var best = -1;
    figure.querySelectorAll(".qd-step.visible").forEach(function (step) {
      var index = Number(step.dataset.fragmentIndex || 0);
      if (index >= best) {
        best = index;
        lines = step.dataset.lines;
      }
    });
    return lines;
  }

  function light(figure, everything) {
    var shown = everything ? null : linesOf(currentLines(figure));
    var first = null;
    figure.querySelectorAll(".qd-line").forEach(function (line, index) {
      var lit = shown !== null && shown(index + 1);
      line.classList.toggle("qd-lit", lit);
      if (lit && !first) first = line;
    });
    figure.classList.toggle("qd-focused", first !== null);
    if (first) reveal(first);
  }

  /* A block that is taller than its room scrolls to the lines that are lit. */
  function reveal(line) {
    var pre = line.closest("pre");
    if (pre.scrollHeight <= pre.clientHeight) return;
    pre.scrollTop = line.offsetTop - pre.offsetTop - pre.clientHeight / 4;
  }

  function stepped(root) {
    return Array.prototype.filter.call(root.querySelectorAll(".qd-snippet"), function (figure) {
      return figure.dataset.lines || figure.querySelector(".qd-step");
    });
  }

  function overflows(section, block) {
    return block.scrollWidth > block.clientWidth + 1 ||
      block.scrollHeight > block.clientHeight + 1 ||
      section.scrollHeight > section.clientHeight + 1;
  }

  /* Whether a terminal would fold lines in this size that it did not fold when it ran. */
  function folds(block) {
    if (!block.classList.contains("qd-screen")) return false;
    block.classList.add("qd-unfolded");
    var wide = block.scrollWidth > block.clientWidth + 1;
    block.classList.remove("qd-unfolded");
    return wide;
  }

  function resize(block, sizes, i) {
    block.style.setProperty("--qd-size-code", sizes[i] + "px");
    block.style.setProperty("--qd-code-leading", i < 2 ? 1.5 : 1.38); // small and many lines stand closer
  }

  /* True when the block is as wide as its longest line at one of the sizes; height that cannot be had is scrolled. */
  function shrink(section, block, sizes) {
    block.style.maxHeight = "";
    resize(block, sizes, sizes.length - 1);
    var folded = folds(block); // in any size: then it may as well be large
    for (var i = 0; i < sizes.length; i++) {
      resize(block, sizes, i);
      if (!overflows(section, block) && (folded || !folds(block))) return true;
    }
    return block.scrollWidth <= block.clientWidth + 1;
  }

  /* A block that scrolls ends with a whole line. */
  function trim(block) {
    var more = block.scrollHeight > block.clientHeight + 1;
    block.classList.toggle("qd-more", more);
    if (!more) return;
    var style = getComputedStyle(block);
    var line = parseFloat(style.lineHeight);
    var around = block.offsetHeight - block.clientHeight + parseFloat(style.paddingTop) + BELOW;
    var lines = Math.floor((block.offsetHeight - around) / line);
    if (lines > 0) block.style.maxHeight = around + lines * line + "px";
  }

  /* Code beside words that is too wide at full size gets the wider part, before it gets smaller. */
  function lean(columns, size) {
    var blocks = columns.querySelectorAll(".qd-code, .qd-screen");
    var holders = columns.querySelectorAll(".qd-col:has(> :is(.qd-snippet, .qd-terminal))");
    if (holders.length !== 1 || !columns.closest('[data-layout="split"]')) return;
    blocks.forEach(function (block) {
      block.style.setProperty("--qd-size-code", size + "px");
      if (block.scrollWidth > block.clientWidth + 1 || folds(block)) columns.classList.add("qd-lean");
    });
  }

  /* Sizes of one slide's blocks, from measured room. Slides that are not displayed have none and come again later. */
  function fit(section) {
    if (fitted.has(section) || !section.offsetWidth) return;
    fitted.add(section);
    var full = parseFloat(getComputedStyle(document.documentElement).getPropertyValue("--qd-size-code")) || 30;
    var sizes = SIZES.map(function (part) { return Math.round(full * part); });
    section.classList.remove("qd-many");
    section.classList.toggle("qd-many", section.dataset.layout === "bullets" && section.scrollHeight > section.clientHeight + 1);
    section.querySelectorAll(".qd-cols").forEach(function (columns) {
      columns.classList.remove("qd-stacked", "qd-lean");
      lean(columns, sizes[0]);
    });
    section.querySelectorAll(".qd-code, .qd-screen").forEach(function (block) {
      if (shrink(section, block, sizes)) return;
      var columns = block.closest('.qd-slide[data-layout="code-terminal"] > .qd-cols');
      if (columns) columns.classList.add("qd-stacked");
    });
    section.querySelectorAll(".qd-stacked :is(.qd-code, .qd-screen)").forEach(function (block) {
      shrink(section, block, sizes);
    });
    section.querySelectorAll(".qd-code, .qd-screen").forEach(trim);
  }

  /* What a reader wants to paste: no prompts, no output. */
  function copyText(figure) {
    var lines = [];
    figure.querySelectorAll(".qd-line:not(.qd-output)").forEach(function (line) {
      var bare = line.cloneNode(true);
      var prompt = line.querySelector(".gp");
      bare.querySelectorAll(".gp, .go").forEach(function (part) { part.remove(); });
      bare.querySelectorAll(".qd-hole").forEach(function (hole) {
        var name = hole.dataset.hole;
        hole.textContent = window.Quarterdeck.terminal.holes.fill("<" + name + ">", [name]);
      });
      var text = bare.textContent.replace(/\n$/, "");
      if (!text.trim() && line.querySelector(".go")) return;
      lines.push(prompt && !/\s$/.test(prompt.textContent) ? text.replace(/^ /, "") : text);
    });
    return lines.join("\n") + "\n";
  }

  function copyByHand(text) {
    var area = document.createElement("textarea");
    area.value = text;
    area.style.cssText = "position:fixed;top:0;opacity:0";
    document.body.append(area);
    area.select();
    var done = document.execCommand("copy");
    area.remove();
    return done ? Promise.resolve() : Promise.reject(new Error("the browser does not let the page copy"));
  }

  function copy(text) {
    if (!navigator.clipboard) return copyByHand(text); // not a secure context, as on another machine of the room
    return navigator.clipboard.writeText(text).catch(function () { return copyByHand(text); });
  }

  /* Copies, and the button says so for a while. */
  function copyFrom(button, text) {
    var words = window.Quarterdeck.words;
    copy(text).then(function () {
      button.dataset.copied = "";
      button.textContent = words.copied;
      setTimeout(function () {
        delete button.dataset.copied;
        button.textContent = words.copy;
      }, COPIED_MS);
    }, function () {});
  }

  function onClick(event) {
    var button = event.target.closest && event.target.closest(".qd-copy");
    if (button) copyFrom(button, copyText(button.closest(".qd-snippet")));
  }

  var plugin = {
    id: "quarterdeck-code",

    init: function (deck) {
      var paper = function () {
        return document.documentElement.classList.contains("qd-paper") ||
          (deck.isPrintView() && !deck.getConfig().pdfSeparateFragments);
      };

      plugin.sync = function (root) {
        stepped(root).forEach(function (figure) { light(figure, paper()); });
      };
      plugin.fit = function () {
        document.querySelectorAll(".reveal .slides section.qd-slide").forEach(fit);
      };
      plugin.refresh = function (section) {
        if (section) fitted.delete(section);
        else fitted = new WeakSet();
        plugin.fit();
        plugin.sync(section || document);
      };

      deck.on("slidechanged", function (event) {
        plugin.fit();
        plugin.sync(event.currentSlide);
      });
      ["fragmentshown", "fragmenthidden"].forEach(function (name) {
        deck.on(name, function (event) { plugin.sync(event.fragment.closest("section")); });
      });
      ["overviewshown", "overviewhidden", "pdf-ready", "ready"].forEach(function (name) {
        deck.on(name, function () {
          plugin.fit();
          plugin.sync(document);
        });
      });
      document.addEventListener("click", onClick);
    },
  };

  window.Quarterdeck.plugins.push(plugin);
  window.Quarterdeck.fit = function (section) { plugin.refresh(section); };
  window.Quarterdeck.copy = copyFrom;
})();
