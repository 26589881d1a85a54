// @ts-nocheck
/* The stage's line to its server, and to the other windows of this deck. Knows nothing of terminals.

   The single-use code comes in the address' fragment and is out of it before anything else runs; it buys a cookie and a
   token, and neither alone opens the line. Whatever fails here, the page goes on as the deck it is. */
(function () {
  "use strict";

  const TOKEN = "quarterdeck-stage";
  const FRAGMENT = "#qd-code=";
  const AGAIN_MS = [250, 5000];
  const ACK_BYTES = 32768;
  const INPUT_BYTES = 16000; // of characters, which are at most three bytes each
  const CLOSED = { 4401: "code", 4403: "denied" };

  const stage = window.QuarterdeckStage;
  const told = (stage.told = JSON.parse(document.getElementById("qd-stage").textContent));
  const isFrame = window.parent !== window;
  const name = `quarterdeck-stage-${told.deck}`;
  const channel = window.BroadcastChannel ? new BroadcastChannel(name) : null;
  const seen = new Set(); // ids of what other windows shared: it may come by two ways
  let socket = null;
  let wait = AGAIN_MS[0];
  let written = 0;
  let acknowledged = 0;
  let hear = () => {};

  stage.view = isFrame ? "frame" : told.view || "deck";

  function stored() {
    try {
      return sessionStorage.getItem(TOKEN);
    } catch (error) {
      return null; // storage is closed to this page
    }
  }

  function store(token) {
    try {
      if (token) sessionStorage.setItem(TOKEN, token);
      else sessionStorage.removeItem(TOKEN);
    } catch (error) {
      return;
    }
  }

  function takeCode() {
    if (!location.hash.startsWith(FRAGMENT)) return "";
    const code = decodeURIComponent(location.hash.slice(FRAGMENT.length));
    history.replaceState(null, "", location.pathname + location.search);
    return code;
  }

  function become(state) {
    if (link.state === state) return;
    link.state = state;
    hear({ type: "link", state });
  }

  /* Whether the code was taken. */
  async function enter(code) {
    const headers = { "Content-Type": "application/json" };
    const answer = await fetch(told.enter, { method: "POST", headers, body: JSON.stringify({ code }) }).catch(() => null);
    if (!answer || !answer.ok) return false;
    store((await answer.json()).token);
    connect();
    return true;
  }

  function connect() {
    const token = stored();
    if (!token) return become("code");
    const mine = (socket = new WebSocket(`ws://${location.host}${told.live}`));
    mine.binaryType = "arraybuffer";
    written = acknowledged = 0;
    mine.onopen = () => mine.send(JSON.stringify({ type: "hello", token, deck: told.deck }));
    mine.onmessage = ({ data }) => (typeof data === "string" ? onText(JSON.parse(data)) : onOutput(data));
    mine.onclose = ({ code }) => {
      if (socket !== mine) return;
      socket = null;
      if (code === 4401) store(null);
      become(CLOSED[code] || "away");
      if (!CLOSED[code]) again();
    };
    return undefined;
  }

  function again() {
    setTimeout(() => socket || connect(), wait);
    wait = Math.min(wait * 2, AGAIN_MS[1]);
  }

  function onText(message) {
    if (message.type === "hello") {
      wait = AGAIN_MS[0];
      link.state = "live"; // said after the hello, which says what there is
      hear(message);
      hear({ type: "link", state: "live" });
    } else if (message.type === "relay") onShared(message.value);
    else hear(message);
  }

  function onOutput(data) {
    const run = new DataView(data).getUint32(0);
    hear({ type: "output", run, bytes: new Uint8Array(data, 4), line: socket });
  }

  function onShared(value) {
    if (!value || typeof value !== "object" || seen.has(value.token)) return;
    seen.add(value.token);
    hear({ ...value, type: `window-${value.type}` });
  }

  const link = (stage.link = {
    state: told.trusted && told.live && !isFrame ? "new" : "none",
    enter,

    /* Whether it went out. */
    send(message) {
      if (link.state !== "live" || !socket || socket.readyState !== WebSocket.OPEN) return false;
      socket.send(JSON.stringify(message));
      return true;
    },

    /* So many bytes of output are on a screen, or nobody's: the server may send as many again. */
    written(bytes, line) {
      if (line !== socket) return; // of a line that is no more
      written += bytes;
      if (written - acknowledged < ACK_BYTES) return;
      acknowledged = written;
      link.send({ type: "ack", bytes: written });
    },

    input(run, text) {
      for (let at = 0; at < text.length; at += INPUT_BYTES) {
        link.send({ type: "input", run, data: text.slice(at, at + INPUT_BYTES) });
      }
    },

    /* To every other window of this deck: those of this browser hear it without the server too. */
    share(value) {
      const token = Math.random().toString(36).slice(2);
      seen.add(token);
      if (channel) channel.postMessage({ ...value, token });
      link.send({ type: "relay", value: { ...value, token } });
    },

    /* From here on `listener` hears every message, and of the line itself: {"type": "link", "state": …}. */
    start(listener) {
      hear = listener;
      if (link.state === "none") return;
      const code = taken;
      taken = "";
      if (code) enter(code).then((known) => known || (stored() ? connect() : become("code")));
      else connect();
    },
  });

  let taken = takeCode();
  if (channel) {
    channel.onmessage = ({ data, origin }) => {
      if (origin === location.origin) onShared(data);
    };
  }
})();
