/**
 * The open deck becomes the new one, in place.
 *
 * Of each slide the server sends the markup it had and the markup it has; only what differs between the two is touched,
 * so that whatever the page itself did to the rest stays: fragments that are shown, videos that play, fields that hold
 * the focus.
 */
import { Idiomorph } from "idiomorph";
import type { Patch, Place } from "./state";

type Config = Readonly<Record<string, unknown>> & { readonly reveal?: Readonly<Record<string, unknown>> };

/** Where the deck goes with a patch: to the slide that is edited, or to where another deck is. */
export interface Wish {
  readonly follow?: boolean;
  readonly goal?: Place;
}

// reveal.js or the page's own scripts take these at the start only
const FIXED = ["width", "height", "view", "plugins", "scrollActivationWidth", "shuffle"];
const MOVING = ["transition", "backgroundTransition", "autoAnimate"];
const AROUND = ":scope > :not(.reveal, script)";

function slides(): HTMLElement[] {
  return [...document.querySelectorAll<HTMLElement>(".reveal .slides section.qd-slide")].filter(
    (section) => !section.parentElement?.closest("section.qd-slide"),
  );
}

function element(html: string): HTMLElement {
  const template = document.createElement("template");
  template.innerHTML = html;
  const section = template.content.querySelector("section");
  if (!section) throw new Error("this is no slide");
  return section;
}

function scripts(node: ParentNode | null): string {
  return node ? [...node.querySelectorAll("script")].map((script) => script.outerHTML).join("\n") : "";
}

/** Which authored element each element of the page once was; what the page added itself has none. */
function trace(node: Element, original: Element, origins: WeakMap<Node, Element>): WeakMap<Node, Element> {
  origins.set(node, original);
  let next = node.firstElementChild;
  for (const child of original.children) {
    let found = next;
    while (found && (found.tagName !== child.tagName || (child.id && found.id !== child.id))) {
      found = found.nextElementSibling;
    }
    if (!found) continue;
    trace(found, child, origins);
    next = found.nextElementSibling;
  }
  return origins;
}

function morph(node: HTMLElement, before: Element, after: Element): void {
  const origins = trace(node, before, new WeakMap());
  const targets = new WeakMap<Node, Element>();
  node.id = after.id; // else the slide would count as another one
  Idiomorph.morph(node, after, {
    callbacks: {
      beforeNodeMorphed(old, fresh) {
        const original = origins.get(old);
        if (original?.isEqualNode(fresh)) return false;
        if (fresh instanceof Element) targets.set(old, fresh);
        return true;
      },
      beforeAttributeUpdated(name, old) {
        const original = origins.get(old);
        const fresh = targets.get(old);
        return !original || !fresh || original.getAttribute(name) !== fresh.getAttribute(name);
      },
    },
  });
}

/** An element that browsers of 2025 and later can move without losing what plays in it. */
type Movable = Element & { moveBefore?(node: Element, next: Element | null): void };

function insert(parent: Movable, node: Element, next: Element | null): void {
  if (parent.moveBefore && node.isConnected && parent.isConnected) parent.moveBefore(node, next);
  else parent.insertBefore(node, next);
}

/** The nodes one after another in the parent; others that are in it stay between them. */
function put(parent: Element, wanted: readonly Element[]): void {
  const kept = new Set(wanted);
  let next = parent.firstElementChild;
  for (const node of wanted) {
    while (next && !kept.has(next)) next = next.nextElementSibling;
    if (next && node === next) next = next.nextElementSibling;
    else insert(parent, node, next);
  }
}

/** The stacks as the patch says; gives all slides in their new order. */
function arrange(patch: Patch, shape: NonNullable<Patch["shape"]>, old: readonly HTMLElement[]): HTMLElement[] {
  const made = new Map(patch.changes.filter((change) => !change.before).map((each) => [each.index, each.after]));
  const fresh: HTMLElement[] = [];
  const stacks = shape.map((stack) =>
    stack.map((index) => {
      const section = old[index] ?? element(made.get(fresh.length) ?? "");
      fresh.push(section);
      return section;
    }),
  );
  for (const gone of old.filter((section) => !fresh.includes(section))) {
    for (const media of gone.querySelectorAll<HTMLMediaElement>("video, audio")) media.pause();
    gone.remove();
  }
  const container = document.querySelector(".reveal .slides") as HTMLElement;
  const used = new Set<HTMLElement>();
  const columns = stacks.map((sections): readonly [HTMLElement, readonly HTMLElement[]] => {
    const [first, ...others] = sections;
    if (first && !others.length) return [first, []];
    const parents = sections.map((section) => section.parentElement);
    const free = parents.find((parent) => parent?.parentElement === container && !used.has(parent));
    const stack = free ?? document.createElement("section");
    used.add(stack);
    return [stack, sections];
  });
  const kept = new Set<Element>(columns.map(([column]) => column));
  put(container, [...kept]);
  for (const [column, sections] of columns) if (sections.length) put(column, sections);
  for (const child of [...container.children]) if (!kept.has(child)) child.remove();
  return fresh;
}

