/**
 * Keeps a page as its talk is: hears of builds from the author's server, and applies them in place or loads the page
 * again at the same slide.
 *
 * One page of the browser listens to the server and tells the others; the two decks inside of the speaker view are told
 * by the deck that opened it, which knows where they have to be.
 */
import { isPrintView } from "../deck/printing";
import { keep, recall } from "../storage";
import { apply, go, place } from "./patch";
import type { Finding, Patch, Place, State, Trouble } from "./state";

const EVENTS = "/-/events";
const STATE = "/-/state";
const OPEN = "/-/open";
const NAME = "quarterdeck-live"; // of the lock and of the channel
const PLACE = "quarterdeck-place";
const FOLLOW = "quarterdeck-follow";
const AGAIN_MS = 2000;
const BEAT_MS = 1000;

/** What a page is told of its talk. */
export interface News {
  readonly findings: readonly Finding[];
  readonly trouble: Trouble | null;
  /** There is no such page any more. */
  readonly isGone: boolean;
  readonly follow: boolean;
}

export interface Acts {
  /** Opens the author's editor. */
  open(file: string, line: number): void;
  /** Whether the deck goes to the slide that is edited. */
  follow(wanted: boolean): void;
  /** Opens the author's editor at the slide on the screen. */
  edit(): void;
}

/** Who says what the server says. */
export interface Reader {
  word(name: string): string;
  /** Whether the deck may go somewhere by itself. */
  readonly follows: boolean;
  start(acts: Acts): void;
  tell(news: News): void;
  lost(isLost: boolean): void;
  /** What came of a wish, as a word with a `{place}`. */
  answer(name: string, place: string): void;
  /** Ids of the snippets that are being recorded. */
  running(ids: readonly string[]): void;
  /** The page is as this state says. */
  taken(state: State, path: string): void;
}

/** A page that other windows of the browser reach, as `window.Quarterdeck.updates`. */
export interface Updates {
  digest(): string;
  /** Decks of the speaker view, which are told what this one is told. */
  readonly receivers: Set<Window>;
  /** In a deck of the speaker view. */
  receive?(patch: Patch, goal: Place): Promise<unknown>;
}

type Message =
  | ({ readonly kind: "state" } & State)
  | { readonly kind: "running"; readonly running: State["running"] }
  | { readonly kind: "goto"; readonly path: string; readonly key: string };

