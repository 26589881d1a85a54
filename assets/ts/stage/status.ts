// @ts-nocheck
/* The bar of a terminal on stage: what its snippet is doing, live or recorded, and its small buttons. */
(function () {
  "use strict";

  const TICK_MS = 100;
  const SVG = "http://www.w3.org/2000/svg";
  const TOOLS = {
    edit: "M3 17v4h4L18 10l-4-4L3 17zM15 5l4 4 2-2-4-4-2 2z",
    restart: "M12 5V1L7 6l5 5V7a5 5 0 1 1-5 5H5a7 7 0 1 0 7-7z",
    clear: "M6.4 5 5 6.4 10.6 12 5 17.6 6.4 19 12 13.4 17.6 19 19 17.6 13.4 12 19 6.4 17.6 5 12 10.6z",
  };

  const stage = window.QuarterdeckStage;
  const { make, say } = stage;
  let ticking = 0;

  function tool(name) {
    const button = make("button", "qd-tool");
    const drawing = document.createElementNS(SVG, "svg");
    const path = document.createElementNS(SVG, "path");
    drawing.setAttribute("viewBox", "0 0 24 24");
    drawing.setAttribute("aria-hidden", "true");
    path.setAttribute("d", TOOLS[name]);
    drawing.append(path);
    button.type = "button";
    button.dataset.does = name;
    button.title = stage.words[name];
    button.setAttribute("aria-label", stage.words[name]);
    button.append(drawing);
    return button;
  }

  /* What the stage adds to a window; the room's slides may be replaced, so it is looked for each time. */
  function dress(view) {
    const figure = view.figure;
    const bar = figure && figure.querySelector(".qd-term-bar");
    if (!bar || bar.querySelector(".qd-live-state")) return bar;
    const tools = make("span", "qd-tools");
    if (stage.told.edit && view.snippet.edit) tools.append(tool("edit"));
    tools.append(tool("restart"), tool("clear"));
    bar.append(make("span", "qd-live-state"), make("span", "qd-live-keys"), make("span", "qd-live-exit"), tools);
    if (bar.querySelector(".qd-run")) return bar;
    const run = make("button", "qd-run", stage.words.run);
    run.type = "button";
    bar.append(run);
    return bar;
  }

  /* "running 3.2 s": of a terminal that shows a live run. */
  function told(view) {
    const { state, ok } = view.told;
    const seconds = stage.seconds(view.elapsed);
    if (state === "waiting") return stage.words.waiting;
    if (view.typing) return stage.words.typing;
    if (view.told.unseen) return stage.words.starting;
    if (state === "running") return view.quiet ? say("stalled", { seconds: Math.round(view.silence) }) : say("running", { seconds });
    if (state === "lost") return stage.words.gone;
    if (state === "ready") return stage.words.ready;
    return ok === null && !view.told.status ? stage.words.live : say("ran", { seconds });
  }

  function phase(view) {
    if (view.told.state === "done") return view.told.ok === false ? "failed" : "done";
    return view.quiet ? "stalled" : view.told.state;
  }

  function button(figure, view) {
    if (window.Quarterdeck.terminal?.replay && window.Quarterdeck.terminal?.replay.isPlaying(figure)) return; // it has its own word
    const run = figure.querySelector(".qd-run");
    const live = stage.canRun(view);
    const word = !live ? window.Quarterdeck.words.replay : view.isBusy ? stage.words.cancel
      : view.told.state === "done" && !view.swapped ? stage.words.again : stage.words.run;
    if (run.textContent !== word) run.textContent = word;
    run.hidden = !live && !figure.dataset.replay;
  }

  function show(view) {
    const bar = dress(view);
    if (!bar) return;
    const figure = view.figure;
    const shown = view.told.state !== "idle" && !view.told.unseen && !view.swapped;
    const [said, exit] = [bar.querySelector(".qd-live-state"), bar.querySelector(".qd-live-exit")];
    const status = shown && view.told.state === "done" ? view.told.status : 0;
    const text = shown ? [told(view), view.leftOut ? stage.gap(view.leftOut) : ""].filter(Boolean).join(" · ") : "";
    if (said.textContent !== text) said.textContent = text;
    const keys = stage.hands.view === view ? say("giveBack", { key: stage.hands.release_key }) : "";
    bar.querySelector(".qd-live-keys").textContent = keys;
    said.title = shown ? stage.problem(view.told.problem) : "";
    exit.textContent = status ? say("exit", { status }) : "";
    if (shown) figure.dataset.live = phase(view);
    else delete figure.dataset.live;
    if (status && view.told.ok === false) figure.dataset.liveExit = "";
    else delete figure.dataset.liveExit;
    button(figure, view);
  }

  /* Everything that the stage knows is shown again; while something runs, its seconds too. */
  stage.showBars = () => {
    for (const view of stage.views.values()) show(view);
    const runs = [...stage.views.values()].some((view) => view.isBusy);
    if (runs && !ticking) ticking = setInterval(tick, TICK_MS);
    if (!runs) ticking = clearInterval(ticking) || 0;
  };

  function tick() {
    for (const view of stage.views.values()) if (view.isBusy) show(view);
    if (stage.onTick) stage.onTick();
  }

  stage.stateOf = told;
  stage.phaseOf = phase;
})();
