// @ts-nocheck
/* Keeps this page as its talk is: hears of builds from the author's server, and applies them in place or loads the page
   again at the same slide. One page of the browser listens to the server and tells the others; the two decks inside of the
   speaker view are told by the deck that opened it, which knows where they have to be. Before an audience the same happens
   with `live.quiet`: the deck goes nowhere by itself, and nothing is said over the slides; `live.taken` hears of each state
   once it is shown. */
(function () {
  "use strict";

  const EVENTS = "/-/events";
  const STATE = "/-/state";
  const OPEN = "/-/open";
  const NAME = "quarterdeck-live"; // of the lock and of the channel
  const PLACE = "quarterdeck-place";
  const FOLLOW = "quarterdeck-follow";
  const AGAIN_MS = 2000;
  const BEAT_MS = 1000;
  const KEY_E = 69;

  const live = window.QuarterdeckLive;
  const { deck, panel } = live;
  const here = {
    path: decodeURIComponent(location.pathname).replace(/index\.html$/, ""),
    digest: document.currentScript.dataset.digest, // empty: there is no such page yet
  };
  const query = new URLSearchParams(location.search);
  const isReceiver = query.has("receiver") && parent !== window;
  const isPaper = query.has("print-pdf") || query.get("view") === "print";
  const receivers = new Set();
  let told = null;
  let work = window.Quarterdeck ? window.Quarterdeck.ready : Promise.resolve();

  function stored(name) {
    try {
      return sessionStorage.getItem(name);
    } catch (error) {
      return null; // storage is closed to this page
    }
  }

  function store(name, value) {
    try {
      sessionStorage.setItem(name, value);
    } catch (error) {
      return;
    }
  }

  function follows() {
    if (live.quiet) return false;
    return stored(FOLLOW) === null ? told.follow : stored(FOLLOW) === "yes";
  }

  /* One thing after another; what fails leaves a page that nobody knows, so it is loaded again. */
  function queue(job) {
    work = work.then(job).catch((error) => {
      console.error(error);
      reload();
    });
    return work;
  }

  function reload() {
    if (!isReceiver && window.Reveal && Reveal.isReady()) store(PLACE, JSON.stringify({ path: here.path, ...deck.place() }));
    location.reload();
    return new Promise(() => {}); // nothing else happens in this page
  }

  function comeBack() {
    const place = JSON.parse(stored(PLACE) || "null");
    if (!place || place.path !== here.path) return;
    store(PLACE, "null");
    const section = document.getElementById(place.key);
    if (section && section.matches(".reveal .slides section")) deck.go(section, place.f);
    else Reveal.slide(place.h, place.v, place.f);
    if (place.overview) Reveal.toggleOverview(true);
    if (place.paused) Reveal.togglePause(true);
  }

  async function onState(state) {
    told = state;
    const digest = state.pages[here.path];
    if (digest && !here.digest) return reload();
    if (here.digest) panel.tell({ ...state, findings: concerning(state), gone: !digest, follow: follows() });
    showRunning();
    if (digest && digest !== here.digest) await onChange(state);
    if (live.taken) live.taken(state, here.path);
    return undefined;
  }

  async function onChange(state) {
    const patch = (state.patches || {})[here.path];
    if (patch && patch.before === here.digest) return onPatch(patch);
    return (await isBehind()) ? reload() : undefined;
  }

  /* The page may be newer than the news: it was loaded while they were on their way. */
  async function isBehind() {
    const state = await (await fetch(STATE)).json();
    return Boolean(state.pages[here.path]) && state.pages[here.path] !== here.digest;
  }

  function showRunning() {
    live.showRunning((told.running || {})[here.path] || []);
  }

  function onRunning({ running }) {
    if (!told) return; // the state that comes first says it too
    told.running = running;
    showRunning();
  }

  async function onPatch(patch) {
    live.showRunning([]); // the page as it was written, which the patch is for
    if (isPaper || !(await deck.apply(patch, { follow: follows() }))) return reload();
    here.digest = patch.after;
    showRunning();
    for (const receiver of receivers) {
      if (receiver.closed) receivers.delete(receiver);
      else if (receiver.QuarterdeckLive && receiver.QuarterdeckLive.receive) await receiver.QuarterdeckLive.receive(patch, deck.place());
    }
    Reveal.dispatchEvent({ type: "closeoverlay" }); // the notes plugin sends its state on this, and nobody else minds it
    return undefined;
  }

  /* Of other talks' mistakes this page says nothing. */
  function concerning(state) {
    const mine = state.decks[here.path];
    const others = new Set(Object.values(state.decks).map((each) => each.file));
    return state.findings.filter((finding) => !mine || finding.file === mine.file || !others.has(finding.file));
  }

  function onGoto({ path, key }) {
    const section = document.getElementById(key);
    if (path === here.path && section) deck.go(section);
  }

  function onMessage(text) {
    const message = JSON.parse(text);
    const heard = { goto: onGoto, running: onRunning, state: onState };
    queue(() => heard[message.kind](message));
  }

  async function edit(file, line) {
    const place = `${file}:${line}`;
    const headers = { "Content-Type": "application/json" };
    const answer = await fetch(OPEN, { method: "POST", headers, body: JSON.stringify({ file, line }) }).catch(() => null);
    if (answer && answer.ok && (await answer.json()).opened) return panel.toast(panel.words.opened, place);
    const copied = await copy(place);
    return panel.toast(copied ? panel.words.copied : panel.words.uncopied, place);
  }

  function copy(text) {
    return navigator.clipboard ? navigator.clipboard.writeText(text).then(() => true, () => false) : Promise.resolve(false);
  }

  function editSlide() {
    const talk = told && told.decks[here.path];
    const lines = talk && talk.lines[Reveal.getCurrentSlide().id];
    if (lines) edit(talk.file, lines[0]);
  }

  /* A browser opens six connections to a server and no more: with one stream a page, a seventh page would never load. */
  function listen() {
    if (!navigator.locks || !window.BroadcastChannel) return connect(() => {});
    const channel = new BroadcastChannel(NAME);
    channel.onmessage = ({ data }) => (typeof data === "string" ? onMessage(data) : panel.lost(data.lost));
    navigator.locks.request(NAME, () => {
      connect((news) => channel.postMessage(news));
      return new Promise(() => {}); // until this page is closed
    });
    return fetch(STATE).then((answer) => answer.json()).then((state) => queue(() => onState(state)), () => panel.lost(true));
  }

  function connect(pass) {
    const source = new EventSource(EVENTS);
    const say = (lost) => {
      panel.lost(lost);
      pass({ lost });
    };
    source.onopen = () => say(false);
    source.onmessage = ({ data }) => {
      pass(data);
      onMessage(data);
    };
    source.onerror = () => {
      say(true);
      if (source.readyState === EventSource.CLOSED) setTimeout(() => connect(pass), AGAIN_MS);
    };
  }

  /* A deck inside of the speaker view. It finds the deck that opened the view, also after that one was loaded again. */
  function receive() {
    let strange = 0;
    live.receive = (patch, goal) =>
      queue(async () => {
        if (patch.before !== here.digest || !(await deck.apply(patch, { goal }))) return reload();
        here.digest = patch.after;
        return undefined;
      });
    setInterval(() => {
      const main = openerDeck();
      if (!main) return;
      main.receivers.add(window);
      strange = main.digest() === here.digest ? 0 : strange + 1;
      if (strange > 1) reload(); // it missed a patch
    }, BEAT_MS);
    const main = openerDeck();
    if (main) main.receivers.add(window);
  }

  function openerDeck() {
    try {
      const opened = parent.opener && parent.opener.QuarterdeckLive;
      return opened && opened.receivers ? opened : null;
    } catch (error) {
      return null; // it shows something of another origin now
    }
  }

  function start() {
    if (isReceiver) return receive();
    if (window.Reveal && !isPaper) comeBack();
    live.receivers = receivers;
    live.digest = () => here.digest;
    panel.start({
      open: edit,
      follow: (wanted) => store(FOLLOW, wanted ? "yes" : "no"),
    });
    if (window.Reveal && !live.quiet) {
      Reveal.addKeyBinding({ keyCode: KEY_E, key: "E", description: panel.words.edit }, editSlide);
    }
    return listen();
  }

  queue(() => void start());
})();
