// @ts-nocheck
/* Changing a command in its place, where the fence allows it and the server was started with --edit. */
(function () {
  "use strict";

  const stage = window.QuarterdeckStage;
  const { make, words } = stage;
  let open = null;

  /* As the fence has it: prompts tell commands apart where a terminal shows them. */
  function original({ kind, commands }) {
    if (kind !== "session") return commands.join("\n");
    return commands.map((text) => `$ ${text.split("\n").join("\n> ")}`).join("\n");
  }

  function close() {
    if (open) open.box.remove();
    open = null;
  }

  function start(view, run) {
    const figure = view && view.figure; // a slide may have nothing to run
    if (!figure || !stage.told.edit || !view.snippet.edit) return;
    close();
    const box = make("div", "qd-edit");
    const area = make("textarea");
    const buttons = make("div", "qd-edit-buttons");
    const still = figure.querySelector(".qd-screen");
    area.value = view.text || original(view.snippet);
    area.spellcheck = false;
    area.setAttribute("aria-label", words.edit);
    box.style.setProperty("--qd-size-code", getComputedStyle(still).fontSize);
    const act = {
      run() {
        const text = area.value;
        view.text = text === original(view.snippet) ? "" : text;
        close();
        run(view);
      },
      revert() {
        view.text = "";
        area.value = original(view.snippet);
        area.focus();
      },
      close,
    };
    for (const name of Object.keys(act)) {
      const button = make("button", "", words[name]);
      button.type = "button";
      button.addEventListener("click", act[name]);
      buttons.append(button);
    }
    area.addEventListener("keydown", (event) => {
      event.stopPropagation();
      if (event.key === "Escape") close();
      else if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) act.run();
      else return;
      event.preventDefault();
    });
    box.append(area, buttons);
    figure.querySelector(".qd-term-body").append(box);
    open = { box, view };
    area.focus({ preventScroll: true });
  }

  stage.edit = { start, close };
})();