/** While reveal.js leaves and enters the slide it is on, which only changed its number, nothing in it stops. */
function undisturbed(section: HTMLElement, work: () => void): void {
  const media = [...section.querySelectorAll("video:not([data-ignore]), audio:not([data-ignore])")];
  const frames = [...section.querySelectorAll("iframe[data-src]")];
  const sources = frames.map((frame) => frame.getAttribute("data-src") ?? "");
  for (const each of media) each.setAttribute("data-ignore", "");
  for (const frame of frames) frame.removeAttribute("data-src");
  try {
    work();
  } finally {
    for (const each of media) each.removeAttribute("data-ignore");
    frames.forEach((frame, at) => {
      frame.setAttribute("data-src", sources[at] ?? "");
    });
  }
}

export function place(): Place {
  const { h, v, f } = window.Reveal.getIndices();
  const current = window.Reveal.getCurrentSlide() as HTMLElement | undefined;
  return { key: current?.id ?? "", h, v, f, overview: window.Reveal.isOverview(), paused: window.Reveal.isPaused() };
}

export function go(section: HTMLElement, f?: number): void {
  const { h, v } = window.Reveal.getIndices(section);
  window.Reveal.slide(h, v, f);
}

/** The slide that stands nearest to one that is gone: the next one, else the one before. */
function neighbour(old: readonly HTMLElement[], index: number, fresh: readonly HTMLElement[]): HTMLElement | undefined {
  const left = new Set(fresh);
  const around = [...old.slice(index + 1), ...old.slice(0, index).reverse()];
  return around.find((section) => left.has(section)) ?? fresh[0];
}

/** Changes the deck's slides. `goal` says where to be afterwards; without it the deck stays where it is, or goes to the
   slide that is being edited if `follow` says so. False: this cannot be done in place. */
function patchSlides(patch: Patch, { follow, goal }: Wish): boolean {
  const old = slides();
  if (old.length !== patch.count || window.Reveal.isScrollView() || window.Reveal.isPrintView()) return false;
  const changed = patch.changes.map(({ index, before, after }) => ({
    index,
    was: before ? element(before) : null,
    now: element(after),
  }));
  if (changed.some((each) => scripts(each.was) !== scripts(each.now))) return false;

  const here = window.Reveal.getCurrentSlide();
  const before = place();
  still();
  const overview = patch.shape !== null && window.Reveal.isOverview();
  if (overview) window.Reveal.toggleOverview(false); // its listeners are on the slides that there were
  const fresh = patch.shape ? arrange(patch, patch.shape, old) : old;
  for (const each of changed) if (each.was) morph(fresh[each.index] as HTMLElement, each.was, each.now);
  if (patch.shape) window.Reveal.sync();

  let target = fresh.includes(here) ? here : neighbour(old, old.indexOf(here), fresh);
  if (goal) target = fresh.find((section) => section.id === goal.key) ?? target;
  else if (follow && patch.focus !== null) target = fresh[patch.focus] ?? target;
  for (const each of changed) window.Quarterdeck.refresh(fresh[each.index] ?? null);
  if (target && target !== here) go(target, goal?.f);
  else if (patch.shape) undisturbed(here, () => go(here, goal ? goal.f : before.f));
  else if (typeof before.f === "number") window.Reveal.navigateFragment(goal ? goal.f : before.f);
  if (overview) window.Reveal.toggleOverview(true);
  if (patch.shape || changed.some((each) => fresh[each.index] === target)) window.Reveal.layout();
  return true;
}

/** Slides take their new places at once: nothing slides in that was there all along. */
function still(): void {
  const root = document.documentElement;
  root.classList.add("qd-live-still");
  requestAnimationFrame(() => requestAnimationFrame(() => root.classList.remove("qd-live-still")));
}

