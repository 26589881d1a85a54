// @ts-nocheck
/* Starts the deck: reads the page's settings, hands them to reveal.js, and says when everything stands.
   Scripts that come after this one may push reveal.js plugins onto `Quarterdeck.plugins`. */
(function () {
  "use strict";

  var NARROW = 435; // px: reveal.js turns to its scroll view at this width
  var NARROW_CANVAS = 780;
  var root = document.documentElement;
  var settings = JSON.parse(document.getElementById("qd-config").textContent);
  var query = new URLSearchParams(location.search);
  var options = settings.reveal || {};
  var stage = { width: options.width || 1600, height: options.height || 900 };
  var onPaper = query.has("print-pdf") || query.get("view") === "print" || options.view === "print";

  var ENGLISH = { copy: "Copy", copied: "Copied", keys: "Keys", key_help: "This list", key_scheme: "Light or dark" };

  function ready(work) {
    if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", work);
    else work();
  }

  /* A phone held upright gets a canvas of its own shape: text stays readable, columns become rows. */
  function canvas() {
    var narrow = !onPaper && window.innerWidth <= NARROW;
    root.classList.toggle("qd-narrow", narrow);
    if (!narrow) return stage;
    return { width: NARROW_CANVAS, height: Math.round((NARROW_CANVAS * window.innerHeight) / window.innerWidth) };
  }

  function onResize() {
    var was = root.classList.contains("qd-narrow");
    var size = canvas();
    var is = root.classList.contains("qd-narrow");
    var now = Reveal.getConfig();
    if (is === was && (!is || now.height === size.height)) return;
    Reveal.configure(size);
    refresh();
  }

  /* What draws comes before what measures. */
  function inOrder() {
    return Quarterdeck.plugins.slice().sort(function (one, other) { return Boolean(other.draws) - Boolean(one.draws); });
  }

  /* What the plugins of ours answer that have such a method. */
  function ask(method, section) {
    return inOrder().map(function (plugin) { return plugin[method] && plugin[method](section); });
  }

  function refresh(section) {
    ask("refresh", section);
  }

  /* Every face that some slide needs, before anyone turns to that slide. */
  function loadFonts() {
    var text = document.querySelector(".reveal .slides").textContent;
    var style = getComputedStyle(root);
    var loads = ["text", "head", "code"].map(function (role) {
      var family = style.getPropertyValue("--qd-font-" + role);
      return family ? document.fonts.load("400 36px " + family, text) : null;
    });
    return Promise.all(loads).then(function () { return document.fonts.ready; }).catch(function () {});
  }

  function start() {
    var own = inOrder();
    var search = own.some(function (plugin) { return plugin.id === "search"; }) ? null : window.RevealSearch;
    var plugins = [window.RevealNotes, search, window.RevealZoom].filter(Boolean).concat(own);
    var calm = window.matchMedia("(prefers-reduced-motion: reduce)").matches
      ? { transition: "none", backgroundTransition: "none", autoAnimate: false } : {};
    // the speaker's window moves its two copies of the deck with messages; no other page may move a deck
    var copy = query.has("receiver") ? { postMessage: true } : {};
    var shown = Reveal.initialize(Object.assign({}, options, canvas(), calm, copy, { plugins: plugins }));
    window.addEventListener("resize", onResize);
    return Promise.all([shown, loadFonts()]).then(function () {
      window.dispatchEvent(new Event("resize")); // r-fit-text measured itself with the fonts of the moment
      refresh();
      return Promise.all(ask("settle")); // what the slide on the screen waits for
    }).then(function () {
      root.classList.add("qd-ready");
      return Reveal;
    });
  }

  var Quarterdeck = window.Quarterdeck = {
    plugins: [],
    reveal: window.Reveal,
    words: Object.assign({}, ENGLISH, settings.words),
    settings: settings,
    /* After the page's slides were changed from outside: `section` is the slide that changed, or nothing for all. */
    refresh: function (section) {
      if (section) Reveal.syncSlide(section);
      refresh(section);
    },
    ready: new Promise(function (resolve) { ready(function () { resolve(start()); }); }),
  };
})();
