/**
 * One snippet's terminal: what its run prints, in the box that holds its still and drawn like it.
 *
 * xterm.js is the terminal: it reads, keeps, and turns keys into what programs expect; `terminal/screen.ts` draws. The
 * box never changes its size; only a program that takes the whole terminal gets the slide's room where the box has too
 * few rows.
 */
import { gap } from "./config";
import { send, sendInput, written } from "./connection";
import { hasKeyboard, type LiveTerminal, opened, release } from "./keyboard";
import type { CommandBegun, SnippetConfig, SnippetState } from "./messages";
import { room, type Size } from "./room";

const REST = 2; // times as long as drawing took
const SCROLLBACK = 2000;
const DEPTH = 1000; // rows that are kept on the page
const CALM_MS = 250;
const KEY_MS = 42;
const TYPING_MS = 2600; // of a whole command
const ENTER_MS = 220; // between the last key and the one that starts it
const FEW_ROWS = 14; // fewer are not enough for a program that draws on the whole terminal
const SEARCHED = 1 << 20; // so much of a command's output is searched for moves of the cursor
const SMALLEST = { cols: 40, rows: 8 };
const LINE_FEED = 10;
const SHOW_CURSOR = 25;
const LEAVE_OTHER_BUFFER = "\x1b[?47l";

const latin = new TextDecoder("latin1");
const calm = window.matchMedia("(prefers-reduced-motion: reduce)");

/** How a run stands; lost: the server is gone, and what ran there is not known. */
type Told = Omit<Partial<SnippetState>, "state"> & { readonly state: SnippetState["state"] | "lost" };

type Item =
  | { readonly bytes: Uint8Array; readonly line: WebSocket }
  | { readonly command: CommandBegun }
  | { readonly gap: number }
  | "finish";

function parts(): NonNullable<typeof window.Quarterdeck.terminal> {
  const { terminal } = window.Quarterdeck;
  if (!terminal) throw new Error("this page has no terminals");
  return terminal;
}

export class View {
  told: Told = { state: "idle" };
  live: LiveTerminal | null = null;
  /** The run that is shown. */
  run: number | null = null;
  /** What it has come to. */
  point = { command: 0, lines: 0 };
  /** Bytes of output. */
  leftOut = 0;
  /** Seconds without output that were too many. */
  quiet = 0;
  /** This window answers what the program asks of its terminal. */
  mine = false;
  /** This window has asked for the next run. */
  asked = false;
  typing = false;
  /** The still or the replay stands in the place of the run. */
  swapped = false;
  /** What is run in the place of what the fence says. */
  text = "";

  private queue: Item[] = [];
  private isBusyTyping = false;
  private searched = 0;
  private began = 0; // on this page's clock
  private quietSince = 0;
  private catching: number | null = null;
  private opening: Promise<void> | null = null;
  private frame = 0;
  private resting = 0;
  private ready = 0;
  private isWhole = false;

  constructor(
    public id: string,
    public snippet: SnippetConfig,
  ) {}

  private reset(): void {
    this.queue = [];
    this.isBusyTyping = this.typing = this.mine = this.swapped = false;
    this.point = { command: 0, lines: 0 };
    this.leftOut = this.quiet = this.searched = 0;
  }

  get figure(): HTMLElement | null {
    return document.querySelector(`.qd-terminal[data-cast="${CSS.escape(this.id)}"]`);
  }

  get isOn(): boolean {
    return this.told.state === "running" || this.told.state === "ready";
  }

  get isBusy(): boolean {
    return this.isOn || this.told.state === "waiting";
  }

  /** The recording is worth a key. */
  get failed(): boolean {
    return this.told.ok === false || this.quiet > 0 || this.told.state === "lost";
  }

  /** Seconds since it printed anything. */
  get silence(): number {
    return this.quiet + (performance.now() - this.quietSince) / 1000;
  }

  get elapsed(): number {
    return this.isOn ? (performance.now() - this.began) / 1000 : (this.told.elapsed_s ?? 0);
  }

  /** What the server says of it now. */
  hear(told: Told): void {
    const before = this.told.run ?? null;
    this.told = told;
    this.began = performance.now() - (told.elapsed_s ?? 0) * 1000;
    if ((told.run ?? null) !== before) this.start();
    if (told.state === "done") this.quiet = 0;
    if (told.state === "idle" || told.unseen) return;
    if (told.cols && told.rows && told.state !== "done" && !this.live?.fitted) this.resize(told as Size);
    if (told.state === "done" && this.run === told.run) this.push("finish");
  }

  /** What the server says when a page comes to it: what was printed follows, and is not typed again. */
  recall(told: Told): void {
    const { run, swapped } = this;
    this.told = told;
    this.start();
    this.hear(told);
    this.swapped = swapped && run === (told.run ?? null);
    this.catching = told.run ?? null;
  }

  /** Its fence was edited: what it printed before is no longer what its slide says. */
  become(snippet: SnippetConfig): void {
    const isSame = String(this.snippet.commands) === String(snippet.commands);
    this.snippet = snippet;
    this.dirty(true); // its figure may be another one
    if (isSame) return;
    this.text = "";
    if (this.told.state === "idle" || this.isBusy || send({ type: "clear", id: this.id })) return;
    this.hear({ state: "idle" });
  }

