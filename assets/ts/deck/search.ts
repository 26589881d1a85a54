// @ts-nocheck
/* Finding words in the slides: Ctrl + Shift + F. Stands in for reveal.js' own search, which unwraps every <em> of the
   deck when it tidies up. Accents and case do not count; what is found is painted, not wrapped. A reveal.js plugin. */
(function () {
  "use strict";

  var PAINT = "qd-found";
  var painting = typeof Highlight === "function" && window.CSS && CSS.highlights;
  var box = null;
  var hits = [];
  var at = -1;
  var asked = "";

  function fold(text) {
    return text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
  }

  /* The slide's text, folded, with the place in the page of each of its characters. */
  function textOf(section) {
    var walker = document.createTreeWalker(section, NodeFilter.SHOW_TEXT, function (node) {
      return node.parentElement.closest("aside.notes, script, style, button") ? NodeFilter.FILTER_REJECT : NodeFilter.FILTER_ACCEPT;
    });
    var folded = "";
    var places = [];
    while (walker.nextNode()) {
      var node = walker.currentNode;
      for (var offset = 0; offset < node.data.length; offset++) {
        var characters = fold(node.data[offset]);
        for (var i = 0; i < characters.length; i++) places.push([node, offset]);
        folded += characters;
      }
    }
    return { folded: folded, places: places };
  }

  function find(deck, words) {
    var wanted = fold(words.trim());
    if (!wanted) return [];
    var found = [];
    deck.getSlides().forEach(function (section) {
      var text = textOf(section);
      for (var from = text.folded.indexOf(wanted); from >= 0; from = text.folded.indexOf(wanted, from + wanted.length)) {
        var range = document.createRange();
        var last = text.places[from + wanted.length - 1];
        range.setStart(text.places[from][0], text.places[from][1]);
        range.setEnd(last[0], last[1] + 1);
        found.push({ section: section, range: range });
      }
    });
    return found;
  }

  function paint() {
    if (!painting) return;
    if (hits.length) CSS.highlights.set(PAINT, new Highlight(...hits.map(function (hit) { return hit.range; })));
    else CSS.highlights.delete(PAINT);
  }

  /* To a hit's slide, with the fragments that it needs to be seen. */
  function show(deck, hit) {
    var place = deck.getIndices(hit.section);
    var fragment = hit.range.startContainer.parentElement.closest(".fragment");
    deck.slide(place.h, place.v, fragment ? Number(fragment.dataset.fragmentIndex) : undefined);
  }

  function step(deck, words, direction) {
    if (words !== asked || !hits.length) {
      asked = words;
      hits = find(deck, words);
      at = direction > 0 ? -1 : 0;
      paint();
    }
    if (hits.length) {
      at = (at + direction + hits.length) % hits.length;
      show(deck, hits[at]);
    }
    box.lastElementChild.textContent = words ? (hits.length ? at + 1 : 0) + " / " + hits.length : "";
  }

  function close(deck) {
    if (box) box.remove();
    box = null;
    hits = [];
    asked = "";
    paint();
    deck.getRevealElement().focus();
  }

  function open(deck) {
    var words = window.Quarterdeck.words;
    var field = document.createElement("input");
    field.type = "search";
    field.placeholder = words.key_search || "Search the slides";
    field.setAttribute("aria-label", field.placeholder);
    field.addEventListener("keydown", function (event) {
      event.stopPropagation();
      if (event.key === "Enter") step(deck, field.value, event.shiftKey ? -1 : 1);
      else if (event.key === "Escape") close(deck);
      else if (isToggle(event)) toggle(deck, event);
    });
    box = document.createElement("div");
    box.className = "qd-find";
    box.append(field, document.createElement("output"));
    document.body.append(box);
    field.focus();
  }

  function isToggle(event) {
    return event.key.toLowerCase() === "f" && event.shiftKey && (event.ctrlKey || event.metaKey);
  }

  function toggle(deck, event) {
    event.preventDefault();
    if (box) close(deck);
    else open(deck);
  }

  window.Quarterdeck.plugins.push({
    id: "search",

    init: function (deck) {
      document.addEventListener("keydown", function (event) {
        if (event.key && isToggle(event)) toggle(deck, event);
      });
    },
  });
})();
