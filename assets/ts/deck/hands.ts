// @ts-nocheck
/* The speaker's hands: the scheme key, the list of keys, arrows for fingers. A reveal.js plugin. */
(function () {
  "use strict";

  var STORE = "quarterdeck-scheme";
  var KEY_C = 67;
  var root = document.documentElement;
  var schemes = true; // whether the theme has two
  var darkRoom = window.matchMedia("(prefers-color-scheme: dark)");
  var wanted = talkScheme();

  /* What the talk asks for; the page's attribute may already say what this reader chose last time. */
  function talkScheme() {
    var config = document.getElementById("qd-config");
    return (config && JSON.parse(config.textContent).scheme) || "auto";
  }

  function remembered() {
    try {
      return localStorage.getItem(STORE);
    } catch (error) {
      return null; // storage is closed to this page; the key still works until it is left
    }
  }

  function remember(scheme) {
    try {
      if (scheme) localStorage.setItem(STORE, scheme);
      else localStorage.removeItem(STORE);
    } catch (error) {
      return;
    }
  }

  function standing(scheme) {
    return scheme === "auto" ? (darkRoom.matches ? "dark" : "light") : scheme;
  }

  /* Going back to what the talk asks for forgets the choice, so that the deck follows the room again. */
  function toggle() {
    var next = standing(root.dataset.scheme || "auto") === "dark" ? "light" : "dark";
    var own = standing(wanted) === next;
    root.dataset.scheme = own ? wanted : next;
    remember(own ? null : next);
  }

  function recall() {
    var scheme = remembered();
    root.dataset.scheme = scheme === "light" || scheme === "dark" ? scheme : wanted;
  }

  /* reveal.js' own themes have one scheme each; our markup takes the one that their background says. */
  function bridged() {
    if (!getComputedStyle(root).getPropertyValue("--qd-bridge")) return false;
    var colour = getComputedStyle(document.body).backgroundColor.match(/[\d.]+/g) || [255, 255, 255];
    root.dataset.scheme = colour[0] * 0.299 + colour[1] * 0.587 + colour[2] * 0.114 < 128 ? "dark" : "light";
    return true;
  }

  function element(name, text) {
    var made = document.createElement(name);
    if (text) made.textContent = text;
    return made;
  }

  var KEYS = [
    ["key_next", ["→", "Space", "N"]],
    ["key_previous", ["←", "P"]],
    ["key_arrows", ["←", "↑", "↓", "→"]],
    ["key_skip", ["Alt", "+", "→"]],
    ["key_first_last", ["Home", "End"]],
    ["key_goto", ["G"]],
    ["key_overview", ["O"]],
    ["key_speaker", ["S"]],
    ["key_pause", ["B"]],
    ["key_fullscreen", ["F"]],
    ["key_scheme", ["C"]],
    ["key_search", ["Ctrl", "+", "Shift", "+", "F"]],
    ["key_zoom", ["Alt"]],
    ["key_help", ["?"]],
  ];

  /* What reveal.js and its plugins list of their own accord, in English; the rows above stand for these. */
  var REPLACED = /^(Next slide|Previous slide|Navigate |Jump to |Pause$|Fullscreen$|Slide overview|Speaker notes view|Search$)/;

  function row(keys, action) {
    var made = element("div");
    var caps = element("dt");
    keys.forEach(function (key) {
      caps.append(element(key === "+" ? "span" : "kbd", (key === "Space" && window.Quarterdeck.words.space) || key));
    });
    made.append(caps, element("dd", action));
    return made;
  }

  /* reveal.js writes its list of keys in English; the page's language takes its place, and keys of other scripts stay. */
  function rewriteHelp() {
    var content = document.querySelector(".r-overlay-help-content");
    if (!content) return;
    var words = window.Quarterdeck.words;
    var list = element("dl");
    list.className = "qd-keys";
    KEYS.forEach(function (entry) {
      if (words[entry[0]] && (entry[0] !== "key_scheme" || schemes)) list.append(row(entry[1], words[entry[0]]));
    });
    content.querySelectorAll("tr").forEach(function (found) {
      if (!found.querySelector("td")) return;
      var action = found.cells[1].textContent.trim();
      if (action && !REPLACED.test(action)) list.append(row([found.cells[0].textContent.trim()], action));
    });
    var title = element("p", words.keys);
    title.className = "title";
    content.replaceChildren(title, list);
    var close = document.querySelector(".r-overlay-help .r-overlay-close");
    if (close && words.close) close.setAttribute("aria-label", words.close);
  }

  /* `#name` is the slide that holds the element of that name, as without scripts. */
  function follow(event) {
    var link = event.target.closest && event.target.closest('a[href^="#"]:not([href^="#/"])');
    if (!link || event.defaultPrevented || event.ctrlKey || event.metaKey || event.shiftKey) return;
    var name = link.hash.slice(1);
    try {
      name = decodeURIComponent(name);
    } catch (error) {
      // a per cent sign of its own
    }
    var target = document.getElementById(name);
    var section = target && target.closest(".reveal .slides section");
    if (!section) return;
    var at = window.Reveal.getIndices(section);
    event.preventDefault();
    window.Reveal.slide(at.h, at.v);
  }

  recall();
  document.addEventListener("click", follow);

  window.Quarterdeck.plugins.push({
    id: "quarterdeck-stage",

    init: function (deck) {
      schemes = !bridged();
      if (schemes) {
        deck.addKeyBinding(KEY_C, function () {
          if (deck.isOverlayOpen()) deck.closeOverlay();
          else toggle();
        });
        window.addEventListener("storage", function (event) {
          if (event.key === STORE) recall(); // the speaker's window follows the stage and the other way round
        });
      }
      deck.on("showhelp", rewriteHelp);

      // reveal.js knows where "?" is on an American keyboard; this knows what was typed
      window.addEventListener("keydown", function (event) {
        if (event.key !== "?" || event.ctrlKey || event.altKey || event.metaKey) return;
        if (/^(input|textarea|select)$/i.test(event.target.tagName) || event.target.isContentEditable) return;
        event.preventDefault();
        event.stopImmediatePropagation();
        deck.toggleHelp();
      }, true);

      window.addEventListener("touchstart", function () {
        root.classList.add("qd-touch");
      }, { once: true, passive: true });
    },
  });
})();
