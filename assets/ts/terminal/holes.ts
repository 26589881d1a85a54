// @ts-nocheck
/* The places of captured values in commands: `<container-id>`. A reveal.js plugin.

   What stands in one is what its viewer typed, else what a live run has captured, else, in a terminal, what was
   recorded, else its name. A recorded value belongs to a machine that is gone, so it is never copied. */
(function () {
  "use strict";

  var HOLE = /<([A-Za-z][A-Za-z0-9]*(?:[-_][A-Za-z0-9]+)*)>/g;
  var NARROWEST = 6; // characters of the box
  var root = document.documentElement;
  var CONTROLS = /[\x00-\x1f\x7f-\x9f]/g;
  var own = named(); // by name
  var live = named();
  var box = null;
  var printed = false; // reveal.js' print view
  var storage = "";

  /* By any name, `constructor` too. */
  function named(values) {
    return Object.assign(Object.create(null), values);
  }

  function words() {
    return window.Quarterdeck.words;
  }

  function onPaper() {
    return printed || root.classList.contains("qd-paper");
  }

  function recall() {
    try {
      own = named(JSON.parse(sessionStorage.getItem(storage)));
    } catch (error) {
      own = named(); // storage is closed to this page, as it may be to a file
    }
  }

  function remember() {
    try {
      sessionStorage.setItem(storage, JSON.stringify(own));
    } catch (error) {
      return;
    }
  }

  /* A value that may go to somebody's shell, or nothing. */
  function value(name) {
    return own[name] || live[name] || "";
  }

  function placeholder(name) {
    return "<" + name + ">";
  }

  function show(hole) {
    var name = hole.dataset.hole;
    var known = onPaper() ? "" : value(name);
    var text = known || (onPaper() ? "" : hole.dataset.recorded) || placeholder(name);
    var from = onPaper() ? "" : own[name] ? "own" : live[name] ? "live" : text === hole.dataset.recorded ? "recorded" : "";
    hole.dataset.from = from;
    hole.title = words().own_value.replace("{name}", name);
    hole.setAttribute("aria-label", from ? name + ": " + text : hole.title);
    if (hole.textContent === text) return false;
    hole.textContent = text;
    return true;
  }

  /* Every hole as it is now; slides whose text changed are fitted anew. */
  function showAll(within) {
    var changed = new Set();
    (within || document).querySelectorAll(".qd-hole[data-hole]").forEach(function (hole) {
      if (show(hole)) changed.add(hole.closest("section"));
    });
    return changed;
  }

  function update() {
    showAll().forEach(function (section) {
      if (section) window.Quarterdeck.fit(section);
    });
  }

  /* The box in the place of a hole */

  function open(hole, byKey) {
    close(false);
    var name = hole.dataset.hole;
    var input = document.createElement("input");
    box = { hole: hole, input: input, byKey: byKey };
    input.className = "qd-hole-box";
    input.type = "text";
    input.value = value(name);
    input.placeholder = placeholder(name);
    input.spellcheck = false;
    input.autocomplete = "off";
    input.setAttribute("autocapitalize", "off");
    input.setAttribute("aria-label", words().own_value.replace("{name}", name));
    input.addEventListener("input", widen);
    input.addEventListener("keydown", function (event) {
      event.stopPropagation(); // no key of the deck's is meant
      if (event.isComposing) return;
      if (event.key === "Enter") close(true);
      else if (event.key === "Escape") close(false);
      else return;
      event.preventDefault();
    });
    input.addEventListener("blur", function () { close(true); });
    hole.hidden = true;
    hole.after(input);
    widen();
    input.focus({ preventScroll: true });
    input.select();
  }

  function widen() {
    var length = (box.input.value || box.input.placeholder).length;
    box.input.style.width = Math.max(length, NARROWEST) + 1 + "ch";
  }

  function close(keep) {
    if (!box) return;
    var shut = box;
    box = null; // taking the box away is a blur
    var typed = shut.input.value.replace(CONTROLS, "").trim();
    var name = shut.hole.dataset.hole;
    shut.input.remove();
    shut.hole.hidden = false;
    if (keep && typed !== (own[name] || live[name] || "")) {
      if (typed) own[name] = typed;
      else delete own[name];
      remember();
    }
    update();
    if (shut.byKey) shut.hole.focus({ preventScroll: true });
  }

  function holeOf(event) {
    var hole = event.target.closest && event.target.closest(".qd-hole[data-hole]");
    return hole && !hole.closest(".qd-play") ? hole : null;
  }

  function onClick(deck, event) {
    var hole = holeOf(event);
    if (!hole || deck.isOverview() || !document.getSelection().isCollapsed) return; // it is being marked to be copied
    event.preventDefault();
    open(hole, !event.detail);
  }

  function onKey(deck, event) {
    var hole = event.key === "Enter" && holeOf(event);
    if (!hole || deck.isOverview() || event.ctrlKey || event.altKey || event.metaKey) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    open(hole, true);
  }

  var plugin = {
    id: "quarterdeck-holes",
    draws: true,

    /* A text with the values that are known in the place of the names; all others stay. */
    fill: function (text, names) {
      return text.replace(HOLE, function (all, name) { return (names.includes(name) && value(name)) || all; });
    },

    /* What stands in the holes of an element, by name: for what is drawn and not copied. */
    shown: function (element) {
      var found = named();
      element.querySelectorAll(".qd-hole[data-hole]").forEach(function (hole) {
        found[hole.dataset.hole] = value(hole.dataset.hole) || hole.dataset.recorded || placeholder(hole.dataset.hole);
      });
      return found;
    },

    names: function (element) {
      return Object.keys(plugin.shown(element));
    },

    /* What a live run has captured; nothing where it is not known any more. */
    capture: function (name, found) {
      if (found) live[name] = found;
      else delete live[name];
      update();
    },

    /* All that live runs have captured, where the server is met again. */
    recall: function (values) {
      live = named(values);
      update();
    },

    refresh: function (section) {
      if (box && !box.input.isConnected) box = null; // its slide was replaced
      showAll(section);
    },

    init: function (deck) {
      storage = "quarterdeck-holes-" + window.Quarterdeck.settings.deck;
      printed = deck.isPrintView();
      recall();
      showAll();
      document.addEventListener("click", function (event) { onClick(deck, event); });
      window.addEventListener("keydown", function (event) { onKey(deck, event); }, true);
      deck.on("slidechanged", function () { close(true); });
    },
  };

  window.Quarterdeck.plugins.push(plugin);
  Object.assign((window.Quarterdeck.terminal ??= {}), { holes: plugin });
})();
