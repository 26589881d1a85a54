// @ts-nocheck
/* What the presenter is told on the slide: a dot in the corner, a line for a while, the form for the code, and the panel of
   what the deck has made. Nothing here is meant for the back row. */
(function () {
  "use strict";

  const SAID_MS = 6000;
  const PARTS = ["containers", "networks", "volumes", "ports", "images"];

  const stage = window.QuarterdeckStage;
  const { make, say, words } = stage;
  const corner = make("div", "qd-corner");
  const said = make("span", "qd-said");
  const dot = make("span", "qd-dot");
  const panel = make("aside", "qd-panel");
  let before = null; // names that the panel knew
  let timer = 0;
  let form = null;

  said.setAttribute("role", "status");
  panel.hidden = true;
  corner.append(said, dot);

  /* A line that goes by itself; with `stays` it is there until the next one. */
  function tell(text, stays) {
    clearTimeout(timer);
    said.textContent = text;
    if (text && !stays) timer = setTimeout(() => tell(""), SAID_MS);
  }

  /* `kind`: "" for all is well, else away, recorded, warn. */
  function mark(kind, text) {
    dot.dataset.kind = kind;
    dot.title = text;
  }

  function askCode() {
    if (form) return;
    form = make("form", "qd-code-form");
    const field = make("input");
    const send = make("button", "", words.enter);
    field.setAttribute("aria-label", words.code);
    field.placeholder = words.code;
    field.autocomplete = "off";
    field.spellcheck = false;
    form.append(make("span", "", words.noCode), field, send);
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      send.disabled = true;
      const known = await stage.link.enter(field.value);
      send.disabled = false;
      if (!known) {
        field.value = "";
        tell(words.wrongCode);
      }
    });
    corner.prepend(form);
  }

  function dropCode() {
    if (form) form.remove();
    form = null;
  }

  /* A container says more than its name. */
  function lineOf(part, each) {
    const item = make("li");
    if (part !== "containers") {
      item.append(make("b", "", String(each)));
      return item;
    }
    item.dataset.running = each.running ? "yes" : "no";
    item.append(make("b", "", each.name), make("span", "", [each.image, each.status, each.ports].filter(Boolean).join(" · ")));
    return item;
  }

  function listOf(state, part) {
    const list = make("ul");
    for (const each of state[part] || []) {
      const name = `${part} ${each.name || each}`;
      const item = lineOf(part, each);
      if (before && !before.has(name)) item.classList.add("qd-fresh");
      list.append(item);
    }
    return list;
  }

  function names(state) {
    return new Set(PARTS.flatMap((part) => (state[part] || []).map((each) => `${part} ${each.name || each}`)));
  }

  function fill(target, state, engine) {
    target.replaceChildren(make("h2", "", words.panel));
    if (engine && engine.wanted && !engine.available) target.append(make("p", "", engine.what || words.noEngine));
    for (const part of PARTS) {
      const list = listOf(state || {}, part);
      if (!list.childNodes.length && part !== "containers") continue;
      target.append(make("h3", "", words[part]), list.childNodes.length ? list : make("p", "", words.nothing));
    }
  }

  stage.panel = {
    tell,
    mark,
    askCode,
    dropCode,

    show(state, engine) {
      fill(panel, state, engine);
      for (const other of document.querySelectorAll(".qd-desk-state")) fill(other, state, engine);
      before = state ? names(state) : before;
    },

    toggle() {
      panel.hidden = !panel.hidden;
      return !panel.hidden;
    },

    start() {
      (document.querySelector(".reveal-viewport") || document.body).append(panel, corner);
      if (stage.view === "speaker") document.body.append(corner);
    },

    making(text) {
      dot.classList.toggle("qd-busy", Boolean(text));
      tell(text, true);
    },
  };
})();
