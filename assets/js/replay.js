/* Replays a recording in the window of its still, with its own timing and no engine. A reveal.js plugin.

   xterm.js reads what was printed and knows what stands where; the rows are then written with the markup of the still,
   so that type, colours and places are those of the still at any scale and in either scheme. Nothing of xterm.js is
   loaded before the first replay. One recording plays at a time, and whatever it adds to the page is gone when it ends:
   the author's server may replace the slide at any moment. */
(function () {
  "use strict";

  var IDLE_S = 1.5; // nobody waits longer for a silent program
  var KEY_S = 0.025;
  var TYPING_S = 0.8; // of a whole command
  var SPEEDS = [1, 2, 4];
  var AGAIN_MS = 700; // two presses within this time are one wish: to the end
  var COPIED_MS = 1600;
  var FRAME_S = 0.1; // a window that was hidden goes on where it was
  var SCROLLBACK = 5000;
  var KEY_R = 82;
  var NEXT = ["ArrowRight", "ArrowDown", "PageDown", " ", "n", "l", "j"]; // reveal.js' own; clickers send PageDown
  // colours that no program means: they tell prompts and commands from output
  var PROMPT = "\x1b[0;38;2;1;2;3m";
  var COMMAND = "\x1b[0;38;2;1;2;4m";
  var ROLES = { 66051: "qd-prompt", 66052: "qd-command" };
  // whatever the command before left behind: attributes, a scroll region, the other screen
  var FRESH = "\x1b[!p\x1b[?47l\x1b[0m";
  // what moves the cursor to other lines; the still then keeps to the terminal's width (MOVES of run/terminal.py)
  var MOVES =
    /\x1b(?:[78DEMc]|\[(?:[0-9;]*[ABEFHJLMPSTX@`abdefrsu]|4[hl]|\?(?:[0-9;]*;)?(?:7|47|1047|1049)(?:;[0-9;]*)?[hl]))/;
  // it gave the terminal back at the end: the cursor is where it was, on a line of its own
  var GAVE_BACK = /\x1b\[\?1049l(?:\x1b(?:\[[?>0-9;]*[a-z]|[=>]))*$/i;
  var LEVELS = [0, 95, 135, 175, 215, 255];
  var STYLES = [
    ["isBold", "qd-bold"],
    ["isDim", "qd-dim"],
    ["isItalic", "qd-italic"],
    ["isUnderline", "qd-underline"],
    ["isStrikethrough", "qd-strike"],
    ["isInverse", "qd-reverse"],
  ];

  var calm = window.matchMedia("(prefers-reduced-motion: reduce)");
  var loading = {}; // by URL
  var casts = {}; // by URL of their script
  var speed = 0; // index of SPEEDS
  var turn = null; // what is being replayed

  function words() {
    return window.Quarterdeck.words;
  }

  function make(name, className, text) {
    var made = document.createElement(name);
    if (className) made.className = className;
    if (text) made.textContent = text;
    return made;
  }

  /* Timing: what happens when, in seconds of replay. `at` is the second of the recording. */

  /* Prompt and command, key by key; `before` is what the command before printed. */
  function keys(text, before) {
    var lead = /^\r\n/.test(text) && !GAVE_BACK.test(before) ? "\r\n" : "";
    var lines = text.replace(/^\r\n/, "").replace(/\r\n$/, "").split("\r\n");
    var pressed = [];
    lines.forEach(function (line, number) {
      var prompt = (number ? "\x1b[0m\r\n" : lead + FRESH) + PROMPT + line.slice(0, 2);
      if (number) pressed.push(prompt);
      else pressed.prompt = prompt;
      Array.from(line.slice(2)).forEach(function (key) { pressed.push(COMMAND + key); });
    });
    pressed.push("\x1b[0m\r\n");
    return pressed;
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

  function timeline(events, printed, typing) {
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
      var pressed = keys(event[2], printed[commands - 1]);
      var each = typing ? Math.min(KEY_S, TYPING_S / pressed.length) : 0;
      entries.push({ now: now, at: before, text: pressed.prompt, begins: commands });
      if (commands > 1) entries.push({ now: now, at: before, text: "", stop: commands - 1 + " / " + (printed.length - 1) });
      pressed.forEach(function (key) {
        now += each;
        entries.push({ now: now, at: before, text: key });
      });
    });
    entries.push({ now: now, at: before, text: "" });
    return entries;
  }

  /* Loading, once per address. Classic scripts: they come from a disk too, where `fetch` does not. */

  function load(url) {
    loading[url] = loading[url] || new Promise(function (resolve, reject) {
      var script = document.createElement("script");
      script.src = url;
      script.onload = resolve;
      script.onerror = function () {
        delete loading[url];
        script.remove();
        reject(new Error(url));
      };
      document.head.append(script);
    });
    return loading[url];
  }

  function castOf(figure) {
    var url = figure.dataset.replay;
    var id = figure.dataset.cast;
    if (casts[url]) return Promise.resolve(casts[url]);
    return load(url).then(function () {
      var known = (window.QuarterdeckCasts || []).filter(function (entry) { return entry[0] === id; });
      casts[url] = known[known.length - 1][1];
      return casts[url];
    });
  }

  /* Drawing: cells of xterm.js' buffer as the rows of a still. */

  function hex(number) {
    return "#" + number.toString(16).padStart(6, "0");
  }

  function indexed(number) {
    if (number >= 232) return hex((8 + 10 * (number - 232)) * 0x010101);
    var rest = number - 16;
    return hex((LEVELS[Math.floor(rest / 36)] << 16) | (LEVELS[Math.floor(rest / 6) % 6] << 8) | LEVELS[rest % 6]);
  }

  /* "3" for a colour of the palette, "#rrggbb" for another one, "" for the terminal's own. */
  function colour(cell, part) {
    var value = cell["get" + part + "Color"]();
    if (cell["is" + part + "RGB"]()) return part === "Fg" && ROLES[value] ? ROLES[value] : hex(value);
    if (!cell["is" + part + "Palette"]()) return "";
    return value < 16 ? String(value) : indexed(value);
  }

  function styleOf(cell) {
    var found = { fg: colour(cell, "Fg"), bg: colour(cell, "Bg") };
    var classes = STYLES.filter(function (style) { return cell[style[0]](); }).map(function (style) { return style[1]; });
    if (cell.isInverse()) found = { fg: found.bg, bg: found.fg };
    var rules = [];
    [["fg", "color"], ["bg", "background-color"]].forEach(function (part) {
      var value = found[part[0]];
      if (value[0] === "#") rules.push(part[1] + ":" + value);
      else if (value) classes.push(value[0] === "q" ? value : "qd-" + part[0] + "-" + value);
    });
    return classes.join(" ") + "|" + rules.join(";");
  }

  function write(row, runs) {
    runs.forEach(function (run) {
      var style = run.style.split("|");
      if (run.style === "|") return row.append(run.text);
      var span = make("span", style[0], run.text);
      if (style[1]) span.style.cssText = style[1];
      row.append(span);
    });
  }

  function put(runs, text, style) {
    var last = runs[runs.length - 1];
    if (last && last.style === style) last.text += text;
    else runs.push({ text: text, style: style });
  }

  /* How many cells of a line are not blank at its end. */
  function filled(line, cell) {
    for (var x = line.length; x > 0; x--) {
      line.getCell(x - 1, cell);
      if (cell.getChars().trim() || !cell.isBgDefault() || cell.isInverse()) return x;
    }
    return 0;
  }

  /* Whether a line goes on in the next one: it was wider than the terminal, and its row in the still is as long. */
  function goesOn(now, buffer, y) {
    var next = buffer.getLine(y + 1);
    if (!next || !next.isWrapped) return false;
    var command = now.begun.filter(function (begun) { return begun.mark.line <= y; }).pop();
    return !now.wraps[command ? command.number : 0];
  }

  function rowsOf(now, buffer, from, to, cursor) {
    var cell = buffer.getNullCell();
    var made = document.createDocumentFragment();
    var runs = [];
    for (var y = from; y < to; y++) {
      var line = buffer.getLine(y);
      var on = y + 1 < to && goesOn(now, buffer, y);
      var here = cursor && cursor.y === y;
      var end = on ? line.length : filled(line, cell);
      for (var x = 0; x < Math.max(end, here ? cursor.x + 1 : 0); x++) {
        var known = x < line.length && line.getCell(x, cell);
        if (known && !cell.getWidth()) continue; // the second half of a wide character
        var style = known ? styleOf(cell) : "|";
        put(runs, (known && cell.getChars()) || " ", here && x === cursor.x ? "qd-cursor|" : style);
      }
      if (on) continue;
      var row = make("span", "qd-row");
      write(row, runs);
      runs = [];
      if (made.hasChildNodes()) made.append("\n");
      made.append(row);
    }
    return made;
  }

  /* What scrolled off stands as it is; the rest is drawn anew. */
  function draw(now) {
    var buffer = now.terminal.buffer.active;
    var other = buffer.type === "alternate";
    var atEnd = now.play.scrollTop + now.play.clientHeight >= now.play.scrollHeight - 4;
    var from = other ? 0 : settle(now, buffer);
    var cursor = { x: buffer.cursorX, y: buffer.baseY + buffer.cursorY };
    var to = cursor.y + 1;
    var cell = buffer.getNullCell();
    for (var y = buffer.length; y > to; y--) if (filled(buffer.getLine(y - 1), cell)) to = y;
    now.above.hidden = other;
    now.below.replaceChildren(rowsOf(now, buffer, from, to, cursor));
    // a full window has no room for a last row that is empty; the still has none
    var blank = to === cursor.y + 1 && !cursor.x && !filled(buffer.getLine(cursor.y), cell);
    if (blank && now.play.scrollHeight > now.play.clientHeight + 1 && now.below.childNodes.length > 1) {
      now.below.lastChild.remove();
      now.below.lastChild.remove();
    }
    if (other) now.play.scrollTop = 0;
    else if (atEnd) now.play.scrollTop = now.play.scrollHeight;
  }

  /* Moves rows that cannot change any more to those above; gives the first line that is not there. */
  function settle(now, buffer) {
    if (now.edge && now.edge.isDisposed) {
      now.above.replaceChildren(); // the program cleared the terminal
      now.edge = null;
    }
    var from = now.edge ? now.edge.line : 0;
    var edge = buffer.baseY;
    while (edge > from && buffer.getLine(edge).isWrapped) edge--;
    if (edge === from) return from;
    now.above.append(rowsOf(now, buffer, from, edge), "\n");
    if (now.edge) now.edge.dispose();
    now.edge = now.terminal.registerMarker(edge - buffer.baseY - buffer.cursorY);
    return edge;
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

  /* One replay, from the first frame to the last. */

  function start(deck, figure) {
    stop();
    var mine = (turn = { figure: figure, phase: "load" });
    Promise.all([castOf(figure), load(window.Quarterdeck.settings.terminal.script)]).then(
      function (loaded) { if (turn === mine) begin(deck, mine, loaded[0]); },
      function () { if (turn === mine) turn = null; },
    );
  }

  function begin(deck, mine, cast) {
    var body = mine.figure.querySelector(".qd-term-body");
    var bar = mine.figure.querySelector(".qd-term-bar");
    if (mine.figure.classList.contains("qd-folded")) {
      mine.figure.classList.remove("qd-folded");
      window.QuarterdeckCode.refresh(mine.figure.closest("section"));
    }
    var type = getComputedStyle(screenOf(body));
    settleRest(body);
    var printed = outputs(cast.events);
    Object.assign(mine, {
      phase: "play",
      play: make("div", "qd-play"),
      above: make("span", ""),
      below: make("span", ""),
      clock: make("span", "qd-clock"),
      speed: make("button", "qd-speed"),
      entries: timeline(cast.events, printed, !calm.matches),
      wraps: printed.map(function (text) { return MOVES.test(text); }), // its long lines go on in the next row
      begun: [], // commands, with the line on which each begins
      next: 0,
      now: 0,
      began: 0,
      last: performance.now(),
      terminal: new window.Terminal({
        cols: cast.cols,
        rows: cast.rows,
        scrollback: SCROLLBACK,
        convertEol: true,
        disableStdin: true,
      }),
    });
    mine.play.style.setProperty("--qd-size-code", type.fontSize);
    mine.play.setAttribute("aria-hidden", "true"); // whoever listens has the still
    mine.play.tabIndex = -1;
    mine.play.append(mine.above, mine.below);
    mine.speed.type = "button";
    mine.terminal.onWriteParsed(function () { mine.drawn = false; });
    label(mine.figure, words().stop);
    setSpeed(mine, speed);
    bar.append(mine.clock, mine.speed);
    body.append(mine.play);
    mine.play.focus({ preventScroll: true }); // a button that keeps the focus would take the space bar
    advance(mine, 0);
    frame(deck, mine);
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
      draw(mine);
    }
    tell(mine);
    requestAnimationFrame(function () { frame(deck, mine); });
  }

  /* Plays up to a second of the replay, or to the next stop if that is nearer. */
  function advance(mine, until) {
    while (mine.next < mine.entries.length && mine.entries[mine.next].now <= until) {
      var entry = mine.entries[mine.next++];
      mine.now = entry.now;
      if (entry.begins) begins(mine, entry);
      else if (entry.text) mine.terminal.write(entry.text);
      if (entry.stop) return pause(mine, entry.stop);
    }
    if (mine.next === mine.entries.length) finish(mine);
    else mine.now = until;
  }

  function begins(mine, entry) {
    mine.began = entry.at;
    mine.terminal.write(entry.text, function () {
      if (turn === mine) mine.begun.push({ number: entry.begins, mark: mine.terminal.registerMarker(0) });
    });
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

  function copied(text) {
    if (navigator.clipboard) return navigator.clipboard.writeText(text);
    var area = make("textarea", ""); // not a secure context, as on another machine of the room
    area.value = text;
    area.style.cssText = "position:fixed;top:0;opacity:0";
    document.body.append(area);
    area.select();
    var done = document.execCommand("copy");
    area.remove();
    return done ? Promise.resolve() : Promise.reject(new Error("the browser does not let the page copy"));
  }

  /* The commands, ready to be pasted. */
  function take(button) {
    copied(button.dataset.text + "\n").then(function () {
      button.dataset.copied = "";
      button.textContent = words().copied;
      setTimeout(function () {
        delete button.dataset.copied;
        button.textContent = words().copy;
      }, COPIED_MS);
    }, function () {});
  }

  (window.QuarterdeckPlugins = window.QuarterdeckPlugins || []).push({
    id: "quarterdeck-replay",

    init: function (deck) {
      var run = { keyCode: KEY_R, key: "R", description: words().replay };
      deck.addKeyBinding(run, function () { onRun(deck); });
      window.addEventListener("keydown", function (event) { onKey(deck, event); }, true);
      document.addEventListener("click", function (event) { onClick(deck, event); });
      deck.on("slidechanged", function (event) {
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
