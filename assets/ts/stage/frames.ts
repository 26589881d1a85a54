// @ts-nocheck
/* Pages of what runs, in the boxes of their stills: once one answers it takes its still's place, and leaves it when what
   serves it is gone. It is of another site than the deck, sandboxed, and cannot reach it; only the keys can be lost to it,
   and a click outside, or the button in its bar, gives them back. */
(function () {
  "use strict";

  const SIZE = [640, 400]; // of the page, as in its picture
  const SANDBOX = "allow-scripts allow-forms";
  const SVG = "http://www.w3.org/2000/svg";
  const DRAWINGS = {
    reload: "M12 5V1l5 5-5 5V7a5 5 0 1 0 5 5h2a7 7 0 1 1-7-7z",
    openPage: "M14 3h7v7h-2V6.4l-8.3 8.3-1.4-1.4L17.6 5H14V3zM5 5h5v2H7v10h10v-3h2v5H5V5z",
  };

  const stage = window.QuarterdeckStage;
  const { told, make, say, words } = stage;
  const states = new Map(); // by the id of its snippet: what the server said last
  const pages = new WeakMap(); // by its window: the page that it shows
  const sizes = new ResizeObserver((entries) => entries.forEach(({ target }) => fit(target)));
  let deck = null;

  function figures() {
    return [...document.querySelectorAll(".reveal .slides .qd-frame[data-frame]")].filter(urlOf);
  }

  function urlOf(figure) {
    const snippet = (told.snippets || {})[figure.dataset.frame];
    return (snippet && snippet.frame) || "";
  }

  function addressOf(figure) {
    return figure.querySelector(".qd-frame-address").textContent;
  }

  /* What its window shows: the still, what it waits for, why there is no page, or the page. */
  function phaseOf(figure) {
    const view = stage.views.get(figure.dataset.frame);
    const now = states.get(figure.dataset.frame);
    if (!now || !view || view.swapped || !stage.canRun(view)) return "still";
    if (now.state === "live") return now.refuses ? "refused" : "live";
    return now.state === "waiting" ? "waiting" : "still";
  }

  function drawing(name) {
    const made = document.createElementNS(SVG, "svg");
    const path = document.createElementNS(SVG, "path");
    made.setAttribute("viewBox", "0 0 24 24");
    made.setAttribute("aria-hidden", "true");
    path.setAttribute("d", DRAWINGS[name]);
    made.append(path);
    return made;
  }

  function tool(kind, name) {
    const made = make(kind, "qd-tool");
    made.title = words[name];
    made.setAttribute("aria-label", words[name]);
    made.append(drawing(name));
    return made;
  }

  /* What the stage adds to a window; slides may be replaced, so it is looked for each time. */
  function dress(figure) {
    const bar = figure.querySelector(".qd-frame-bar");
    if (bar.querySelector(".qd-frame-tools")) return;
    const [tools, back] = [make("span", "qd-frame-tools"), make("button", "qd-frame-back", words.keysBack)];
    const [reload, open] = [tool("button", "reload"), tool("a", "openPage")];
    back.type = reload.type = "button";
    back.title = words.pageKeys;
    back.addEventListener("click", release);
    reload.addEventListener("click", (event) => {
      event.currentTarget.blur(); // the space bar is the deck's
      if (phaseOf(figure) === "live") mount(figure);
    });
    Object.assign(open, { href: urlOf(figure), target: "_blank", rel: "noopener noreferrer" });
    tools.append(reload, open);
    bar.append(make("span", "qd-frame-state"), back, tools);
  }

  function fit(body) {
    const page = body.querySelector(".qd-frame-page");
    const [width, height] = [body.clientWidth, body.clientHeight];
    if (!page || !width || !height) return;
    const scale = Math.min(width / SIZE[0], height / SIZE[1]);
    page.style.transform = `translateX(${(width - SIZE[0] * scale) / 2}px) scale(${scale})`;
  }

  function mount(figure) {
    unmount(figure);
    const body = figure.querySelector(".qd-frame-body");
    const page = make("iframe", "qd-frame-page");
    page.sandbox = SANDBOX;
    page.referrerPolicy = "no-referrer";
    page.title = say("pageAt", { address: addressOf(figure) });
    page.tabIndex = -1; // the Tab key stays with the deck
    [page.width, page.height] = SIZE;
    page.src = urlOf(figure);
    pages.set(figure, { page, run: states.get(figure.dataset.frame).run });
    const shield = make("div", "qd-frame-shield");
    shield.addEventListener("pointermove", () => (figure.dataset.open = ""));
    for (const each of [page, shield]) each.addEventListener("pointerdown", (event) => event.stopPropagation()); // reveal.js takes the focus back
    body.append(page, shield);
    sizes.observe(body);
    fit(body);
  }

  function unmount(figure) {
    const shown = pages.get(figure);
    if (!shown) return;
    pages.delete(figure);
    sizes.unobserve(figure.querySelector(".qd-frame-body"));
    for (const each of figure.querySelectorAll(".qd-frame-page, .qd-frame-shield")) each.remove();
    shut(figure);
  }

  function overlay(figure, text) {
    const body = figure.querySelector(".qd-frame-body");
    const before = body.querySelector(".qd-frame-said");
    if (!text) return before && before.remove();
    if (!before) return body.append(make("p", "qd-frame-said", text));
    if (before.textContent !== text) before.textContent = text;
    return undefined;
  }

  function isSeen(figure) {
    const slide = deck.getCurrentSlide();
    return Boolean(slide && slide.contains(figure));
  }

  function showOne(figure) {
    dress(figure);
    const phase = phaseOf(figure);
    const now = states.get(figure.dataset.frame);
    const address = addressOf(figure);
    const state = figure.querySelector(".qd-frame-state");
    const refused = phase === "refused" && `${say("pageRefuses", { address })} (${now.refuses})`;
    if (phase === "still") delete figure.dataset.page;
    else figure.dataset.page = phase;
    const word = phase === "live" ? words.live : "";
    if (state.textContent !== word) state.textContent = word;
    overlay(figure, phase === "waiting" ? say("pageWaiting", { address }) : refused);
    if (phase !== "live" || stage.view !== "deck") return unmount(figure);
    const shown = pages.get(figure);
    if (shown && shown.run === now.run) return undefined;
    if (shown || isSeen(figure)) mount(figure); // a page that nobody has come to yet is not loaded
    return undefined;
  }

  /* Keys */

  function keeper() {
    const page = document.activeElement;
    return page && page.matches(".qd-frame-page") ? page : null;
  }

  function release() {
    const page = keeper();
    if (page) {
      const here = document.hasFocus(); // the speaker's window, which may have it, is not disturbed
      page.blur();
      if (here) window.focus();
    }
    document.querySelectorAll(".qd-frame[data-open]").forEach(shut);
  }

  function shut(figure) {
    delete figure.dataset.focus;
    delete figure.dataset.open;
  }

  /* A page lies behind glass until the pointer comes to it. It may be clicked into, and scrolled, but one that takes the
     keys by itself does not get them. */
  function onBlur() {
    const page = keeper();
    if (!page) return;
    const figure = page.closest(".qd-frame");
    if ("open" in figure.dataset) figure.dataset.focus = "";
    else release();
  }

  function onPointer(event) {
    if (event.target.closest && event.target.closest(".qd-frame-body")) return; // browsers tell of the pointer over the page too
    document.querySelectorAll(".qd-frame[data-open]:not([data-focus])").forEach(shut);
  }

  const listeners = {
    hello: ({ frames }) => {
      states.clear();
      for (const each of frames || []) states.set(each.id, each);
    },
    frame: (message) => states.set(message.id, message),
  };

  stage.frames = {
    hear(message) {
      const listener = listeners[message.type];
      if (listener) listener(message);
      return Boolean(listener);
    },

    show() {
      if (deck && stage.view !== "frame") figures().forEach(showOne);
    },

    start(reveal) {
      deck = reveal;
      deck.on("slidechanged", release);
      window.addEventListener("blur", () => setTimeout(onBlur)); // only then is the page the active element
      window.addEventListener("focus", release);
      window.addEventListener("pointermove", onPointer);
    },
  };
})();
