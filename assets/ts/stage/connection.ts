/**
 * The line of this window to the stage's server, and to the other windows of its deck.
 *
 * The single-use code comes in the address' fragment and is out of it before anything else runs; it buys a cookie and a
 * token, and neither alone opens the line. Whatever fails here, the page goes on as the deck it is.
 */
import { keep, recall } from "../storage";
import { config, kind } from "./config";
import type { FromServer, FromWindow } from "./messages";

const TOKEN = "quarterdeck-stage";
const FRAGMENT = "#qd-code=";
const AGAIN_MS = [250, 5000] as const;
const ACK_BYTES = 32768;
const INPUT_BYTES = 16000; // of characters, which are at most three bytes each

/** none: nothing can be run here; code: it has to be entered; denied: nothing may be run any more. */
export type LineState = "none" | "new" | "live" | "away" | "code" | "denied";

/** What windows of a deck tell each other. */
export type Shared =
  | {
      readonly type: "at";
      readonly key: string;
      readonly h: number;
      readonly v: number;
      readonly f: number | undefined;
    }
  | { readonly type: "where" | "stop" | "next" }
  | { readonly type: "paused" | "recorded"; readonly on: boolean }
  | { readonly type: "swap" | "replay"; readonly id: string }
  | { readonly type: "hold"; readonly run: number | null }
  | { readonly type: "swapped"; readonly swapped: readonly (readonly [string, number | null])[] }
  | { readonly type: "replaying"; readonly where: unknown }
  | { readonly type: "speed"; readonly speed: number };

/** What the line is told: by the server, by other windows, and of itself. */
export interface Listener {
  server(message: Exclude<FromServer, { type: "relay" }>): void;
  output(run: number, bytes: Uint8Array, line: WebSocket): void;
  window(message: Shared): void;
  line(state: LineState): void;
}

const CLOSED: Readonly<Record<number, LineState>> = { 4401: "code", 4403: "denied" };
const channel = window.BroadcastChannel ? new BroadcastChannel(`quarterdeck-stage-${config.deck}`) : null;
const seen = new Set<unknown>(); // tokens of what other windows shared: it may come by two ways
let state: LineState = config.trusted && config.live && kind !== "preview" ? "new" : "none";
let code = takeCode();
let socket: WebSocket | null = null;
let wait: number = AGAIN_MS[0];
let shown = 0; // bytes of output
let acknowledged = 0;
let listener: Listener | null = null;

function takeCode(): string {
  if (!location.hash.startsWith(FRAGMENT)) return "";
  const found = decodeURIComponent(location.hash.slice(FRAGMENT.length));
  history.replaceState(null, "", location.pathname + location.search);
  return found;
}

function become(now: LineState): void {
  if (state === now) return;
  state = now;
  listener?.line(now);
}

function connect(): void {
  const token = recall("sessionStorage", TOKEN);
  if (!token) return become("code");
  const mine = new WebSocket(`ws://${location.host}${config.live}`);
  socket = mine;
  mine.binaryType = "arraybuffer";
  shown = acknowledged = 0;
  mine.onopen = () => mine.send(JSON.stringify({ type: "hello", token, deck: config.deck } satisfies FromWindow));
  mine.onmessage = ({ data }) => (typeof data === "string" ? onText(data) : onOutput(data, mine));
  mine.onclose = (event) => {
    if (socket !== mine) return;
    socket = null;
    const now = CLOSED[event.code];
    if (now === "code") keep("sessionStorage", TOKEN, null);
    become(now ?? "away");
    if (!now) again();
  };
}

function again(): void {
  setTimeout(() => socket || connect(), wait);
  wait = Math.min(wait * 2, AGAIN_MS[1]);
}

function onText(text: string): void {
  const message: FromServer = JSON.parse(text);
  if (message.type === "relay") return onShared(message.value);
  if (message.type !== "hello") return listener?.server(message);
  wait = AGAIN_MS[0];
  state = "live"; // said after the hello, which says what there is
  listener?.server(message);
  return listener?.line("live");
}

function onOutput(data: ArrayBuffer, line: WebSocket): void {
  listener?.output(new DataView(data).getUint32(0), new Uint8Array(data, 4), line);
}

function onShared(value: unknown): void {
  if (!value || typeof value !== "object" || !("token" in value) || seen.has(value.token)) return;
  seen.add(value.token);
  listener?.window(value as unknown as Shared);
}

export function lineState(): LineState {
  return state;
}

/** Whether the code was taken. */
export async function enter(typed: string): Promise<boolean> {
  const headers = { "Content-Type": "application/json" };
  const asked = { method: "POST", headers, body: JSON.stringify({ code: typed }) };
  const answer = await fetch(config.enter, asked).catch(() => null);
  if (!answer?.ok) return false;
  keep("sessionStorage", TOKEN, (await answer.json()).token);
  connect();
  return true;
}

/** Whether it went out. */
export function send(message: FromWindow): boolean {
  if (state !== "live" || socket?.readyState !== WebSocket.OPEN) return false;
  socket.send(JSON.stringify(message));
  return true;
}

export function sendInput(run: number, text: string): void {
  for (let at = 0; at < text.length; at += INPUT_BYTES) {
    send({ type: "input", run, data: text.slice(at, at + INPUT_BYTES) });
  }
}

/** So many bytes of output are on a screen, or nobody's: the server may send as many again. */
export function written(bytes: number, line: WebSocket): void {
  if (line !== socket) return; // of a line that is no more
  shown += bytes;
  if (shown - acknowledged < ACK_BYTES) return;
  acknowledged = shown;
  send({ type: "ack", bytes: shown });
}

/** To every other window of this deck: those of this browser hear it without the server too. */
export function share(value: Shared): void {
  const token = Math.random().toString(36).slice(2);
  seen.add(token);
  channel?.postMessage({ ...value, token });
  send({ type: "relay", value: { ...value, token } });
}

export function listen(to: Listener): void {
  listener = to;
  if (channel) {
    channel.onmessage = ({ data, origin }) => {
      if (origin === location.origin) onShared(data);
    };
  }
  if (state === "none") return;
  const entered = code;
  code = "";
  if (!entered) return connect();
  enter(entered).then((known) => {
    if (known) return;
    if (recall("sessionStorage", TOKEN)) connect();
    else become("code");
  });
}
