/* The presenter's second window: the slide as it is, the next one, notes, time and pace, and what the snippet does, with
   keys that drive every window. It is the same page with another query, so that its slide is as live as the other. */
(function () {
  "use strict";

  const STARTED = "quarterdeck-started";
  const TICK_MS = 500;
  const CLOSE_MS = 30000; // nobody minds half a minute
  const stage = window.QuarterdeckStage;
  const { make, say, told, words } = stage;
  const parts = {};
  let deck = null;
  let started = 0;

  function stored() {
    try {
      return Number(sessionStorage.getItem(STARTED)) || 0;
    } catch (error) {
      return 0;
    }
  }

  function store(time) {
    started = time;
    try {
      sessionStorage.setItem(STARTED, String(time));
    } catch (error) {
      return;
    }
  }

  function pane(name, title, ...content) {
    const made = make("section", `qd-desk-${name}`);
    if (title) made.append(make("h2", "", title));
    made.append(...content);
    return made;
  }

  function command(name, does) {
    const button = make("button", "", words[name]);
    button.type = "button";
    button.dataset.does = does;
    button.addEventListener("click", () => {
      button.blur(); // the space bar is the deck's
      stage.act(does);
    });
    return button;
  }

  /* Before reveal.js starts: the deck is one pane of the desk. */
  function build() {
    window.Quarterdeck.settings.reveal.embedded = true;
    const desk = make("main", "qd-desk");
    document.documentElement.classList.add("qd-speaker");
    parts.notes = make("div", "qd-desk-text");
    parts.clock = make("strong", "qd-desk-clock", "0:00");
    parts.pace = make("span", "qd-desk-pace");
    parts.place = make("span", "qd-desk-place");
    parts.state = make("p", "qd-desk-said");
    parts.frame = make("iframe");
    parts.frame.title = words.next;
    parts.frame.tabIndex = -1;
    const reset = make("button", "", words.reset);
    reset.type = "button";
    reset.addEventListener("click", () => {
      reset.blur();
      store(Date.now());
      tick();
    });
    const keys = pane("keys", words.output, parts.state);
    const buttons = make("div", "qd-desk-buttons");
    buttons.append(command("run", "run"), command("record", "swap"), command("cancel", "cancel"), command("restart", "restart"),
      command("state", "make"), command("recordedMode", "recorded"));
    keys.append(buttons);
    const state = make("section", "qd-desk-state");
    desk.append(
      pane("now", "", document.querySelector(".reveal")),
      pane("next", words.next, parts.frame),
      pane("time", "", parts.clock, parts.pace, parts.place, reset),
      keys,
      pane("notes", words.notes, parts.notes),
      state,
    );
    document.body.prepend(desk);
  }

  /* Minutes that the talk gives to what comes before this slide. */
  function due(index, total) {
    const slides = deck.getSlides();
    const starts = (told.sections || []).map((each) => ({ ...each, at: slides.findIndex((slide) => slide.id === each.slide) }))
      .filter((each) => each.at >= 0 && each.minutes);
    if (!starts.length) return told.minutes ? (told.minutes * index) / Math.max(total, 1) : null;
    let sum = 0;
    for (const [number, each] of starts.entries()) {
      const end = starts[number + 1] ? starts[number + 1].at : total;
      if (index < end) return sum + (each.minutes * Math.max(index - each.at, 0)) / Math.max(end - each.at, 1);
      sum += each.minutes;
    }
    return sum;
  }

  function tick() {
    const seconds = started ? Math.floor((Date.now() - started) / 1000) : 0;
    const slides = deck.getSlides();
    const index = slides.indexOf(deck.getCurrentSlide());
    const wanted = due(index, slides.length);
    parts.clock.textContent = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
    parts.place.textContent = `${index + 1} / ${slides.length}`;
    if (wanted === null || !started) return void (parts.pace.textContent = "");
    const late = seconds - wanted * 60;
    const minutes = Math.max(Math.round(Math.abs(late) / 60), 1);
    parts.pace.textContent = Math.abs(late) < CLOSE_MS / 1000 ? words.onTime : say(late > 0 ? "behind" : "ahead", { minutes });
    parts.pace.dataset.late = late > CLOSE_MS / 1000 ? "yes" : "no";
  }

  function turned() {
    const slide = deck.getCurrentSlide();
    const notes = slide ? [...slide.querySelectorAll("aside.notes")] : [];
    parts.notes.replaceChildren(...(notes.length ? notes.map((each) => {
      const copy = make("div");
      copy.append(...each.cloneNode(true).childNodes);
      return copy;
    }) : [make("p", "qd-desk-none", slide && slide.dataset.notes ? slide.dataset.notes : words.noNotes)]));
    if (!started && deck.getSlidePastCount() > 0) store(Date.now());
    tick();
  }

  /* What the snippet of this slide does, in a sentence. */
  function state() {
    const view = stage.target();
    const problem = view && (view.told.problem || "");
    const text = !view ? words.noSnippet
      : view.told.state === "idle" || view.swapped ? view.id : `${view.id}: ${stage.stateOf(view)}${problem ? `. ${problem}` : ""}`;
    const hint = view && view.failed && !view.swapped ? ` ${words.swap}` : "";
    if (parts.state.textContent !== text + hint) parts.state.textContent = text + hint;
    parts.state.dataset.phase = view ? stage.phaseOf(view) : "";
  }

  stage.speaker = {
    build,
    state,
    start(reveal) {
      deck = reveal;
      started = stored();
      parts.frame.src = location.pathname;
      for (const event of ["slidechanged", "fragmentshown", "fragmenthidden"]) deck.on(event, turned);
      turned();
      setInterval(tick, TICK_MS);
    },
  };
})();
