/** What the author's server says of its builds, as `serve/state.py` and `serve/patch.py` have it. */

export interface Finding {
  readonly code: string;
  readonly severity: "error" | "warning" | "note";
  readonly message: string;
  readonly hint: string;
  readonly file: string;
  readonly line: number;
  readonly col: number;
  /** The line that it is about, and marks below what is meant. */
  readonly source?: string;
  readonly mark?: string;
}

export interface Trouble {
  readonly what: string;
  readonly fix: string;
}

/** From one state of a deck's page to the next. */
export interface Patch {
  /** Digests of the page. */
  readonly before: string;
  readonly after: string;
  /** Slides of the old page. */
  readonly count: number;
  readonly changes: readonly { readonly index: number; readonly before: string; readonly after: string }[];
  /** The stacks, each slide as its old index or -1; null while slides stay where they are. */
  readonly shape: readonly (readonly number[])[] | null;
  /** The page without its slides, before and after. */
  readonly frame: readonly [string, string] | null;
  /** New index of the slide that is being edited. */
  readonly focus: number | null;
  readonly reload: boolean;
}

export interface State {
  /** Digest of each page, by path. */
  readonly pages: Readonly<Record<string, string>>;
  readonly patches?: Readonly<Record<string, Patch>>;
  readonly decks: Readonly<
    Record<string, { readonly file: string; readonly lines: Readonly<Record<string, number[]>> }>
  >;
  readonly findings: readonly Finding[];
  readonly trouble: Trouble | null;
  /** Whether pages go to the slide that is edited. */
  readonly follow: boolean;
  /** Ids of the snippets that are being recorded, by path. */
  readonly running: Readonly<Record<string, readonly string[]>>;
  /** On stage, what each page knows of its deck. */
  readonly stage?: Readonly<Record<string, unknown>>;
}

/** Where a deck is. */
export interface Place {
  readonly key: string;
  readonly h: number;
  readonly v: number;
  readonly f: number | undefined;
  readonly overview: boolean;
  readonly paused: boolean;
}
