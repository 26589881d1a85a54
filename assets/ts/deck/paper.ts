// @ts-nocheck
/* The deck on paper: reveal.js' print view, and the browser's own "print" of a deck that is open. A reveal.js plugin. */
(function () {
  "use strict";

  var root = document.documentElement;
  var SLIDES = ".reveal .slides section.qd-slide";

  function each(selector, work) {
    document.querySelectorAll(selector).forEach(work);
  }

  /* Paper cannot be clicked: links to the net get a number, and their addresses stand at the foot of the slide. */
  function writeLinksOut() {
    each(SLIDES, function (section) {
      var list = document.createElement("ol");
      list.className = "qd-links";
      section.querySelectorAll('a[href^="http"]').forEach(function (link) {
        if (link.closest("aside.notes") || link.textContent.trim() === link.href) return;
        var entry = document.createElement("li");
        entry.textContent = link.href.replace(/^https?:\/\//, "").replace(/\/$/, "");
        list.append(entry);
        var mark = document.createElement("sup");
        mark.className = "qd-link-mark";
        mark.textContent = list.childElementCount;
        link.after(mark);
      });
      if (list.childElementCount) section.append(list);
    });
  }

  function takeLinksBack() {
    each(".qd-links, .qd-link-mark", function (part) { part.remove(); });
  }

  function footPages() {
    var footer = document.querySelector("body > .qd-footer");
    if (footer) each(".pdf-page", function (page) { page.append(footer.cloneNode(true)); });
  }

  /* reveal.js prints an open deck as running text, unless the page is marked as its print view; ours are pages. */
  function beforePrint(deck) {
    root.classList.add("qd-paper", "print-pdf");
    each(SLIDES, function (section) {
      var ground = section.slideBackgroundElement;
      var own = Object.keys(section.dataset).some(function (name) { return /^background/.test(name); });
      if (own && ground) section.style.background = getComputedStyle(ground).background;
    });
    each("img[loading]", function (image) { image.loading = "eager"; });
    writeLinksOut();
    window.Quarterdeck.refresh();
    deck.layout();
  }

  function afterPrint(deck) {
    root.classList.remove("qd-paper", "print-pdf");
    each(SLIDES, function (section) { section.style.removeProperty("background"); });
    takeLinksBack();
    window.Quarterdeck.refresh();
    deck.layout();
  }

  window.Quarterdeck.plugins.push({
    id: "quarterdeck-paper",

    init: function (deck) {
      var query = new URLSearchParams(location.search);
      if (query.has("print-pdf") || deck.getConfig().view === "print") {
        writeLinksOut();
        deck.on("pdf-ready", footPages);
        return;
      }
      window.addEventListener("beforeprint", function () { beforePrint(deck); });
      window.addEventListener("afterprint", function () { afterPrint(deck); });
    },
  });
})();
