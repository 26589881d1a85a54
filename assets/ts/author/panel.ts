// @ts-nocheck
/* What the author's server says in the page: mistakes over the deck, a mark when the server is gone, short answers.
   It has a shadow tree of its own, so that no theme changes it and it changes no theme. Knows nothing of the server. */
(function () {
  "use strict";

  const TOAST_MS = 3500;
  const AWAKE_MS = 2500; // how long the mark stays after the pointer moved
  const WORDS = {
    en: {
      close: "Close",
      editor: "Press E to open this slide in your editor",
      errors: ["1 error", "{n} errors"],
      follow: "Go to the slide that is edited",
      gone: "This talk is gone; what you see is its last state",
      live: "Live",
      lost: "The server has stopped",
      open: "Open in the editor",
      opened: "Opened {place}",
      copied: "No editor to open here; copied {place}",
      uncopied: "No editor to open here: {place}",
      warnings: ["1 warning", "{n} warnings"],
      edit: "Edit this slide",
    },
    fr: {
      close: "Fermer",
      editor: "La touche E ouvre cette diapositive dans votre éditeur",
      errors: ["1 erreur", "{n} erreurs"],
      follow: "Aller à la diapositive modifiée",
      gone: "Cette présentation a disparu ; voici son dernier état",
      live: "En direct",
      lost: "Le serveur s’est arrêté",
      open: "Ouvrir dans l’éditeur",
      opened: "{place} ouvert",
      copied: "Aucun éditeur à ouvrir ici ; {place} copié",
      uncopied: "Aucun éditeur à ouvrir ici : {place}",
      warnings: ["1 avertissement", "{n} avertissements"],
      edit: "Modifier cette diapositive",
    },
  };

  const live = (window.QuarterdeckLive = window.QuarterdeckLive || {});
  const words = { ...WORDS.en, ...WORDS[document.documentElement.lang.toLowerCase().split("-")[0]] };
  const told = { findings: [], trouble: null, lost: false, gone: false };
  const acts = { open() {}, follow() {} };
  let parts = null;

  function element(name, { text, children = [], ...rest } = {}) {
    const made = document.createElement(name);
    for (const [key, value] of Object.entries(rest)) {
      if (key.startsWith("on")) made.addEventListener(key.slice(2), value);
      else made.setAttribute(key, value);
    }
    if (text !== undefined) made.textContent = text;
    made.append(...children);
    return made;
  }

  function count(forms, n) {
    return (n === 1 ? forms[0] : forms[1]).replace("{n}", n);
  }

  function build() {
    const host = element("div", { id: "qd-live" });
    const shadow = host.attachShadow({ mode: "open" });
    const follow = element("input", { type: "checkbox", onchange: () => acts.follow(follow.checked) });
    const list = element("ol");
    const sheet = element("section", {
      class: "sheet",
      hidden: "",
      children: [
        element("button", { class: "close", type: "button", title: `${words.close} (Esc)`, text: "×", onclick: () => show(false) }),
        list,
        element("footer", {
          children: [
            element("label", { children: [follow, ` ${words.follow}`] }),
            element("span", { class: "hint", text: words.editor }),
          ],
        }),
      ],
    });
    const mark = element("button", { class: "mark", type: "button", onclick: () => show(sheet.hidden) });
    const toast = element("p", { class: "toast", role: "status", hidden: "" });
    shadow.append(element("link", { rel: "stylesheet", href: "/-/live-panel.css" }), sheet, mark, toast);
    document.body.append(host);
    host.addEventListener("keydown", (event) => event.key !== "Escape" && event.stopPropagation());
    window.addEventListener("keydown", onKey, true);
    document.addEventListener("click", (event) => event.composedPath().includes(host) || show(false));
    document.addEventListener("pointermove", wake, { passive: true });
    return { follow, list, sheet, mark, toast };
  }

  function onKey(event) {
    if (event.key !== "Escape" || parts.sheet.hidden) return;
    event.preventDefault();
    event.stopPropagation(); // reveal.js would open the overview
    show(false);
  }

  function wake() {
    parts.mark.dataset.awake = "";
    clearTimeout(parts.sleep);
    parts.sleep = setTimeout(() => delete parts.mark.dataset.awake, AWAKE_MS);
  }

  function show(open) {
    parts.sheet.hidden = !open;
  }

  function entry(finding) {
    const place = `${finding.file}:${finding.line}:${finding.col}`;
    const children = [
      element("button", {
        class: "place",
        type: "button",
        title: words.open,
        text: place,
        onclick: () => acts.open(finding.file, finding.line),
      }),
      element("span", { class: "code", text: `${finding.severity}[${finding.code}]` }),
      element("p", { class: "message", text: finding.message }),
    ];
    if (finding.source) {
      children.push(element("pre", { children: [finding.source, "\n", element("b", { text: finding.mark })] }));
    }
    if (finding.hint) children.push(element("p", { class: "hint", text: finding.hint }));
    return element("li", { class: finding.severity, children });
  }

  function draw() {
    const errors = told.findings.filter((finding) => finding.severity === "error");
    const warnings = told.findings.filter((finding) => finding.severity !== "error");
    const lead = told.trouble || (told.gone ? { what: words.gone, fix: "" } : null);
    const entries = [...errors, ...warnings].map(entry);
    if (lead) {
      const children = [element("p", { class: "message", text: lead.what }), element("p", { class: "hint", text: lead.fix })];
      entries.unshift(element("li", { class: "error", children }));
    }
    parts.list.replaceChildren(...entries);
    const said = [
      told.lost ? words.lost : "",
      errors.length || lead ? count(words.errors, errors.length + (lead ? 1 : 0)) : "",
      warnings.length ? count(words.warnings, warnings.length) : "",
    ].filter(Boolean);
    parts.mark.textContent = said.join(" · ") || words.live;
    parts.mark.dataset.state = told.lost ? "lost" : errors.length || lead ? "error" : warnings.length ? "warning" : "well";
    return errors.length > 0 || Boolean(lead);
  }

  const panel = {
    words,

    /* `open(file, line)` is called when a finding is clicked, `follow(wanted)` when the author ticks the box. */
    start({ open, follow }) {
      Object.assign(acts, { open, follow });
      parts = parts || build();
      draw();
    },

    /* What a build found. Errors come back with every save until they are mended. */
    tell({ findings, trouble, gone, follow }) {
      Object.assign(told, { findings, trouble, gone });
      parts.follow.checked = follow;
      show(draw() || (!parts.sheet.hidden && findings.length > 0));
    },

    lost(lost) {
      if (told.lost === lost) return;
      told.lost = lost;
      draw();
    },

    toast(text, place) {
      parts.toast.textContent = text.replace("{place}", place);
      parts.toast.hidden = false;
      clearTimeout(parts.hide);
      parts.hide = setTimeout(() => (parts.toast.hidden = true), TOAST_MS);
    },
  };
  live.panel = panel;
})();
