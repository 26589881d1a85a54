// @ts-nocheck
/* Replays a recording in the window of its still, with its own timing and no engine. A reveal.js plugin.

   screen.js draws it. Nothing of xterm.js is loaded before the first replay. One recording plays at a time, and whatever
   it adds to the page is gone when it ends: the author's server may replace the slide at any moment. */
(function () {
  "use strict";

  var IDLE_S = 1.5; // nobody waits longer for a silent program
  var KEY_S = 0.025;
  var TYPING_S = 0.8; // of a whole command
  var SPEEDS = [1, 2, 4];
  var AGAIN_MS = 700; // two presses within this time are one wish: to the end
  var APART_S = 0.4; // what two windows may differ by before one catches up
  var FRAME_S = 0.1; // a window that was hidden goes on where it was
  var SCROLLBACK = 5000;
  var KEY_R = 82;
  var NEXT = ["ArrowRight", "ArrowDown", "PageDown", " ", "n", "l", "j"]; // reveal.js' own; clickers send PageDown
  // it gave the terminal back at the end: the cursor is where it was, on a line of its own
  var GAVE_BACK = /\x1b\[\?1049l(?:\x1b(?:\[[?>0-9;]*[a-z]|[=>]))*$/i;
  var calm = window.matchMedia("(prefers-reduced-motion: reduce)");
  var casts = {}; // by URL of their script
  var speed = 0; // index of SPEEDS
  var turn = null; // what is being replayed

  function words() {
    return window.Quarterdeck.words;
  }

  function make(name, className, text) {
    return window.Quarterdeck.terminal.screen.make(name, className, text);
  }

  /* Timing: what happens when, in seconds of replay. `at` is the second of the recording. */

  /* Prompt and command, key by key; `before` is what the command before printed, `holes` what stands in its holes. */
  function keys(text, before, holes) {
    var lead = /^\r\n/.test(text) && !GAVE_BACK.test(before) ? "\r\n" : "";
    return window.Quarterdeck.terminal.screen.keys(text.replace(/^\r\n/, "").replace(/\r\n$/, ""), lead, holes);
  }

  /* What each command printed; the first one is what was printed before any. */
  function outputs(events) {
    var printed = [""];
    events.forEach(function (event) {
      if (event[1] === "m") printed.push("");
      else if (event[1] === "o") printed[printed.length - 1] += event[2];
    });
    return printed;
  }

  function timeline(events, printed, typing, holes) {
    var entries = [];
    var now = 0;
    var before = 0;
    var commands = 0;
    events.forEach(function (event) {
      now += Math.min(Math.max(event[0] - before, 0), IDLE_S);
      before = event[0];
      if (event[1] === "m") commands += 1;
      else if (event[1] === "o") entries.push({ now: now, at: before, text: event[2] });
      if (event[1] !== "p") return;
      var pressed = keys(event[2], printed[commands - 1], holes);
      var each = typing ? Math.min(KEY_S, TYPING_S / pressed.length) : 0;
      entries.push({ now: now, at: before, text: pressed.prompt, begins: commands });
      var stop = commands > 1 ? commands - 1 + " / " + (printed.length - 1) : "";
      if (stop) entries.push({ now: now, at: before, text: "", typed: true, stop: stop });
      pressed.forEach(function (key) {
        now += each;
        entries.push({ now: now, at: before, text: key, typed: true });
      });
    });
    entries.push({ now: now, at: before, text: "" });
    return entries;
  }

  /* Loading */

  function castOf(figure) {
    var url = figure.dataset.replay;
    var id = figure.dataset.cast;
    if (casts[url]) return Promise.resolve(casts[url]);
    return window.Quarterdeck.terminal.screen.load(url).then(function () {
      var known = (window.QuarterdeckCasts || []).filter(function (entry) { return entry[0] === id; });
      casts[url] = known[known.length - 1][1];
      return casts[url];
    });
  }

  /* The folded part of a long output, in the room that the window has. */

  function screenOf(body) {
    return body.querySelector(":scope > .qd-screen");
  }

  /* What is left of a folded window's height below its last whole row; others are as high as their rows. */
  function settleRest(body) {
    if (!body.querySelector(":scope > .qd-fold") || "open" in body.dataset) return;
    var style = getComputedStyle(screenOf(body));
    var rows = parseFloat(getComputedStyle(body).height) - parseFloat(style.paddingTop) - parseFloat(style.paddingBottom);
    var rest = (rows + 1) % parseFloat(style.lineHeight) - 1; // a row that lacks less than a pixel is whole
    body.style.setProperty("--qd-rest", Math.max(rest, 0) + "px");
  }

  function unfold(body) {
    if (!body.querySelector(":scope > .qd-fold") || "open" in body.dataset) return;
    var screen = screenOf(body);
    settleRest(body);
    body.style.height = getComputedStyle(body).height;
    body.dataset.open = "";
    if (screen.previousElementSibling) screen.scrollTop = screen.scrollHeight; // the end is what was shown
  }

  function fold(body) {
    delete body.dataset.open;
    body.style.removeProperty("height");
  }

  function foldAll(root) {
    root.querySelectorAll(".qd-term-body[data-open]").forEach(fold);
  }

  /* One replay, from the first frame to the last. `from` is where a live run stood: the command by number (0 where the
     code is the command), and how many lines it had printed; `from.ready` is called when that is on the screen. */

  function start(deck, figure, from) {
    stop();
    var mine = (turn = { figure: figure, phase: "load", from: from });
    Promise.all([castOf(figure), window.Quarterdeck.terminal.screen.load(window.Quarterdeck.settings.terminal.script)]).then(
      function (loaded) { if (turn === mine) begin(deck, mine, loaded[0]); },
      function () { if (turn === mine) turn = null; },
    );
  }

  function begin(deck, mine, cast) {
    var body = mine.figure.querySelector(".qd-term-body");
    var bar = mine.figure.querySelector(".qd-term-bar");
    if (mine.figure.classList.contains("qd-folded")) {
      mine.figure.classList.remove("qd-folded");
      window.Quarterdeck.fit(mine.figure.closest("section"));
    }
    settleRest(body);
    var holes = window.Quarterdeck.terminal?.holes ? window.Quarterdeck.terminal?.holes.shown(screenOf(body)) : null;
    var printed = outputs(cast.events);
    var terminal = new window.Terminal({
      cols: cast.cols,
      rows: cast.rows,
      scrollback: SCROLLBACK,
      convertEol: true,
      disableStdin: true,
    });
    var wraps = printed.map(window.Quarterdeck.terminal.screen.moves); // its long lines go on in the next row
    var screen = window.Quarterdeck.terminal.screen.open(screenOf(body), terminal, { wraps: wraps });
    Object.assign(mine, {
      phase: "play",
      terminal: terminal,
      screen: screen,
      play: screen.play,
      clock: make("span", "qd-clock"),
      speed: make("button", "qd-speed"),
      entries: timeline(cast.events, printed, !calm.matches, holes),
      next: 0,
      now: 0,
      began: 0,
      last: performance.now(),
    });
    mine.speed.type = "button";
    mine.terminal.onWriteParsed(function () { mine.drawn = false; });
    label(mine.figure, words().stop);
    setSpeed(mine, speed);
    bar.append(mine.clock, mine.speed);
    body.append(mine.play);
    mine.play.focus({ preventScroll: true }); // a button that keeps the focus would take the space bar
    if (mine.from && mine.from.there) catchUp(mine, mine.from.there);
    else if (mine.from) seek(mine, mine.from);
    else advance(mine, 0);
    frame(deck, mine);
  }

  /* To where a live run stood, in one step: until it is drawn, what is there stays. */
  function seek(mine, from) {
    var entries = mine.entries;
    var index = from.command ? entries.findIndex(function (entry) { return entry.begins === from.command; }) + 1 : 0;
    while (index && entries[index].typed) index++;
    for (var lines = 0; index < entries.length - 1 && !entries[index].begins && lines < from.lines; index++) {
      lines += entries[index].text.split("\n").length - 1;
    }
    entries.slice(0, index).forEach(function (entry) { play(mine, entry); });
    mine.next = index;
    mine.now = index ? entries[index - 1].now : 0;
    mine.play.style.visibility = "hidden";
    mine.terminal.write("", function () {
      if (turn !== mine) return;
      window.Quarterdeck.terminal.screen.draw(mine.screen);
      mine.play.style.removeProperty("visibility");
      from.ready();
    });
  }

  function label(figure, text) {
    var button = figure.querySelector(".qd-run");
    if (button) button.textContent = text;
  }

  function setSpeed(mine, index) {
    speed = Math.min(Math.max(index, 0), SPEEDS.length - 1);
    mine.speed.textContent = SPEEDS[speed] + "×";
    mine.speed.setAttribute("aria-label", words().faster + " " + SPEEDS[speed] + "×");
  }

  function frame(deck, mine) {
    if (turn !== mine) return;
    if (!mine.play.isConnected) return stop();
    var at = performance.now();
    var passed = Math.min((at - mine.last) / 1000, FRAME_S) * SPEEDS[speed];
    mine.last = at;
    if (mine.phase === "play" && !deck.isPaused()) advance(mine, mine.now + passed);
    if (turn !== mine) return;
    if (!mine.drawn) {
      mine.drawn = true;
      window.Quarterdeck.terminal.screen.draw(mine.screen);
    }
    tell(mine);
    requestAnimationFrame(function () { frame(deck, mine); });
  }

  /* Plays up to a second of the replay, or to the next stop if that is nearer. */
  function advance(mine, until) {
    while (mine.next < mine.entries.length && mine.entries[mine.next].now <= until) {
      var entry = mine.entries[mine.next++];
      mine.now = entry.now;
      play(mine, entry);
      if (entry.stop) return pause(mine, entry.stop);
    }
    if (mine.next === mine.entries.length) finish(mine);
    else mine.now = until;
  }

  function play(mine, entry) {
    if (entry.begins) {
      mine.began = entry.at;
      window.Quarterdeck.terminal.screen.begins(mine.screen, entry.begins, entry.text);
    } else if (entry.text) mine.terminal.write(entry.text);
  }

  function pause(mine, where) {
    mine.phase = "pause";
    mine.where = where;
  }

  function tell(mine) {
    mine.play.dataset.phase = mine.phase;
    var told = mine.phase === "pause" ? mine.where : words().running.replace("{seconds}", seconds(mine));
    if (mine.clock.textContent !== told) mine.clock.textContent = told;
  }

  function locale() {
    try {
      return Intl.getCanonicalLocales(document.documentElement.lang);
    } catch (error) {
      return "en"; // the talk's language is no tag that the browser knows
    }
  }

  /* Of the command that runs, on the recording's own clock: it runs faster where waiting is cut short. */
  function seconds(mine) {
    var after = mine.entries[mine.next];
    var before = mine.entries[mine.next - 1] || after;
    var part = after.now > before.now ? (mine.now - before.now) / (after.now - before.now) : 0;
    var passed = before.at + part * (after.at - before.at) - mine.began;
    return Math.max(passed, 0).toLocaleString(locale(), {
      minimumFractionDigits: 1,
      maximumFractionDigits: 1,
    });
  }

  /* The next key: goes on from a stop, else skips to the next one; twice in a row skips to the end. */
  function next(mine) {
    var again = performance.now() - mine.skipped < AGAIN_MS;
    if (again) return finish(mine);
    if (mine.phase === "pause") {
      mine.phase = "play";
      return;
    }
    mine.skipped = performance.now();
    advance(mine, Infinity);
  }

  /* The still takes over where the replay ended. */
  function finish(mine) {
    var body = mine.play.parentElement;
    stop();
    if (!body) return;
    unfold(body);
    var screen = screenOf(body);
    screen.scrollTop = screen.scrollHeight;
  }

  function stop() {
    var mine = turn;
    turn = null;
    if (!mine || mine.phase === "load") return;
    [mine.play, mine.clock, mine.speed].forEach(function (part) { part.remove(); });
    mine.terminal.dispose();
    label(mine.figure, words().replay);
    mine.figure.dispatchEvent(new Event("qd-replayed", { bubbles: true }));
  }

  /* Hands */

  function shownAt(deck, figure) {
    var fragment = figure.closest(".fragment:not(.visible)");
    if (fragment) deck.navigateFragment(Number(fragment.dataset.fragmentIndex));
    start(deck, figure);
  }

  /* The terminal that has the focus, else the first that is seen, else the first. */
  function onRun(deck) {
    var slide = deck.getCurrentSlide();
    if (!slide || deck.isOverview()) return;
    var figures = Array.from(slide.querySelectorAll(".qd-terminal[data-replay]"));
    var focused = document.activeElement && document.activeElement.closest(".qd-terminal[data-replay]");
    var seen = figures.filter(function (figure) { return !figure.closest(".fragment:not(.visible)"); });
    var chosen = figures.includes(focused) ? focused : seen[0] || figures[0];
    if (chosen) shownAt(deck, chosen);
  }

  function typesElsewhere(event) {
    return event.target.closest && event.target.closest("input, textarea, select, [contenteditable]");
  }

  /* Before reveal.js hears of it: while a recording plays, some keys are its own. */
  function onKey(deck, event) {
    if (!turn || turn.phase === "load" || typesElsewhere(event) || deck.isOverlayOpen()) return;
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    var key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    if (key === "Escape") stop();
    else if (key === "<" || key === ">") setSpeed(turn, speed + (key === ">" ? 1 : -1));
    else if (!NEXT.includes(key) || event.shiftKey) return;
    else if (key === " " && event.target.closest("button")) return event.stopImmediatePropagation(); // it is pressed
    else if (!event.repeat) next(turn);
    event.preventDefault();
    event.stopImmediatePropagation();
  }

  function onClick(deck, event) {
    var button = event.target.closest && event.target.closest(".qd-run, .qd-speed, .qd-fold, .qd-take, .qd-play");
    if (!button || deck.isOverview()) return;
    if (button.matches(".qd-play")) return void (turn && turn.phase === "pause" && next(turn)); // a finger has no keys
    var figure = button.closest(".qd-terminal");
    if (button.matches(".qd-fold")) unfold(button.parentElement);
    else if (button.matches(".qd-take")) take(button);
    else if (button.matches(".qd-speed")) {
      setSpeed(turn, (speed + 1) % SPEEDS.length);
      if (event.detail) turn.play.focus({ preventScroll: true }); // a mouse leaves the space bar to the deck
    } else if (turn && turn.figure === figure) stop();
    else start(deck, figure);
  }

  /* The commands, ready to be pasted: with the values that are of use where they are pasted. */
  function take(button) {
    var text = button.dataset.text;
    var holes = window.Quarterdeck.terminal?.holes;
    if (holes) text = holes.fill(text, holes.names(screenOf(button.parentElement)));
    window.Quarterdeck.copy(button, text + "\n");
  }

  /* Where the replay is, for another window of this deck; null where there is none. */
  function state() {
    if (!turn || turn.phase === "load") return null;
    return { id: turn.figure.dataset.cast, next: turn.next, now: turn.now, phase: turn.phase, where: turn.where, speed: speed };
  }

  /* Does as another window does, whose state that is. */
  function follow(deck, there) {
    if (!there) return void (turn && turn.phase !== "load" && finish(turn));
    var figure = document.querySelector('.qd-terminal[data-cast="' + CSS.escape(there.id) + '"]');
    if (turn && turn.phase === "load" && turn.figure === figure) return;
    if (!figure || !figure.dataset.replay) return;
    if (!turn || turn.figure !== figure || turn.now > there.now + APART_S) return start(deck, figure, { there: there });
    if (turn.next < there.next && (there.phase === "pause" || turn.now < there.now - APART_S)) catchUp(turn, there);
    if (SPEEDS[there.speed] && there.speed !== speed) setSpeed(turn, there.speed);
    turn.phase = there.phase === "pause" ? "pause" : "play";
    turn.where = there.where;
  }

  function catchUp(mine, there) {
    while (mine.next < Math.min(there.next, mine.entries.length - 1)) play(mine, mine.entries[mine.next++]);
    mine.now = there.now;
    mine.phase = there.phase === "pause" ? "pause" : "play";
    mine.where = there.where;
  }

  /* For the stage, where what runs live may have to give way to its recording. */
  (window.Quarterdeck.terminal ??= {}).replay = {
    start: start,
    stop: stop,
    next: function () { if (turn && turn.phase !== "load") next(turn); },
    preload: castOf,
    state: state,
    follow: follow,
    setSpeed: function (index) { if (turn && turn.phase !== "load") setSpeed(turn, index); },
    isPlaying: function (figure) { return Boolean(turn) && (!figure || turn.figure === figure); },
  };

  window.Quarterdeck.plugins.push({
    id: "quarterdeck-replay",

    init: function (deck) {
      var run = { keyCode: KEY_R, key: "R", description: words().replay };
      deck.addKeyBinding(run, function () { onRun(deck); });
      window.addEventListener("keydown", function (event) { onKey(deck, event); }, true);
      document.addEventListener("click", function (event) { onClick(deck, event); });
      deck.on("slidechanged", function (event) {
        if (event.previousSlide === event.currentSlide) return; // another one was put in before it
        stop();
        if (event.previousSlide) foldAll(event.previousSlide);
      });
      deck.on("fragmenthidden", function (event) {
        if (turn && event.fragment.contains(turn.figure)) stop();
      });
      deck.on("overviewshown", stop);
      deck.on("slidesync", function (event) { foldAll(event.slide); }); // its still may be another one
      // before paper.js measures: paper shows stills
      window.addEventListener("beforeprint", function () {
        stop();
        foldAll(document);
      }, true);
    },
  });
})();
