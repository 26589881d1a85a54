// @ts-nocheck
/* Which snippets are being recorded: their terminals say so until what they printed has come. Knows nothing of the server. */
(function () {
  "use strict";

  const WORDS = { en: "running…", fr: "en cours…" };
  const live = (window.QuarterdeckLive = window.QuarterdeckLive || {});
  const word = WORDS[document.documentElement.lang.toLowerCase().split("-")[0]] || WORDS.en;

  function begin(terminal) {
    if ("running" in terminal.dataset) return;
    const said = document.createElement("em");
    said.className = "qd-running";
    said.textContent = word;
    terminal.dataset.running = "";
    terminal.querySelector(".qd-term-state").after(said);
  }

  function end(terminal) {
    delete terminal.dataset.running;
    terminal.querySelectorAll(".qd-running").forEach((said) => said.remove());
  }

  /* The snippets of these ids run, and no others. */
  live.showRunning = (ids) => {
    const running = new Set(ids);
    for (const terminal of document.querySelectorAll(".qd-terminal[data-cast]")) {
      (running.has(terminal.dataset.cast) ? begin : end)(terminal);
    }
  };
})();
