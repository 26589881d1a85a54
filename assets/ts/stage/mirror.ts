// @ts-nocheck
/* What one window of the deck shows, the others show: which recordings stand in the place of live runs, and where a replay
   is. The deck before the audience is the one that counts; the speaker's desk does as it does. */
(function () {
  "use strict";

  const BEAT_MS = 200;

  const stage = window.QuarterdeckStage;
  const { link, heard } = stage;
  const isFrame = stage.view === "frame";
  let deck = null;
  let before = "null";

  function replay() {
    return window.Quarterdeck.terminal?.replay && !isFrame ? window.Quarterdeck.terminal?.replay : null;
  }

  /* The audience's deck says where its replay is, for as long as there is one, and once that there is none. */
  function beat() {
    const where = replay() ? replay().state() : null;
    const now = JSON.stringify(where);
    if (now === before) return;
    before = now;
    link.share({ type: "replaying", where });
  }

  /* For a window that has just come: recordings that stand in the place of a run. */
  function tell() {
    const swapped = [...stage.views.values()].filter((view) => view.swapped).map((view) => [view.id, view.run || null]);
    link.share({ type: "swapped", swapped });
    before = "";
  }

  Object.assign(heard, {
    "window-replaying": ({ where }) => deck && stage.view === "speaker" && replay() && replay().follow(deck, where),
    "window-swapped"({ swapped }) {
      if (!deck || isFrame || !Array.isArray(swapped)) return;
      for (const [id, run] of swapped) {
        const view = stage.views.get(id);
        if (view && !view.swapped && (view.run || null) === run) view.leave();
      }
    },
    "window-next": () => replay() && replay().next(),
    "window-stop": () => replay() && replay().stop(),
    "window-speed": ({ speed }) => replay() && replay().setSpeed(speed),
  });

  stage.mirror = {
    tell,

    start(reveal) {
      deck = reveal;
      if (stage.view === "deck") setInterval(beat, BEAT_MS);
    },

    /* replay.js hears of these keys in this window; the others do the same. */
    key(event, isNext) {
      if (!replay() || !replay().isPlaying()) return;
      if (event.key === "Escape") link.share({ type: "stop" });
      else if (event.key === "<" || event.key === ">") {
        setTimeout(() => replay().state() && link.share({ type: "speed", speed: replay().state().speed }));
      } else if (isNext) link.share({ type: "next" });
    },
  };
})();