/** The page around the slides. False: this cannot be done in place. */
async function patchFrame([before, after]: readonly [string, string]): Promise<boolean> {
  const parser = new DOMParser();
  const was = parser.parseFromString(before, "text/html");
  const now = parser.parseFromString(after, "text/html");
  const [old, fresh] = [was, now].map((page) => page.getElementById("qd-config"));
  const mine = document.getElementById("qd-config");
  if (!old || !fresh || !mine) return false;
  const changes = settled(JSON.parse(old.textContent), JSON.parse(fresh.textContent));
  old.remove();
  fresh.remove();
  if (!changes || scripts(was) !== scripts(now) || others(was.head) !== others(now.head)) return false;
  if (shape(was.body) !== shape(now.body)) return false;

  attributes(document.documentElement, was.documentElement, now.documentElement);
  attributes(document.body, was.body, now.body);
  document.title = now.title;
  for (const meta of now.head.querySelectorAll("meta[name]")) {
    const here = document.head.querySelector(`meta[name="${CSS.escape(meta.getAttribute("name") ?? "")}"]`);
    here?.setAttribute("content", meta.getAttribute("content") ?? "");
  }
  for (const [part, other] of around(was.body, now.body)) {
    const named = [part.tagName, ...part.classList].map((name) => CSS.escape(name)).join(".");
    const here = document.querySelector(`body > ${named}`);
    if (here && !part.isEqualNode(other)) Idiomorph.morph(here, other.cloneNode(true) as Element);
  }
  mine.textContent = fresh.textContent;
  await styles(was, now);
  if (Object.keys(changes).length) window.Reveal.configure(changes);
  window.Quarterdeck.refresh();
  window.Reveal.layout();
  return true;
}

/** What of reveal.js' options changed, or nothing when that can only be had afresh. */
function settled(was: Config, now: Config): Readonly<Record<string, unknown>> | null {
  const rest = [was, now].map((each) => JSON.stringify({ ...each, reveal: null, scheme: null }));
  if (rest[0] !== rest[1]) return null;
  const [old, fresh] = [was.reveal ?? {}, now.reveal ?? {}];
  const names = [...new Set([...Object.keys(old), ...Object.keys(fresh)])];
  const changed = names.filter((name) => JSON.stringify(old[name]) !== JSON.stringify(fresh[name]));
  if (changed.some((name) => !(name in fresh) || FIXED.includes(name))) return null;
  const calm = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
  const wanted = changed.filter((name) => !(calm && MOVING.includes(name)));
  return Object.fromEntries(wanted.map((name) => [name, fresh[name]]));
}

function others(head: Element): string {
  const rest = head.querySelectorAll(":scope > :not(link[rel=stylesheet], title, meta, script)");
  return [...rest].map((each) => each.outerHTML).join();
}

function shape(body: Element): string {
  return [...body.children].map((each) => `${each.tagName}.${each.className}`).join();
}

/** What stands beside the slides in two pages of the same shape. */
function around(was: Element, now: Element): (readonly [Element, Element])[] {
  const fresh = now.querySelectorAll(AROUND);
  return [...was.querySelectorAll(AROUND)].flatMap((part, at) => {
    const other = fresh[at];
    return other ? [[part, other] as const] : [];
  });
}

function attributes(node: Element, was: Element, now: Element): void {
  for (const name of new Set([...was.getAttributeNames(), ...now.getAttributeNames()])) {
    if (was.getAttribute(name) === now.getAttribute(name)) continue;
    if (name === "class") {
      node.classList.remove(...was.classList);
      node.classList.add(...now.classList);
    } else {
      const value = now.getAttribute(name);
      if (value === null) node.removeAttribute(name);
      else node.setAttribute(name, value);
    }
  }
}

function stylesheets(page: Document): string[] {
  return [...page.head.querySelectorAll('link[rel="stylesheet"]')].map((link) => link.getAttribute("href") ?? "");
}

/** Each new stylesheet is loaded before an old one goes, so that the deck is never seen without. */
async function styles(was: Document, now: Document): Promise<void> {
  const mine = () => [...document.head.querySelectorAll<HTMLLinkElement>('link[rel="stylesheet"]:not([href^="/-/"])')];
  const [old, wanted] = [stylesheets(was), stylesheets(now)];
  if (old.join() === wanted.join()) return;
  const loads: Promise<unknown>[] = [];
  let last: HTMLLinkElement | null = null;
  for (const href of wanted) {
    let link = mine().find((each) => each.getAttribute("href") === href);
    if (!link) {
      const made = document.createElement("link");
      made.rel = "stylesheet";
      made.href = href;
      loads.push(new Promise((done) => Object.assign(made, { onload: done, onerror: done })));
      link = made;
    }
    if (last && !link.parentNode) last.after(link);
    else if (!link.parentNode) (mine()[0] ?? document.head.lastElementChild)?.before(link);
    last = link;
  }
  await Promise.all(loads);
  for (const link of mine()) if (!wanted.includes(link.getAttribute("href") ?? "")) link.remove();
  await document.fonts.ready;
}

/** Whether the page is now as the patch says; if not, it is to be loaded again. */
export async function apply(patch: Patch, wish: Wish): Promise<boolean> {
  if (patch.reload || !window.Reveal?.isReady()) return false;
  if (patch.frame && !(await patchFrame(patch.frame))) return false;
  return !(patch.changes.length || patch.shape) || patchSlides(patch, wish);
}
