// Written by `make docs` from quarterdeck/serve/stage/messages.py; a test fails when it is behind.

export interface SnippetConfig {
  readonly digest: string;
  readonly session: string;
  readonly slide: string;
  readonly kind: string;
  readonly typed: boolean;
  readonly edit: boolean;
  readonly next: boolean;
  readonly commands: readonly string[];
  readonly cols: number;
  readonly rows: number;
  readonly frame: string;
}

export interface Section {
  readonly slide: string;
  readonly title: string;
  readonly begins: number;
  readonly minutes: number;
}

export interface StageConfig {
  readonly deck: string;
  readonly trusted: boolean;
  readonly edit: boolean;
  readonly release: string;
  readonly minutes: number | null;
  readonly sections: readonly Section[];
  readonly snippets: Readonly<Record<string, SnippetConfig>>;
  readonly words: Readonly<Record<string, string>>;
  readonly live: string;
  readonly enter: string;
}

export interface Container {
  readonly name: string;
  readonly image: string;
  readonly status: string;
  readonly running: boolean;
  readonly ports: string;
}

export interface WrongStatus {
  readonly kind: "wrong_status";
  readonly hint: string;
  readonly status: number;
  readonly wanted: string;
}

export interface Ended {
  readonly kind: "ended";
  readonly hint: string;
  readonly status: number;
}

export interface TimedOut {
  readonly kind: "timed_out";
  readonly hint: string;
  readonly after_s: number;
  readonly step: string;
}

export interface Cancelled {
  readonly kind: "cancelled";
  readonly hint: string;
}

export interface Stopped {
  readonly kind: "stopped";
  readonly hint: string;
}

export interface NotReady {
  readonly kind: "not_ready";
  readonly hint: string;
  readonly why: string;
}

export interface NotRun {
  readonly kind: "not_run";
  readonly hint: string;
  readonly why: string;
}

export interface Failed {
  readonly kind: "failed";
  readonly hint: string;
  readonly why: string;
}

export interface Welcome {
  readonly type: "hello";
  readonly deck: string;
  readonly edit: boolean;
  readonly trust: string;
  readonly engine: EngineState;
  readonly sessions: readonly SessionState[];
  readonly snippets: readonly SnippetState[];
  readonly state: EngineContents | null;
  readonly frames: readonly FrameState[];
  readonly captured: Readonly<Record<string, string>>;
}

export interface SnippetState {
  readonly type: "snippet";
  readonly id: string;
  readonly state: "done" | "idle" | "ready" | "running" | "waiting";
  readonly run: number | null;
  readonly status: number | null;
  readonly ok: boolean | null;
  readonly problem: Problem | null;
  readonly elapsed_s: number;
  readonly cols: number;
  readonly rows: number;
  readonly edited: boolean;
  readonly unseen: boolean;
}

export interface SessionState {
  readonly type: "session";
  readonly session: string;
  readonly state: "busy" | "closing" | "cold" | "lost" | "starting" | "warm";
  readonly problem: string;
  readonly done: readonly string[];
}

export interface CommandBegun {
  readonly type: "command";
  readonly run: number;
  readonly index: number;
  readonly text: string;
  readonly echo: boolean;
}

export interface CommandEnded {
  readonly type: "end";
  readonly run: number;
  readonly index: number;
  readonly status: number | null;
  readonly elapsed_s: number;
}

export interface OutputGap {
  readonly type: "gap";
  readonly run: number;
  readonly bytes: number;
}

export interface Stall {
  readonly type: "stall";
  readonly run: number;
  readonly id: string;
  readonly quiet_s: number;
}

export interface EngineState {
  readonly type: "engine";
  readonly available: boolean;
  readonly wanted: boolean;
  readonly what: string;
  readonly fix: string;
}

export interface EngineContents {
  readonly type: "state";
  readonly containers: readonly Container[];
  readonly networks: readonly string[];
  readonly volumes: readonly string[];
  readonly images: readonly string[];
  readonly ports: readonly number[];
}

export interface FrameState {
  readonly type: "frame";
  readonly id: string;
  readonly run: number;
  readonly state: "gone" | "live" | "waiting";
  readonly refuses: string;
}

export interface CapturedValue {
  readonly type: "captured";
  readonly name: string;
  readonly value: string | null;
}

export interface KernelResults {
  readonly type: "outputs";
  readonly run: number;
  readonly id: string;
  readonly html: string;
}

export interface MakingProgress {
  readonly type: "making";
  readonly slide: string;
  readonly id: string;
  readonly at: number;
  readonly of: number;
}

export interface StateMade {
  readonly type: "made";
  readonly slide: string;
  readonly ran: readonly string[];
  readonly problem: Problem | null;
  readonly id: string;
}

export interface TrustState {
  readonly type: "trust";
  readonly what: string;
}

export interface WindowCount {
  readonly type: "windows";
  readonly count: number;
}

export interface Relayed {
  readonly type: "relay";
  readonly value: unknown;
}

export interface Refused {
  readonly type: "refused";
  readonly code: "busy" | "edit" | "empty" | "lost" | "malformed" | "stale" | "trust" | "unknown";
  readonly what: string;
  readonly fix: string;
}

export interface Introduction {
  readonly type: "hello";
  readonly token: string;
  readonly deck: string;
}

export interface RunSnippet {
  readonly type: "run";
  readonly id: string;
  readonly digest: string;
  readonly cols?: number;
  readonly rows?: number;
  readonly paced?: boolean;
  readonly text?: string;
}

export interface BeginCommand {
  readonly type: "go";
  readonly run: number;
}

export interface CancelRun {
  readonly type: "cancel";
  readonly run: number;
}

export interface CancelMaking {
  readonly type: "cancel_making";
}

export interface TypeText {
  readonly type: "input";
  readonly run: number;
  readonly data: string;
}

export interface TypeBytes {
  readonly type: "input_bytes";
  readonly run: number;
  readonly data: string;
}

export interface ResizeTerminal {
  readonly type: "resize";
  readonly run: number;
  readonly cols: number;
  readonly rows: number;
}

export interface RestartSession {
  readonly type: "restart";
  readonly session: string;
}

export interface MakeState {
  readonly type: "make";
  readonly slide: string;
}

export interface ClearSnippet {
  readonly type: "clear";
  readonly id: string;
}

export interface AcknowledgeOutput {
  readonly type: "ack";
  readonly bytes: number;
}

export interface Relay {
  readonly type: "relay";
  readonly value: unknown;
}

export interface LookAtEngine {
  readonly type: "look";
}

export type Problem = WrongStatus | Ended | TimedOut | Cancelled | Stopped | NotReady | NotRun | Failed;
export type FromServer =
  | Welcome
  | SnippetState
  | SessionState
  | CommandBegun
  | CommandEnded
  | OutputGap
  | Stall
  | EngineState
  | EngineContents
  | FrameState
  | CapturedValue
  | KernelResults
  | MakingProgress
  | StateMade
  | TrustState
  | WindowCount
  | Relayed
  | Refused;
export type FromWindow =
  | Introduction
  | RunSnippet
  | BeginCommand
  | CancelRun
  | CancelMaking
  | TypeText
  | TypeBytes
  | ResizeTerminal
  | RestartSession
  | MakeState
  | ClearSnippet
  | AcknowledgeOutput
  | Relay
  | LookAtEngine;