  stall(quiet_s: number): void {
    this.quiet = quiet_s;
    this.quietSince = performance.now();
  }

  /** The server is gone. */
  lost(): void {
    if (this.isBusy) this.told = { ...this.told, state: "lost" };
    release(this);
  }

  /** The still or the replay stands in its place; whatever else it prints is not shown. */
  leave(): void {
    this.close();
    this.swapped = true;
  }

  /** The still stands again. */
  private start(): void {
    const { asked } = this;
    this.close();
    this.reset();
    this.run = this.told.run ?? null;
    this.mine = asked;
    this.asked = false;
  }

  private async open(): Promise<void> {
    const { figure, run } = this;
    if (!figure || this.live || this.swapped) return;
    await parts().load();
    if (this.run === run && !this.live && !this.swapped) this.attach(figure);
  }

  private attach(figure: HTMLElement): void {
    const body = figure.querySelector(".qd-term-body");
    const still = body?.querySelector(":scope > .qd-screen");
    if (!body || !still) return;
    if (parts().replay.isPlaying(figure)) parts().replay.stop();
    if (figure.classList.contains("qd-folded")) {
      figure.classList.remove("qd-folded");
      window.Quarterdeck.fit(figure.closest("section") as HTMLElement);
    }
    const terminal = new window.Terminal({
      cols: this.told.cols || this.snippet.cols,
      rows: this.told.rows || this.snippet.rows,
      scrollback: SCROLLBACK,
      // programs that ask for the ground's colour choose theirs by it
      theme: { background: getComputedStyle(figure).backgroundColor, foreground: getComputedStyle(still).color },
    });
    const screen = parts().screen.open(still, terminal, { depth: DEPTH });
    screen.play.classList.add("qd-live");
    body.append(screen.play);
    this.live = { terminal, screen, keyboard: null, fitted: null };
    this.listen(this.live);
  }

  private listen(live: LiveTerminal): void {
    const { terminal, screen } = live;
    terminal.onWriteParsed(() => this.dirty());
    terminal.onResize(({ cols }) => {
      screen.play.style.setProperty("--qd-cols", String(cols));
      this.dirty(true);
    });
    terminal.onData((text) => this.run !== null && this.answers() && sendInput(this.run, text));
    terminal.onBinary((text) => {
      if (this.run !== null && this.answers()) send({ type: "input_bytes", run: this.run, data: btoa(text) });
    });
    terminal.buffer.onBufferChange((buffer) => this.onBuffer(live, buffer.type === "alternate"));
    for (const [final, isHidden] of [
      ["h", false],
      ["l", true],
    ] as const) {
      terminal.parser.registerCsiHandler({ prefix: "?", final }, (numbers) => {
        if (numbers.includes(SHOW_CURSOR)) screen.noCursor = isHidden;
        return false;
      });
    }
  }

  /** Every window sees the run; one of them is its terminal. */
  private answers(): boolean {
    return this.isOn && (this.mine || hasKeyboard(this));
  }

  close(): void {
    release(this);
    clearTimeout(this.resting);
    cancelAnimationFrame(this.frame);
    this.live?.screen.play.remove();
    this.live?.keyboard?.remove();
    this.live?.terminal.dispose();
    this.live = null;
    this.frame = 0;
  }

  /* Drawing */

  dirty(isWhole = false): void {
    if (!this.live) return;
    this.isWhole ||= isWhole;
    this.frame ||= requestAnimationFrame(() => this.paint());
  }

  /** Drawing takes a part of the time and no more: the deck moves on whatever comes. */
  private paint(): void {
    const began = performance.now();
    this.frame = 0;
    if (!this.live) return;
    if (began < this.ready) return this.dirty();
    const { screen } = this.live;
    // the slide was replaced, and its window with it
    if (!screen.play.isConnected) this.figure?.querySelector(".qd-term-body")?.append(screen.play);
    if (this.isWhole) parts().screen.redraw(screen);
    else parts().screen.draw(screen);
    this.isWhole = false;
    this.ready = performance.now() + REST * (performance.now() - began);
    clearTimeout(this.resting);
    if (screen.thin) this.resting = window.setTimeout(() => this.dirty(true), CALM_MS);
  }

  /* What came, in its order; what is typed holds up the rest */

  push(item: Item): void {
    this.queue.push(item);
    if (this.live || this.swapped || !this.figure) return this.pump();
    this.opening ??= this.open()
      .catch(() => {}) // the still stands
      .then(() => {
        this.opening = null;
        this.pump();
        opened(this);
      });
    return undefined;
  }

  private pump(): void {
    while (!this.isBusyTyping) {
      const item = this.queue.shift();
      if (!item) return;
      if (item === "finish") this.finish();
      else if ("bytes" in item) this.print(item.bytes, item.line);
      else if ("command" in item) this.command(item.command);
      else this.skip(item.gap);
    }
  }

