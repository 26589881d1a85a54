// @ts-nocheck
/* Typing into a terminal: while it has the focus every key is its own but the one that gives them back. Keys, paste,
   input methods and the mouse go to xterm.js, which stands unseen in the same box. */
(function () {
  "use strict";

  const RELEASE = "Ctrl+Shift+Escape";
  const BUTTONS = ["mousedown", "mouseup", "mousemove", "wheel"];

  const stage = window.QuarterdeckStage;
  const release = (stage.told.release || RELEASE).split("+").map((part) => part.trim().toLowerCase());
  const shown = { escape: stage.words.escape, esc: stage.words.escape, shift: stage.words.shift };
  const names = { esc: "escape", space: " " };

  function isRelease(event) {
    const held = { ctrl: event.ctrlKey, shift: event.shiftKey, alt: event.altKey, meta: event.metaKey };
    const key = release[release.length - 1];
    return (event.key.toLowerCase() === (names[key] || key) || event.code.toLowerCase() === `digit${key}`) &&
      Object.keys(held).every((name) => held[name] === release.slice(0, -1).includes(name));
  }

  /* Opened when someone first types: what is only looked at needs no keyboard. */
  function keyboard(view) {
    if (view.keyboard) return;
    const { terminal } = view;
    view.keyboard = stage.make("div", "qd-keyboard");
    view.screen.play.parentElement.append(view.keyboard);
    terminal.open(view.keyboard);
    terminal.textarea.setAttribute("aria-label", stage.say("help", { key: hands.release_key }));
    terminal.attachCustomKeyEventHandler((event) => {
      if (!isRelease(event)) return true;
      event.preventDefault();
      event.stopPropagation();
      if (event.type === "keydown") hands.release();
      return false;
    });
    terminal.textarea.addEventListener("blur", () => hands.view === view && hands.release());
    for (const type of BUTTONS) view.screen.play.addEventListener(type, (event) => point(view, event), { passive: false });
  }

  /* A program that asked for the mouse hears where it is, counted in the cells that are seen. */
  function point(view, event) {
    if (hands.view !== view || view.terminal.modes.mouseTrackingMode === "none" || event.shiftKey) return;
    const { play } = view.screen;
    const box = play.getBoundingClientRect();
    const scale = box.width / play.offsetWidth || 1;
    const style = getComputedStyle(play);
    const cell = view.cell();
    const x = (event.clientX - box.left) / scale - parseFloat(style.paddingLeft) - play.clientLeft + play.scrollLeft;
    const y = (event.clientY - box.top) / scale - parseFloat(style.paddingTop) - play.clientTop;
    const target = view.terminal.element.querySelector(".xterm-screen");
    const own = target.getBoundingClientRect();
    const at = (place, size, cells, whole) => ((Math.min(Math.max(Math.floor(place / size), 0), cells - 1) + 0.5) * whole) / cells;
    const init = {
      bubbles: true, cancelable: true, button: event.button, buttons: event.buttons, ctrlKey: event.ctrlKey, altKey: event.altKey,
      clientX: own.left + at(x, cell.width, view.terminal.cols, target.offsetWidth),
      clientY: own.top + at(y, cell.height, view.terminal.rows, target.offsetHeight),
    };
    event.preventDefault();
    event.stopPropagation();
    if (event.type === "wheel") target.dispatchEvent(new WheelEvent("wheel", { ...init, deltaY: event.deltaY, deltaMode: event.deltaMode }));
    else target.dispatchEvent(new MouseEvent(event.type, init));
  }

  const hands = (stage.hands = {
    view: null,
    wanted: null,
    release_key: release.map((part) => shown[part] || part[0].toUpperCase() + part.slice(1)).join("+"),

    take(view) {
      hands.wanted = view && view.isOn && !view.terminal ? view : null; // it opens in a moment
      if (!view || !view.isOn || !view.terminal || hands.view === view) return;
      hands.release();
      keyboard(view);
      hands.view = view;
      view.mine = true;
      stage.link.share({ type: "hold", run: view.run });
      const figure = view.figure;
      figure.dataset.focus = "";
      stage.showBars();
      view.fit();
      view.terminal.focus();
    },

    /* Keys are the deck's again. */
    release() {
      const view = hands.view;
      hands.wanted = null;
      hands.view = null;
      if (!view) return;
      if (view.figure) delete view.figure.dataset.focus;
      stage.showBars();
      if (view.terminal && view.terminal.textarea) view.terminal.blur();
    },
  });

  document.addEventListener("pointerdown", (event) => {
    const figure = event.target.closest && event.target.closest(".qd-terminal");
    if (hands.view && (!figure || stage.viewOf(figure) !== hands.view)) hands.release();
  }, true);

  /* A click types into it; a drag selects what it printed. */
  document.addEventListener("click", (event) => {
    const play = event.target.closest && event.target.closest(".qd-live");
    if (!play || !getSelection().isCollapsed) return;
    hands.take(stage.viewOf(play.closest(".qd-terminal")));
  });
})();
