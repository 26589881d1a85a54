// @ts-nocheck
import { Idiomorph } from "idiomorph";
/* The open deck becomes the new one, in place. Of each slide the server sends the markup it had and the markup it has;
   only what differs between the two is touched, so that whatever the page itself did to the rest stays: fragments that
   are shown, videos that play, fields that hold the focus. Knows nothing of the server. */
(function () {
  "use strict";

  // reveal.js or the page's own scripts take these at the start only
  const FIXED = ["width", "height", "view", "plugins", "scrollActivationWidth", "shuffle"];
  const MOVING = ["transition", "backgroundTransition", "autoAnimate"];
  const live = (window.QuarterdeckLive = window.QuarterdeckLive || {});

  function slides() {
    return [...document.querySelectorAll(".reveal .slides section.qd-slide")].filter(
      (section) => !section.parentElement.closest("section.qd-slide"),
    );
  }

  function element(html) {
    const template = document.createElement("template");
    template.innerHTML = html;
    return template.content.querySelector("section");
  }

  function scripts(node) {
    return node ? [...node.querySelectorAll("script")].map((script) => script.outerHTML).join("\n") : "";
  }

  /* Which authored element each element of the page once was; what the page added itself has none. */
  function trace(node, original, origins) {
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

  function morph(node, before, after) {
    const origins = trace(node, before, new WeakMap());
    const targets = new WeakMap();
    node.id = after.id; // else the slide would count as another one
    Idiomorph.morph(node, after, {
      callbacks: {
        beforeNodeMorphed(old, fresh) {
          const original = origins.get(old);
          if (original && original.isEqualNode(fresh)) return false;
          targets.set(old, fresh);
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

  /* Without losing what plays in it, where the browser can. */
  function insert(parent, node, next) {
    if (parent.moveBefore && node.isConnected && parent.isConnected) parent.moveBefore(node, next);
    else parent.insertBefore(node, next);
  }

  /* The nodes one after another in the parent; others that are in it stay between them. */
  function put(parent, wanted) {
    const kept = new Set(wanted);
    let next = parent.firstElementChild;
    for (const node of wanted) {
      while (next && !kept.has(next)) next = next.nextElementSibling;
      if (node === next) next = next.nextElementSibling;
      else insert(parent, node, next);
    }
  }

  /* The stacks as the patch says; gives all slides in their new order. */
  function arrange(patch, old) {
    const made = new Map(patch.changes.filter((change) => !change.before).map((each) => [each.index, each.after]));
    const fresh = [];
    const stacks = patch.shape.map((stack) =>
      stack.map((index) => {
        fresh.push(index < 0 ? element(made.get(fresh.length)) : old[index]);
        return fresh[fresh.length - 1];
      }),
    );
    const kept = new Set(fresh);
    for (const gone of old.filter((section) => !kept.has(section))) {
      gone.querySelectorAll("video, audio").forEach((media) => media.pause());
      gone.remove();
    }
    const container = document.querySelector(".reveal .slides");
    const used = new Set();
    const columns = stacks.map((sections) => {
      if (sections.length === 1) return sections[0];
      const parents = sections.map((section) => section.parentElement);
      const wrapper =
        parents.find((parent) => parent && parent.parentElement === container && !used.has(parent)) ||
        document.createElement("section");
      used.add(wrapper);
      return wrapper;
    });
    put(container, columns);
    columns.forEach((column, index) => stacks[index].length > 1 && put(column, stacks[index]));
    [...container.children].filter((child) => !columns.includes(child)).forEach((emptied) => emptied.remove());
    return fresh;
  }

  /* While reveal.js leaves and enters the slide it is on, which only changed its number, nothing in it stops. */
  function undisturbed(section, work) {
    const media = [...section.querySelectorAll("video:not([data-ignore]), audio:not([data-ignore])")];
    const frames = [...section.querySelectorAll("iframe[data-src]")].map((frame) => [frame, frame.dataset.src]);
    media.forEach((each) => each.setAttribute("data-ignore", ""));
    frames.forEach(([frame]) => frame.removeAttribute("data-src"));
    try {
      work();
    } finally {
      media.forEach((each) => each.removeAttribute("data-ignore"));
      frames.forEach(([frame, source]) => frame.setAttribute("data-src", source));
    }
  }

  function place() {
    const { h, v, f } = Reveal.getIndices();
    const current = Reveal.getCurrentSlide();
    return { key: current ? current.id : "", h, v, f, overview: Reveal.isOverview(), paused: Reveal.isPaused() };
  }

  function go(section, f) {
    const { h, v } = Reveal.getIndices(section);
    Reveal.slide(h, v, f);
  }

  /* The slide that stands nearest to one that is gone: the next one, else the one before. */
  function neighbour(old, index, fresh) {
    const left = new Set(fresh);
    const around = [...old.slice(index + 1), ...old.slice(0, index).reverse()];
    return around.find((section) => left.has(section)) || fresh[0];
  }

  /* Changes the deck's slides. `goal` says where to be afterwards; without it the deck stays where it is, or goes to the
     slide that is being edited if `follow` says so. False: this cannot be done in place. */
  function patchSlides(patch, { follow, goal }) {
    const old = slides();
    if (old.length !== patch.count || Reveal.isScrollView() || Reveal.isPrintView()) return false;
    const changed = patch.changes.map(({ index, before, after }) => ({
      index,
      was: before ? element(before) : null,
      now: element(after),
    }));
    if (changed.some((each) => scripts(each.was) !== scripts(each.now))) return false;

    const here = Reveal.getCurrentSlide();
    const before = place();
    still();
    const overview = patch.shape && Reveal.isOverview();
    if (overview) Reveal.toggleOverview(false); // its listeners are on the slides that there were
    const fresh = patch.shape ? arrange(patch, old) : old;
    for (const each of changed) if (each.was) morph(fresh[each.index], each.was, each.now);
    if (patch.shape) Reveal.sync();

    let target = fresh.includes(here) ? here : neighbour(old, old.indexOf(here), fresh);
    if (goal) target = fresh.find((section) => section.id === goal.key) || target;
    else if (follow && patch.focus !== null) target = fresh[patch.focus];
    for (const each of changed) refresh(fresh[each.index]);
    if (target !== here) go(target, goal ? goal.f : undefined);
    else if (patch.shape) undisturbed(here, () => go(here, goal ? goal.f : before.f));
    else if (typeof before.f === "number") Reveal.navigateFragment(goal ? goal.f : before.f);
    if (overview) Reveal.toggleOverview(true);
    if (patch.shape || changed.some((each) => fresh[each.index] === target)) Reveal.layout();
    return true;
  }

  function refresh(section) {
    if (window.Quarterdeck) window.Quarterdeck.refresh(section);
    else Reveal.syncSlide(section);
  }

  /* Slides take their new places at once: nothing slides in that was there all along. */
  function still() {
    const root = document.documentElement;
    root.classList.add("qd-live-still");
    requestAnimationFrame(() => requestAnimationFrame(() => root.classList.remove("qd-live-still")));
  }

  /* The page around the slides. False: this cannot be done in place. */
  async function patchFrame([before, after]) {
    const parser = new DOMParser();
    const was = parser.parseFromString(before, "text/html");
    const now = parser.parseFromString(after, "text/html");
    const config = [was, now].map((page) => page.getElementById("qd-config"));
    if (!config[0] || !config[1]) return false;
    const settings = config.map((each) => JSON.parse(each.textContent));
    const changes = settled(settings[0], settings[1]);
    config.forEach((each) => each.remove());
    if (!changes || scripts(was) !== scripts(now) || others(was.head) !== others(now.head)) return false;
    if (shape(was.body) !== shape(now.body)) return false;

    attributes(document.documentElement, was.documentElement, now.documentElement);
    attributes(document.body, was.body, now.body);
    document.title = now.title;
    for (const meta of now.head.querySelectorAll("meta[name]")) {
      const mine = document.head.querySelector(`meta[name="${CSS.escape(meta.name)}"]`);
      if (mine) mine.content = meta.content;
    }
    around(was.body, now.body).forEach(([old, fresh]) => {
      const named = [old.tagName, ...old.classList].map((name) => CSS.escape(name)).join(".");
      const mine = document.querySelector(`body > ${named}`);
      if (mine && !old.isEqualNode(fresh)) Idiomorph.morph(mine, fresh.cloneNode(true));
    });
    document.getElementById("qd-config").textContent = config[1].textContent;
    await styles(was, now);
    if (Object.keys(changes).length) Reveal.configure(changes);
    refreshAll();
    return true;
  }

  function refreshAll() {
    if (window.Quarterdeck) window.Quarterdeck.refresh();
    Reveal.layout();
  }

  /* What of reveal.js' options changed, or nothing when that can only be had afresh. */
  function settled(was, now) {
    const rest = [was, now].map((each) => JSON.stringify({ ...each, reveal: null, scheme: null }));
    if (rest[0] !== rest[1]) return null;
    const [old, fresh] = [was.reveal || {}, now.reveal || {}];
    const names = [...new Set([...Object.keys(old), ...Object.keys(fresh)])];
    const changed = names.filter((name) => JSON.stringify(old[name]) !== JSON.stringify(fresh[name]));
    if (changed.some((name) => !(name in fresh) || FIXED.includes(name))) return null;
    const calm = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
    const wanted = changed.filter((name) => !(calm && MOVING.includes(name)));
    return Object.fromEntries(wanted.map((name) => [name, fresh[name]]));
  }

  function others(head) {
    const rest = head.querySelectorAll(":scope > :not(link[rel=stylesheet], title, meta, script)");
    return [...rest].map((each) => each.outerHTML).join();
  }

  function shape(body) {
    return [...body.children].map((each) => `${each.tagName}.${each.className}`).join();
  }

  function around(was, now) {
    const parts = [was, now].map((body) => [...body.querySelectorAll(":scope > :not(.reveal, script)")]);
    return parts[0].map((part, index) => [part, parts[1][index]]);
  }

  function attributes(node, was, now) {
    for (const name of new Set([...was.getAttributeNames(), ...now.getAttributeNames()])) {
      if (was.getAttribute(name) === now.getAttribute(name)) continue;
      if (name === "class") {
        node.classList.remove(...was.classList);
        node.classList.add(...now.classList);
      } else if (now.hasAttribute(name)) node.setAttribute(name, now.getAttribute(name));
      else node.removeAttribute(name);
    }
  }

  /* Each new stylesheet is loaded before an old one goes, so that the deck is never seen without. */
  async function styles(was, now) {
    const mine = () => [...document.head.querySelectorAll('link[rel="stylesheet"]:not([href^="/-/"])')];
    const [old, wanted] = [was, now].map((page) =>
      [...page.head.querySelectorAll('link[rel="stylesheet"]')].map((link) => link.getAttribute("href")),
    );
    if (old.join() === wanted.join()) return;
    const loads = [];
    let last = null;
    for (const href of wanted) {
      let link = mine().find((each) => each.getAttribute("href") === href);
      if (!link) {
        link = document.createElement("link");
        link.rel = "stylesheet";
        link.href = href;
        loads.push(new Promise((done) => (link.onload = link.onerror = done)));
      }
      if (last && !link.parentNode) last.after(link);
      else if (!link.parentNode) (mine()[0] || document.head.lastElementChild).before(link);
      last = link;
    }
    await Promise.all(loads);
    for (const link of mine()) if (!wanted.includes(link.getAttribute("href"))) link.remove();
    await document.fonts.ready;
  }

  async function apply(patch, wish) {
    if (patch.reload || !window.Reveal || !Reveal.isReady()) return false;
    if (patch.frame && !(await patchFrame(patch.frame))) return false;
    return !(patch.changes.length || patch.shape) || patchSlides(patch, wish);
  }

  live.deck = { apply, place, go, slides };
})();