/** `digest` is that of the page as it was served; empty where there is no such page yet. */
export function keepUpToDate(digest: string, reader: Reader): void {
  const path = decodeURIComponent(location.pathname).replace(/index\.html$/, "");
  const query = new URLSearchParams(location.search);
  const isReceiver = query.has("receiver") && window.parent !== window;
  const isPaper = isPrintView();
  const updates: Updates = { digest: () => digest, receivers: new Set() };
  let told: State | null = null;
  let work: Promise<unknown> = window.Quarterdeck ? window.Quarterdeck.ready : Promise.resolve();

  function follows(): boolean {
    const wanted = recall("sessionStorage", FOLLOW);
    return reader.follows && (wanted === null ? told?.follow === true : wanted === "yes");
  }

  /** One thing after another; what fails leaves a page that nobody knows, so it is loaded again. */
  function queue(job: () => unknown): Promise<unknown> {
    work = work.then(job).catch((error) => {
      console.error(error);
      return reload();
    });
    return work;
  }

  function reload(): Promise<never> {
    if (!isReceiver && window.Reveal?.isReady()) {
      keep("sessionStorage", PLACE, JSON.stringify({ path, ...place() }));
    }
    location.reload();
    return new Promise(() => {}); // nothing else happens in this page
  }

  function comeBack(): void {
    const there: (Place & { path: string }) | null = JSON.parse(recall("sessionStorage", PLACE) ?? "null");
    if (there?.path !== path) return;
    keep("sessionStorage", PLACE, null);
    const section = document.getElementById(there.key);
    if (section?.matches(".reveal .slides section")) go(section, there.f);
    else window.Reveal.slide(there.h, there.v, there.f);
    if (there.overview) window.Reveal.toggleOverview(true);
    if (there.paused) window.Reveal.togglePause(true);
  }

  async function onState(state: State): Promise<void> {
    told = state;
    const now = state.pages[path];
    if (now && !digest) return reload();
    if (digest) {
      reader.tell({ findings: concerning(state), trouble: state.trouble, isGone: !now, follow: follows() });
    }
    showRunning();
    if (now && now !== digest) await onChange(state);
    reader.taken(state, path);
  }

  async function onChange(state: State): Promise<void> {
    const patch = state.patches?.[path];
    if (patch?.before === digest) await onPatch(patch);
    else if (await isBehind()) await reload();
  }

  /** The page may be newer than the news: it was loaded while they were on their way. */
  async function isBehind(): Promise<boolean> {
    const now = (await latest()).pages[path];
    return now !== undefined && now !== digest;
  }

  async function latest(): Promise<State> {
    return (await fetch(STATE)).json();
  }

  function showRunning(): void {
    reader.running(told?.running[path] ?? []);
  }

  async function onPatch(patch: Patch): Promise<void> {
    reader.running([]); // the page as it was written, which the patch is for
    if (isPaper || !(await apply(patch, { follow: follows() }))) return reload();
    digest = patch.after;
    showRunning();
    for (const receiver of updates.receivers) {
      if (receiver.closed) updates.receivers.delete(receiver);
      else await receiver.Quarterdeck?.updates?.receive?.(patch, place());
    }
    // the notes plugin sends its state on this, and nobody else minds it
    window.Reveal.dispatchEvent({ type: "closeoverlay" });
  }

  /** Of other talks' mistakes this page says nothing. */
  function concerning(state: State): readonly Finding[] {
    const mine = state.decks[path];
    const decks = new Set(Object.values(state.decks).map((each) => each.file));
    return state.findings.filter((finding) => !mine || finding.file === mine.file || !decks.has(finding.file));
  }

  function onMessage(text: string): void {
    const message: Message = JSON.parse(text);
    queue(() => {
      if (message.kind === "state") return onState(message);
      if (message.kind === "goto") {
        const section = document.getElementById(message.key);
        return message.path === path && section ? go(section) : undefined;
      }
      if (!told) return undefined; // the state that comes first says it too
      told = { ...told, running: message.running };
      return showRunning();
    });
  }

  async function open(file: string, line: number): Promise<void> {
    const place = `${file}:${line}`;
    const headers = { "Content-Type": "application/json" };
    const asked = { method: "POST", headers, body: JSON.stringify({ file, line }) };
    const answer = await fetch(OPEN, asked).catch(() => null);
    if (answer?.ok && (await answer.json()).opened) return reader.answer("opened", place);
    const copied = navigator.clipboard?.writeText(place) ?? Promise.reject(new Error("no clipboard"));
    return copied.then(
      () => reader.answer("no_editor_copied", place),
      () => reader.answer("no_editor", place),
    );
  }

  function edit(): void {
    const talk = told?.decks[path];
    const line = talk?.lines[window.Reveal.getCurrentSlide().id]?.[0];
    if (talk && line !== undefined) open(talk.file, line);
  }

  /** A browser opens six connections to a server and no more: with one stream a page, a seventh page would never load. */
  function listen(): void {
    if (!navigator.locks || !window.BroadcastChannel) return connect(() => {});
    const channel = new BroadcastChannel(NAME);
    channel.onmessage = ({ data }) => (typeof data === "string" ? onMessage(data) : reader.lost(data.lost));
    navigator.locks.request(NAME, () => {
      connect((news) => channel.postMessage(news));
      return new Promise(() => {}); // until this page is closed
    });
    latest().then(
      (state) => queue(() => onState(state)),
      () => reader.lost(true),
    );
  }

  function connect(pass: (news: string | { lost: boolean }) => void): void {
    const source = new EventSource(EVENTS);
    const tell = (lost: boolean): void => {
      reader.lost(lost);
      pass({ lost });
    };
    source.onopen = () => tell(false);
    source.onmessage = ({ data }) => {
      pass(data);
      onMessage(data);
    };
    source.onerror = () => {
      tell(true);
      if (source.readyState === EventSource.CLOSED) setTimeout(() => connect(pass), AGAIN_MS);
    };
  }

  /** A deck of the speaker view. It finds the deck that opened the view, also after that one was loaded again. */
  function receive(): void {
    let strange = 0;
    updates.receive = (patch, goal) =>
      queue(async () => {
        if (patch.before !== digest || !(await apply(patch, { goal }))) return reload();
        digest = patch.after;
        return undefined;
      });
    const meet = (): void => {
      const main = openersUpdates();
      if (!main) return;
      main.receivers.add(window);
      strange = main.digest() === digest ? 0 : strange + 1;
      if (strange > 1) reload(); // it missed a patch
    };
    setInterval(meet, BEAT_MS);
    meet();
  }

  function openersUpdates(): Updates | undefined {
    try {
      return window.parent.opener?.Quarterdeck?.updates;
    } catch {
      return undefined; // it shows something of another origin now
    }
  }

  queue(() => {
    if (window.Quarterdeck) window.Quarterdeck.updates = updates;
    if (isReceiver) return receive();
    if (window.Reveal && !isPaper) comeBack();
    reader.start({ open, edit, follow: (wanted) => keep("sessionStorage", FOLLOW, wanted ? "yes" : "no") });
    return listen();
  });
}
