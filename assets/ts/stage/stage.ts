// @ts-nocheck
/* On stage: the snippets of the deck run in the boxes of their stills, and a recording is one key away. Hears the server and
   the other windows, and tells views, bars and panels. Loaded by the stage's server alone; the built site knows none of it. */
(function () {
  "use strict";

  const NEXT = ["ArrowRight", "ArrowDown", "PageDown", " ", "n", "l", "j"]; // reveal.js' own; clickers send PageDown
  const KEYS = {
    r: "run", q: "cancel", R: "restart", w: "clear", t: "focus", x: "swap", X: "recorded", m: "make", d: "panel", e: "edit",
    s: "speaker",
  };
  const KEY_R = 82;
  const RECORDED = "quarterdeck-recorded";

  const stage = window.QuarterdeckStage;
  const { link, told, views, panel, hands, words, heard } = stage;
  const isFrame = stage.view === "frame";
  let deck = null;
  let current = null; // the view that was acted on last
  let place = "";
  let untrusted = ""; // why nothing may be run
  let engine = null;
  let state = null;
  let making = false;
  let recorded = false;

  try {
    recorded = sessionStorage.getItem(RECORDED) === "yes";
  } catch (error) {
    recorded = false; // storage is closed to this page
  }

  stage.canRun = (view) => link.state === "live" && !recorded && Boolean(view);

  /* Which snippet is meant */

  function onSlide() {
    const slide = deck && deck.getCurrentSlide();
    const figures = slide ? [...slide.querySelectorAll(".qd-terminal[data-cast]")] : [];
    return figures.map(stage.viewOf).filter(Boolean);
  }

  function isSeen(view) {
    return !view.figure.closest(".fragment:not(.visible)");
  }

  function focused() {
    const figure = document.activeElement && document.activeElement.closest(".qd-terminal[data-cast]");
    return stage.viewOf(figure);
  }

  /* The next to run: the one with the focus, else the first that is seen and has not run, else the last one that did. */
  function toRun() {
    const here = onSlide();
    const chosen = focused();
    if (here.includes(chosen)) return chosen;
    const seen = here.filter(isSeen);
    const fresh = seen.find((view) => (view.told.state === "idle" || view.told.unseen) && !view.swapped);
    return fresh || (here.includes(current) ? current : seen[0] || here[0] || null);
  }

  /* The one that something is to be done about. */
  stage.target = () => {
    const here = onSlide();
    const chosen = focused();
    if (here.includes(chosen)) return chosen;
    const concern = here.find((view) => view.failed && !view.swapped) || here.find((view) => view.isBusy);
    return concern || (here.includes(current) ? current : here.filter(isSeen)[0] || here[0] || null);
  };

  /* What can be done */

  function run(view, alone) {
    if (!view) return;
    current = view;
    const fragment = view.figure && view.figure.closest(".fragment:not(.visible)");
    if (fragment) deck.navigateFragment(Number(fragment.dataset.fragmentIndex));
    if (!stage.canRun(view)) {
      if (!alone) link.share({ type: "replay", id: view.id });
      return void replay(view);
    }
    if (view.isBusy || alone) return;
    view.asked = true;
    const message = { type: "run", id: view.id, digest: view.snippet.digest, paced: view.snippet.type, ...view.size() };
    if (view.text) message.text = view.text;
    link.send(message);
  }

  function replay(view) {
    const figure = view.figure;
    if (!figure || !figure.dataset.replay || !window.Quarterdeck.terminal?.replay) return;
    view.leave();
    window.Quarterdeck.terminal?.replay.start(deck, figure);
    show();
  }

  /* The recording takes over where the live run stands; the run itself goes on unseen, since later snippets may need it. */
  function swap(view) {
    const figure = view && view.figure;
    if (!figure || view.swapped || !window.Quarterdeck.terminal?.replay) return;
    if (!figure.dataset.replay) return void panel.tell(window.Quarterdeck.words.not_recorded || "");
    if (view.told.state === "idle") return void replay(view);
    current = view;
    const { command, lines } = view.point;
    const gone = () => {
      view.leave();
      show();
    };
    if (view.told.state === "done" && view.told.ok !== false) return void gone();
    const from = { command, lines: view.told.state === "done" ? 0 : lines, ready: gone };
    window.Quarterdeck.terminal?.replay.start(deck, figure, from);
  }

  function setRecorded(on) {
    recorded = on;
    try {
      sessionStorage.setItem(RECORDED, on ? "yes" : "no");
    } catch (error) {
      return;
    } finally {
      show();
    }
  }

  const acts = {
    run: () => run(toRun()),
    cancel() {
      if (making) link.send({ type: "cancel", make: true });
      const view = stage.target();
      if (view && view.isBusy) link.send({ type: "cancel", run: view.told.run });
    },
    restart() {
      const view = stage.target();
      if (view) link.send({ type: "restart", session: view.snippet.session });
    },
    clear() {
      const view = stage.target();
      if (!view || view.isBusy) return;
      view.leave();
      if (!link.send({ type: "clear", id: view.id })) show();
    },
    focus: () => hands.take(stage.target()),
    swap() {
      const view = stage.target();
      if (!view) return;
      link.share({ type: "swap", id: view.id });
      swap(view);
    },
    recorded() {
      setRecorded(!recorded);
      link.share({ type: "recorded", on: recorded });
    },
    make: () => link.send({ type: "make", slide: deck.getCurrentSlide().id }),
    panel() {
      if (panel.toggle()) link.send({ type: "look" });
    },
    edit: () => stage.edit.start(toRun(), run),
    speaker() {
      // no `noopener`: the window inherits the token, which is in no address
      if (!window.open(location.pathname + (told.speaker || "?speaker") + location.hash, `speaker-${told.deck}`, "width=1280,height=800")) {
        panel.tell(words.noPopup);
      }
    },
  };
  stage.act = (name) => acts[name]();

  /* What is seen of it */

  stage.concerns = () => {
    const ours = { away: words.away, live: untrusted && words.untrusted }[link.state];
    return [...(ours ? [ours] : []), ...stage.mistakes];
  };

  function concern() {
    const view = stage.target();
    if (link.state === "none") return ["", ""];
    if (link.state === "denied") return ["warn", words.denied];
    if (untrusted && link.state === "live") return ["warn", words.untrusted];
    if (link.state === "code") return ["away", words.noCode];
    if (link.state !== "live") return ["away", words.away];
    if (view && view.failed && !view.swapped) return ["warn", [stage.problem(view.told.problem) || stage.stateOf(view), words.swap].join(" · ")];
    if (engine && engine.wanted && !engine.available) return ["warn", [engine.what || words.noEngine, engine.fix].filter(Boolean).join(" · ")];
    return recorded ? ["recorded", words.recordedMode] : ["", ""];
  }

  function show() {
    if (!deck) return;
    if (link.state !== "none") stage.showBars();
    panel.mark(...concern());
    document.documentElement.dataset.stage = recorded ? "recorded" : link.state;
    stage.frames.show();
    stage.outputs.show();
    if (stage.view === "speaker") stage.speaker.state();
  }

  /* The talk was edited, and the page is as it is now. */
  stage.edited = () => {
    if (!deck) return;
    place = [deck.getCurrentSlide().id, deck.getIndices().f].join("/");
    if (isFrame) link.share({ type: "where" });
    if (stage.view === "speaker") stage.speaker.turned();
    show();
  };

  stage.onTick = () => {
    if (stage.view === "speaker") stage.speaker.state();
  };

  /* What the server says */

  Object.assign(heard, {
    link({ state: now }) {
      if (now === "code") panel.askCode();
      else panel.dropCode();
      if (now !== "live") for (const view of views.values()) view.lost();
    },
    hello(message) {
      stage.outputs.forget();
      engine = message.engine;
      state = message.state;
      untrusted = message.trust;
      const known = new Map(message.snippets.map((each) => [each.id, each]));
      for (const [id, view] of views) view.recall(known.get(id) || { state: "idle", run: null });
      if (window.Quarterdeck.terminal?.holes) window.Quarterdeck.terminal?.holes.recall(message.captured);
      panel.show(state, engine);
      link.share({ type: "where" });
    },
    snippet(message) {
      const view = views.get(message.id) || (message.run && stage.byRun(message.run));
      if (view) view.hear(message);
    },
    command(message) {
      const view = stage.byRun(message.run);
      if (view) view.push({ command: message });
    },
    output({ run: number, bytes, line }) {
      const view = stage.byRun(number);
      if (view) view.push({ bytes, line });
      else link.written(bytes.length, line);
    },
    gap({ run: number, bytes }) {
      const view = stage.byRun(number);
      if (view) view.push({ gap: bytes });
    },
    stall({ run: number, quiet }) {
      const view = stage.byRun(number);
      if (view) view.stall(quiet);
    },
    engine(message) {
      engine = message;
      panel.show(state, engine);
    },
    state(message) {
      state = message;
      panel.show(state, engine);
    },
    captured({ name, value }) {
      if (window.Quarterdeck.terminal?.holes) window.Quarterdeck.terminal?.holes.capture(name, value);
    },
    making({ at, of }) {
      making = true;
      panel.making(stage.say("making", { at, of }));
    },
    made({ problem }) {
      making = false;
      panel.making("");
      panel.tell(stage.problem(problem) || words.made);
    },
    refused({ what, fix, code }) {
      for (const view of views.values()) view.asked = false;
      panel.tell(code === "trust" ? words.untrusted : [what, fix].filter(Boolean).join(": "), code === "trust");
    },
    trust({ what }) {
      untrusted = what;
      panel.tell("");
    },

    "window-at": follow,
    "window-where"() {
      if (!deck || isFrame) return;
      share(true);
      stage.mirror.tell();
    },
    "window-paused": ({ on }) => deck && deck.isPaused() !== on && deck.togglePause(on),
    "window-swap": ({ id }) => deck && !isFrame && swap(views.get(id)),
    "window-replay": ({ id }) => deck && !isFrame && run(views.get(id), true),
    "window-recorded": ({ on }) => setRecorded(Boolean(on)),
    "window-hold"({ run: number }) {
      const view = stage.byRun(number);
      if (view && hands.view !== view) view.mine = false;
    },
  });

  function onMessage(message) {
    const listener = heard[message.type];
    const framed = stage.frames.hear(message);
    if (!listener && !framed) return; // of a later server
    if (listener) listener(message);
    if (message.type !== "output" && message.type !== "command") show();
  }

  /* Windows in step */

  function share(anyway) {
    const { h, v, f } = deck.getIndices();
    const key = deck.getCurrentSlide().id; // numbers change while slides are put in
    const now = [key, f].join("/");
    if (now === place && !anyway) return;
    place = now;
    if (!isFrame) link.share({ type: "at", key, h, v, f });
  }

  /* While the deck is patched it turns to and fro, and ends where it was. */
  function moved() {
    const before = place;
    share();
    if (place !== before) hands.release();
    show();
    for (const view of onSlide()) if (view.terminal) view.dirty(true); // its slide may have had no size until now
  }

  /* A preview stands one slide further on than the windows. */
  function follow({ key, h, v, f }) {
    if (!deck || ![h, v].every(Number.isInteger)) return;
    const slides = deck.getSlides();
    const slide = slides.find((each) => each.id === key) || deck.getSlide(h, v);
    if (!slide) return;
    if (!isFrame) {
      const at = deck.getIndices(slide);
      place = [slide.id, f].join("/");
      return deck.slide(at.h, at.v, f);
    }
    const next = slides[slides.indexOf(slide) + 1];
    document.documentElement.classList.toggle("qd-over", !next);
    if (next) {
      const at = deck.getIndices(next);
      deck.slide(at.h, at.v, Infinity);
    }
    return undefined;
  }

  /* Hands */

  function isElsewhere(event) {
    return event.target.closest && event.target.closest("input, textarea, select, [contenteditable]");
  }

  function onKey(event) {
    if (!deck || isElsewhere(event) || event.ctrlKey || event.altKey || event.metaKey) return;
    if (deck.isOverlayOpen() || deck.isOverview()) return;
    stage.mirror.key(event, isNextKey(event));
    const act = KEYS[event.key];
    if (act && (link.state !== "none" || act === "speaker")) acts[act]();
    else if (!isNext(event)) return;
    event.preventDefault();
    event.stopImmediatePropagation();
  }

  function isNextKey(event) {
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    return NEXT.includes(key) && !event.shiftKey && !event.repeat && !(key === " " && event.target.closest("button"));
  }

  /* The next key runs what its fence said it runs, before it goes on. */
  function isNext(event) {
    if (!isNextKey(event)) return false;
    if (window.Quarterdeck.terminal?.replay && window.Quarterdeck.terminal?.replay.isPlaying()) return false;
    const view = onSlide().find((each) => each.snippet.next && isSeen(each) && each.told.state === "idle" && !each.swapped);
    if (!view) return false;
    run(view);
    return stage.canRun(view) || view.swapped;
  }

  function onClick(event) {
    const button = event.target.closest && event.target.closest(".qd-run, .qd-tool");
    const view = button && stage.viewOf(button.closest(".qd-terminal"));
    if (!view || !deck || deck.isOverview() || link.state === "none") return;
    if (button.matches(".qd-run") && window.Quarterdeck.terminal?.replay && window.Quarterdeck.terminal?.replay.isPlaying(view.figure)) {
      return void link.share({ type: "stop" }); // here it stops by itself
    }
    current = view;
    if (button.matches(".qd-tool")) tool(button.dataset.does, view);
    else if (stage.canRun(view) && view.isBusy) link.send({ type: "cancel", run: view.told.run });
    else run(view);
    if (event.detail) button.blur(); // a mouse leaves the space bar to the deck
    event.preventDefault();
    event.stopImmediatePropagation();
  }

  function tool(does, view) {
    if (does === "edit") return stage.edit.start(view, run);
    if (does === "restart") return link.send({ type: "restart", session: view.snippet.session });
    if (view.isBusy) return undefined;
    view.leave();
    return link.send({ type: "clear", id: view.id }) || show();
  }

  function listKeys() {
    deck.removeKeyBinding(KEY_R); // of replay.js, which is asked where nothing can run
    for (const [key, act] of Object.entries(KEYS)) {
      if (act === "speaker" || (act === "edit" && !told.edit)) continue;
      deck.registerKeyboardShortcut(key === key.toUpperCase() ? `${words.shift} + ${key}` : key.toUpperCase(), words[`key_${act}`]);
    }
    deck.registerKeyboardShortcut(hands.release_key, words.key_release);
  }

  /* All that a replay needs, while there is a server to ask. */
  async function preload() {
    await stage.preload().catch(() => {});
    for (const figure of document.querySelectorAll(".qd-terminal[data-replay]")) {
      await window.Quarterdeck.terminal?.preload(figure).catch(() => {});
    }
  }

  function start(reveal) {
    deck = reveal;
    panel.start();
    stage.frames.start(deck);
    for (const event of ["slidechanged", "fragmentshown", "fragmenthidden"]) deck.on(event, () => queueMicrotask(moved));
    for (const [event, on] of [["paused", true], ["resumed", false]]) deck.on(event, () => isFrame || link.share({ type: "paused", on }));
    deck.on("slidesync", show);
    if (stage.view === "speaker") stage.speaker.start(deck);
    if (!isFrame && link.state !== "none") listKeys();
    stage.mirror.start(deck);
    link.start(onMessage);
    link.share({ type: "where" });
    if (link.state !== "none") preload();
    show();
  }

  if (isFrame) document.documentElement.classList.add("qd-preview");
  // before every other script hears of it: some of its keys are the stage's on stage
  window.addEventListener("keydown", onKey, true);
  window.addEventListener("click", onClick, true);
  document.addEventListener("qd-replayed", show);
  document.addEventListener("DOMContentLoaded", () => {
    // deck.js, which listens too, starts reveal.js after this
    if (stage.view === "speaker" || isFrame) window.Quarterdeck.settings.reveal.scrollActivationWidth = null; // small, yet slides
    if (stage.view === "speaker") stage.speaker.build();
    window.Quarterdeck.ready.then(start);
  });
})();
