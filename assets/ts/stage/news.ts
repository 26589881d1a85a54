// @ts-nocheck
/* What the talk's author saves reaches the open deck by the scripts of the author's server. Before an audience they say
   nothing over the slides: mistakes are for the terminal and for the speaker's desk. */
(function () {
  "use strict";

  const stage = window.QuarterdeckStage;
  const live = (window.QuarterdeckLive = window.QuarterdeckLive || {});
  const idle = () => {};

  stage.mistakes = []; // what is wrong with the newest text, and keeps it from being shown

  live.quiet = true;
  live.showRunning = idle;
  live.panel = {
    words: {},
    start: idle,
    lost: idle,
    toast: idle,
    tell({ findings, trouble, gone }) {
      const errors = findings.filter((each) => each.severity === "error");
      stage.mistakes = [
        ...(trouble ? [[trouble.what, trouble.fix].filter(Boolean).join(": ")] : gone ? [stage.words.gone_talk] : []),
        ...errors.map((each) => `${each.file}:${each.line}: ${each.message}`),
      ];
    },
  };
  live.taken = (state, path) => {
    const next = (state.stage || {})[path];
    if (next) stage.learn(next);
    stage.edited();
  };
})();