  private print(bytes: Uint8Array, line: WebSocket): void {
    if (!this.live) return written(bytes.length, line);
    for (let at = bytes.indexOf(LINE_FEED); at >= 0; at = bytes.indexOf(LINE_FEED, at + 1)) this.point.lines += 1;
    this.search(bytes, this.live.screen.wraps);
    return this.live.terminal.write(bytes, () => written(bytes.length, line));
  }

  /** Like the still: long lines are one row each, unless the cursor was moved. */
  private search(bytes: Uint8Array, wraps: boolean[]): void {
    if (wraps[this.point.command] || this.searched > SEARCHED) return;
    this.searched += bytes.length;
    if (!parts().keys.moves(latin.decode(bytes))) return;
    wraps[this.point.command] = true;
    this.dirty(true);
  }

  /** Said where it is missing, and in the bar: in a flood, that place scrolls away. */
  private skip(bytes: number): void {
    this.leftOut += bytes;
    this.live?.terminal.write(`\r\n\x1b[0m\x1b[2m… ${gap(bytes)} …\x1b[0m\r\n`);
  }

  private command({ run, index, text, echo }: CommandBegun): void {
    this.point = { command: echo ? index + 1 : 0, lines: 0 };
    this.searched = 0;
    const go = (): void => {
      if (this.mine && this.snippet.typed) send({ type: "go", run });
    };
    const { live } = this;
    if (!live || !echo) return go();
    this.isBusyTyping = true;
    return live.terminal.write("", () => this.echo(live, text, run, go));
  }

  private echo(live: LiveTerminal, text: string, run: number, go: () => void): void {
    if (this.run !== run || this.live !== live) return;
    const { terminal, screen } = live;
    const lead = terminal.buffer.active.cursorX ? "\r\n" : "";
    const { prompt, keys } = parts().keys.keysOf(`$ ${text.split("\n").join("\r\n> ")}`, lead);
    const pressed = [...keys];
    const enter = pressed.pop() ?? "";
    const done = (): void => {
      if (this.run !== run || this.live !== live) return;
      terminal.write(enter);
      this.typing = this.isBusyTyping = false;
      go();
      this.pump();
    };
    parts().screen.begins(screen, this.point.command, prompt);
    if (this.snippet.typed && this.catching !== run && !calm.matches) this.type(live, pressed, done);
    else {
      terminal.write(pressed.join(""));
      done();
    }
  }

  private type(live: LiveTerminal, keys: readonly string[], done: () => void): void {
    const { run } = this;
    const each_ms = Math.min(KEY_MS, TYPING_MS / keys.length);
    let at = 0;
    this.typing = true;
    const press = (): void => {
      if (this.run !== run || this.live !== live) return;
      const key = keys[at++];
      if (key !== undefined) live.terminal.write(key);
      if (key === undefined) setTimeout(done, ENTER_MS);
      else setTimeout(press, each_ms * (0.5 + Math.random()));
    };
    press();
  }

  /** Nothing more is typed, and what it printed stays. */
  private finish(): void {
    if (!this.live) return;
    release(this);
    this.live.screen.noCursor = true;
    this.live.terminal.write(LEAVE_OTHER_BUFFER, () => this.dirty(true));
  }

  /* Size */

  /** What a run is asked to have: what was recorded, so that lines break where they did; else what there is room for. */
  size(): Size {
    const { cols, rows } = this.snippet;
    const still = this.figure?.dataset.state === "missing" && this.figure.querySelector(".qd-screen");
    const found = still ? room(still) : null;
    return { cols: found ? Math.max(Math.min(cols, found.cols), SMALLEST.cols) : cols, rows };
  }

  private resize({ cols, rows }: Size): void {
    const terminal = this.live?.terminal;
    if (terminal && (terminal.cols !== cols || terminal.rows !== rows)) terminal.resize(cols, rows);
  }

  private ask({ cols, rows }: Size): void {
    this.resize({ cols, rows });
    if (this.run !== null && this.answers()) send({ type: "resize", run: this.run, cols, rows });
  }

  /** A program took the whole terminal, or gave it back. */
  private onBuffer(live: LiveTerminal, isWhole: boolean): void {
    const { terminal, screen } = live;
    const { play } = screen;
    if (!isWhole) {
      play.classList.remove("qd-grown");
      if (live.fitted && this.isOn) this.ask(live.fitted);
      live.fitted = null;
      return this.dirty(true);
    }
    const before = room(play);
    if (!before) return undefined;
    play.classList.toggle("qd-grown", before.rows < FEW_ROWS);
    const { cols, rows } = room(play) ?? before;
    live.fitted ??= { cols: terminal.cols, rows: terminal.rows };
    return this.ask({ cols: Math.max(cols, SMALLEST.cols), rows: Math.max(rows, SMALLEST.rows) });
  }

  /** Someone types: lines break where the box ends. */
  fit(): void {
    if (!this.live || this.live.terminal.buffer.active.type === "alternate") return;
    const { terminal, screen } = this.live;
    const found = room(screen.play);
    if (!found) return;
    const cols = Math.max(Math.min(terminal.cols, found.cols), SMALLEST.cols);
    if (cols !== terminal.cols) this.ask({ cols, rows: terminal.rows });
  }
}
