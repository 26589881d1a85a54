// @ts-nocheck
/* One snippet's terminal: what its run prints, in the box that holds its still and drawn like it. xterm.js is the
   terminal: it reads, keeps, and turns keys into what programs expect; screen.js draws. The box never changes its size;
   only a program that takes the whole terminal gets the slide's room where the box has too few rows. */
(function () {
  "use strict";

  const REST = 2; // times as long as drawing took
  const SCROLLBACK = 2000;
  const DEPTH = 1000; // rows that are kept on the page
  const CALM_MS = 250;
  const KEY_MS = 42;
  const TYPING_MS = 2600; // of a whole command
  const ENTER_MS = 220; // between the last key and the one that starts it
  const FEW_ROWS = 14; // fewer are not enough for a program that draws on the whole terminal
  const SEARCHED = 1 << 20; // so much of a command's output is searched for moves of the cursor
  const SMALLEST = [40, 8]; // columns and rows
  const LINE_FEED = 10;

  const stage = window.QuarterdeckStage;
  const { link, told } = stage;
  const latin = new TextDecoder("latin1");
  const calm = window.matchMedia("(prefers-reduced-motion: reduce)");

  function loaded() {
    return window.Quarterdeck.terminal.load();
  }

  class View {
    constructor(id) {
      this.id = id;
      this.snippet = told.snippets[id];
      this.told = { state: "idle", run: null };
      this.began = 0; // on this page's clock
      this.reset();
    }

    reset() {
      this.queue = [];
      this.busy = false;
      this.point = { command: 0, lines: 0 }; // what it has come to
      this.leftOut = 0; // bytes of output
      this.quiet = 0; // seconds without output that were too many
      this.mine = false; // this window answers what the program asks of its terminal
      this.searched = 0;
      this.typing = false;
      this.swapped = false;
    }

    get figure() {
      return document.querySelector(`.qd-terminal[data-cast="${CSS.escape(this.id)}"]`);
    }

    get isOn() {
      return this.told.state === "running" || this.told.state === "ready";
    }

    get isBusy() {
      return this.isOn || this.told.state === "waiting";
    }

    /* The recording is worth a key. */
    get failed() {
      return this.told.ok === false || this.quiet > 0 || this.told.state === "lost";
    }

    /* Seconds since it printed anything. */
    get silence() {
      return this.quiet + (performance.now() - this.quietSince) / 1000;
    }

    get elapsed() {
      return this.isOn ? (performance.now() - this.began) / 1000 : this.told.elapsed || 0;
    }

    /* What the server says of it now. */
    hear(told) {
      const before = this.told;
      this.told = told;
      this.began = performance.now() - (told.elapsed || 0) * 1000;
      if (told.run !== before.run) this.start();
      if (told.state === "done") this.quiet = 0;
      if (told.state === "idle" || told.unseen) return;
      if (this.terminal && !this.fitted && told.cols && told.state !== "done") this.resize(told.cols, told.rows);
      if (told.state === "done" && this.run === told.run) this.push({ finish: true });
    }

    /* What the server says when a page comes to it: what was printed follows, and is not typed again. */
    recall(told) {
      const { run, swapped } = this;
      this.told = { state: "idle", run: undefined };
      this.hear(told);
      this.swapped = swapped && run === told.run;
      this.catching = told.run;
    }

    /* Its fence was edited: what it printed before is no longer what its slide says. */
    become(snippet) {
      const same = String(this.snippet.commands) === String(snippet.commands);
      this.snippet = snippet;
      if (this.terminal) this.dirty(true); // its figure may be another one
      if (same) return;
      this.text = "";
      if (this.told.state === "idle" || this.isBusy || link.send({ type: "clear", id: this.id })) return;
      this.hear({ state: "idle", run: null });
    }

    stall(quiet) {
      this.quiet = quiet;
      this.quietSince = performance.now();
    }

    /* The server is gone, and what ran there is not known. */
    lost() {
      if (this.isBusy) this.told = { ...this.told, state: "lost" };
      if (stage.hands.view === this) stage.hands.release();
    }

    /* The still or the replay stands in its place; whatever else it prints is not shown. */
    leave() {
      this.close();
      this.swapped = true;
    }

    /* The still stands again. */
    start() {
      const asked = this.asked;
      this.close();
      this.reset();
      this.run = this.told.run;
      this.mine = Boolean(asked);
      this.asked = false;
    }

    open() {
      const figure = this.figure;
      if (!figure || this.terminal || this.swapped) return Promise.resolve();
      const run = this.run;
      return loaded().then(() => {
        if (this.run === run && !this.terminal && !this.swapped) this.attach(figure);
      }, () => {});
    }

    attach(figure) {
      const body = figure.querySelector(".qd-term-body");
      const still = body.querySelector(":scope > .qd-screen");
      if (window.Quarterdeck.terminal?.replay.isPlaying(figure)) window.Quarterdeck.terminal?.replay.stop();
      if (figure.classList.contains("qd-folded")) {
        figure.classList.remove("qd-folded");
        window.Quarterdeck.fit(figure.closest("section"));
      }
      const style = getComputedStyle(figure);
      const terminal = (this.terminal = new window.Terminal({
        cols: this.told.cols || this.snippet.cols,
        rows: this.told.rows || this.snippet.rows,
        scrollback: SCROLLBACK,
        // programs that ask for the ground's colour choose theirs by it
        theme: { background: style.backgroundColor, foreground: getComputedStyle(still).color },
      }));
      this.screen = window.Quarterdeck.terminal.screen.open(still, terminal, { depth: DEPTH });
      this.screen.play.classList.add("qd-live");
      body.append(this.screen.play);
      terminal.onWriteParsed(() => this.dirty());
      terminal.onResize(({ cols }) => {
        this.screen.play.style.setProperty("--qd-cols", cols);
        this.dirty(true);
      });
      terminal.onData((text) => this.answers() && link.input(this.run, text));
      terminal.onBinary((text) => this.answers() && link.send({ type: "input", run: this.run, bytes: btoa(text) }));
      terminal.buffer.onBufferChange((buffer) => this.onBuffer(buffer.type === "alternate"));
      for (const [final, hidden] of [["h", false], ["l", true]]) {
        terminal.parser.registerCsiHandler({ prefix: "?", final }, (numbers) => {
          if (numbers.includes(25)) this.screen.noCursor = hidden;
          return false;
        });
      }
    }

    /* Every window sees the run; one of them is its terminal. */
    answers() {
      return this.isOn && (this.mine || stage.hands.view === this);
    }

    close() {
      if (stage.hands.view === this) stage.hands.release();
      clearTimeout(this.resting);
      cancelAnimationFrame(this.frame);
      if (this.screen) this.screen.play.remove();
      if (this.keyboard) this.keyboard.remove();
      if (this.terminal) this.terminal.dispose();
      this.terminal = this.screen = this.keyboard = this.frame = this.fitted = null;
    }

    /* Drawing */

    dirty(whole) {
      this.whole = this.whole || whole;
      this.frame = this.frame || requestAnimationFrame(() => this.paint());
    }

    /* Drawing takes a part of the time and no more: the deck moves on whatever comes. */
    rest(began) {
      this.ready = performance.now() + REST * (performance.now() - began);
    }

    paint() {
      const began = performance.now();
      this.frame = null;
      if (!this.screen) return;
      if (began < this.ready) return void this.dirty();
      if (!this.screen.play.isConnected) this.move();
      if (this.whole) window.Quarterdeck.terminal.screen.redraw(this.screen);
      else window.Quarterdeck.terminal.screen.draw(this.screen);
      this.whole = false;
      this.rest(began);
      clearTimeout(this.resting);
      if (this.screen.thin) this.resting = setTimeout(() => this.dirty(true), CALM_MS);
    }

    /* The slide was replaced, and its window with it. */
    move() {
      const figure = this.figure;
      if (figure) figure.querySelector(".qd-term-body").append(this.screen.play);
    }

    /* What came, in its order; what is typed holds up the rest. */

    push(item) {
      this.queue.push(item);
      if (this.terminal || this.swapped || !this.figure) return this.pump();
      if (this.opening) return undefined;
      this.opening = this.open().then(() => {
        this.opening = null;
        this.pump();
        if (stage.hands.wanted === this) stage.hands.take(this);
      });
      return undefined;
    }

    pump() {
      while (!this.busy && this.queue.length) this.take(this.queue.shift());
    }

    take(item) {
      if (item.bytes) this.print(item.bytes, item.line);
      else if (item.command) this.command(item.command);
      else if (item.gap) this.skip(item.gap);
      else if (item.finish) this.finish();
    }

    print(bytes, line) {
      if (!this.terminal) return link.written(bytes.length, line);
      for (let at = bytes.indexOf(LINE_FEED); at >= 0; at = bytes.indexOf(LINE_FEED, at + 1)) this.point.lines += 1;
      this.search(bytes);
      return this.terminal.write(bytes, () => link.written(bytes.length, line));
    }

    /* Like the still: long lines are one row each, unless the cursor was moved. */
    search(bytes) {
      const { wraps } = this.screen;
      if (wraps[this.point.command] || this.searched > SEARCHED) return;
      this.searched += bytes.length;
      if (!window.Quarterdeck.terminal.keys.moves(latin.decode(bytes))) return;
      wraps[this.point.command] = true;
      this.dirty(true);
    }

    /* Said where it is missing, and in the bar: in a flood, that place scrolls away. */
    skip(bytes) {
      this.leftOut += bytes;
      if (this.terminal) this.terminal.write(`\r\n\x1b[0m\x1b[2m… ${stage.gap(bytes)} …\x1b[0m\r\n`);
    }

    command({ run, index, text, echo }) {
      this.point = { command: echo ? index + 1 : 0, lines: 0 };
      this.searched = 0;
      const go = () => this.mine && this.snippet.type && link.send({ type: "go", run });
      if (!this.terminal || !echo) return go();
      this.busy = true;
      this.terminal.write("", () => this.echo(text, run, go));
      return undefined;
    }

    echo(text, run, go) {
      if (this.run !== run || !this.terminal) return;
      const lead = this.terminal.buffer.active.cursorX ? "\r\n" : "";
      const typing = window.Quarterdeck.terminal.keys.keysOf(`$ ${text.split("\n").join("\r\n> ")}`, lead);
      const keys = [...typing.keys];
      const enter = keys.pop();
      const typed = this.snippet.type && this.catching !== run && !calm.matches;
      const done = () => {
        if (this.run !== run || !this.terminal) return;
        this.terminal.write(enter);
        this.typing = this.busy = false;
        go();
        this.pump();
      };
      window.Quarterdeck.terminal.screen.begins(this.screen, this.point.command, typing.prompt);
      if (typed) this.type(keys, done);
      else {
        this.terminal.write(keys.join(""));
        done();
      }
    }

    type(keys, done) {
      const run = this.run;
      const each = Math.min(KEY_MS, TYPING_MS / keys.length);
      let at = 0;
      this.typing = true;
      const press = () => {
        if (this.run !== run || !this.terminal) return;
        if (at === keys.length) return void setTimeout(done, ENTER_MS);
        this.terminal.write(keys[at++]);
        setTimeout(press, each * (0.5 + Math.random()));
      };
      press();
    }

    /* Nothing more is typed, and what it printed stays. */
    finish() {
      if (!this.terminal) return;
      if (stage.hands.view === this) stage.hands.release();
      this.screen.noCursor = true;
      this.terminal.write("\x1b[?47l", () => this.dirty(true));
    }

    /* Size */

    /* Of a cell, in pixels of the slide, whatever its scale. */
    cell(box = this.screen.play) {
      const probe = stage.make("span", "qd-probe", "0".repeat(100));
      box.append(probe);
      const width = probe.offsetWidth / 100;
      probe.remove();
      return { width, height: parseFloat(getComputedStyle(box).lineHeight) };
    }

    /* How many of them are seen; null on a slide that is not displayed. */
    room(box = this.screen.play) {
      const { width, height } = this.cell(box);
      if (!width || !box.clientWidth) return null;
      const style = getComputedStyle(box);
      const across = box.clientWidth - parseFloat(style.paddingLeft) - parseFloat(style.paddingRight);
      const down = box.clientHeight - parseFloat(style.paddingTop) - parseFloat(style.paddingBottom);
      return { cols: Math.floor(across / width + 0.02), rows: Math.floor(down / height + 0.1) };
    }

    /* What a run is asked to have: what was recorded, so that lines break where they did; else what there is room for. */
    size() {
      const figure = this.figure;
      const { cols, rows } = this.snippet;
      const found = figure && figure.dataset.state === "missing" && this.room(figure.querySelector(".qd-screen"));
      return { cols: found ? Math.max(Math.min(cols, found.cols), SMALLEST[0]) : cols, rows };
    }

    resize(cols, rows) {
      if (this.terminal && (this.terminal.cols !== cols || this.terminal.rows !== rows)) this.terminal.resize(cols, rows);
    }

    ask(cols, rows) {
      this.resize(cols, rows);
      if (this.answers()) link.send({ type: "resize", run: this.run, cols, rows });
    }

    /* A program took the whole terminal, or gave it back. */
    onBuffer(whole) {
      const { play } = this.screen;
      if (!whole) {
        play.classList.remove("qd-grown");
        if (this.fitted && this.isOn) this.ask(...this.fitted);
        this.fitted = null;
        return this.terminal && this.dirty(true);
      }
      const before = this.room();
      if (!before) return undefined;
      play.classList.toggle("qd-grown", before.rows < FEW_ROWS);
      const { cols, rows } = this.room();
      this.fitted = this.fitted || [this.terminal.cols, this.terminal.rows];
      return this.ask(Math.max(cols, SMALLEST[0]), Math.max(rows, SMALLEST[1]));
    }

    /* Someone types: lines break where the box ends. */
    fit() {
      const found = this.terminal && this.room();
      if (!found || this.terminal.buffer.active.type === "alternate") return;
      const cols = Math.max(Math.min(this.terminal.cols, found.cols), SMALLEST[0]);
      if (cols !== this.terminal.cols) this.ask(cols, this.terminal.rows);
    }
  }

  const views = new Map(Object.keys(told.snippets || {}).map((id) => [id, new View(id)]));

  /* The deck has other snippets now: what runs goes on, under another name if need be. */
  stage.learn = (next) => {
    Object.assign(told, next);
    const gone = [...views.keys()].filter((id) => !(id in next.snippets));
    for (const [id, snippet] of Object.entries(next.snippets)) {
      if (views.has(id)) continue;
      const was = gone.find((name) => views.has(name) && views.get(name).snippet.digest === snippet.digest);
      views.set(id, was ? views.get(was) : new View(id));
      views.get(id).id = id;
      if (was) views.delete(was);
    }
    for (const [id, view] of views) {
      if (id in next.snippets) view.become(next.snippets[id]);
      else if (!view.isBusy) {
        view.close();
        views.delete(id);
      }
    }
  };

  stage.views = views;
  stage.viewOf = (figure) => (figure && views.get(figure.dataset.cast)) || null;
  stage.byRun = (run) => [...views.values()].find((view) => view.run === run) || null;
  stage.preload = loaded;
})();
