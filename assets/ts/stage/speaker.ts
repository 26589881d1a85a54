// @ts-nocheck
/* The presenter's second window: the slide as it is, the next one, notes, time and pace, and what the snippet does, with
   keys that drive every window. It is the same page with another query, so that its slide is as live as the other. */
(function () {
  "use strict";

  const STARTED = "quarterdeck-started";
  const TICK_MS = 500;
  const CLOSE_S = 30; // nobody minds half a minute
  const LATE_S = 180;
  const STEP_S = 10;
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
    parts.left = make("span", "qd-desk-left");
    parts.pace = make("span", "qd-desk-pace");
    parts.news = make("p", "qd-desk-news");
    parts.news.setAttribute("role", "status");
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
      pane("time", "", parts.clock, parts.left, parts.place, reset, parts.pace, parts.news),
      keys,
      pane("notes", words.notes, parts.notes),
      state,
    );
    document.body.prepend(desk);
  }

  /* The section that a slide is in, and how many minutes of the talk were to have passed when the slide begins. */
  function due(slides, slide) {
    const index = slides.indexOf(slide);
    const sections = (told.sections || []).map((each) => ({ ...each, at: slides.findIndex((one) => one.id === each.slide) }))
      .filter((each) => each.at >= 0);
    const section = sections.filter((each) => each.at <= index).pop();
    if (!section) return null;
    const next = sections[sections.indexOf(section) + 1];
    const end = next ? next.at : slides.length;
    return { ...section, due: section.begins + (section.minutes * (index - section.at)) / Math.max(end - section.at, 1) };
  }

  function time(seconds) {
    const [minutes, rest] = [Math.floor(seconds / 60), seconds % 60];
    return say(!rest ? "onlyMinutes" : minutes ? "minutesSeconds" : "onlySeconds", { minutes, seconds: rest });
  }

  /* "Volumes · 2 min 10 s behind", in steps that do not catch the eye. */
  function pace(seconds, section) {
    const late = Math.round((seconds - section.due * 60) / STEP_S) * STEP_S;
    const title = section.title;
    if (Math.abs(late) < CLOSE_S) return { late, text: say("sectionOnTime", { title }) };
    return { late, text: say(late > 0 ? "sectionBehind" : "sectionAhead", { title, time: time(Math.abs(late)) }) };
  }

  function clock(seconds) {
    const all = Math.abs(Math.floor(seconds));
    return `${Math.floor(all / 60)}:${String(all % 60).padStart(2, "0")}`;
  }

  function write(part, text) {
    if (part.textContent !== text) part.textContent = text;
  }

  function tick() {
    const seconds = started ? Math.floor((Date.now() - started) / 1000) : 0;
    const slides = deck.getSlides();
    const slide = deck.getCurrentSlide();
    const left = (told.minutes || 0) * 60 - seconds;
    write(parts.clock, clock(seconds));
    write(parts.left, told.minutes ? say(left < 0 ? "over" : "left", { minutes: clock(left) }) : "");
    write(parts.place, `${slides.indexOf(slide) + 1} / ${slides.length}`);
    const section = started ? due(slides, slide) : null;
    const { late, text } = section ? pace(seconds, section) : { late: 0, text: "" };
    write(parts.pace, text);
    parts.pace.dataset.late = late > LATE_S ? "very" : late >= CLOSE_S ? "yes" : "no";
    write(parts.news, news());
  }

  /* What is wrong with the newest text: the audience sees the one before it. */
  function news() {
    const [first, ...more] = stage.concerns();
    return first ? [first, more.length ? say("more", { count: more.length }) : ""].filter(Boolean).join(" · ") : "";
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
    const problem = view ? stage.problem(view.told.problem) : "";
    const text = !view ? words.noSnippet
      : view.told.state === "idle" || view.swapped ? view.id : say("does", { name: view.id, state: [stage.stateOf(view), problem].filter(Boolean).join(" · ") });
    const hint = view && view.failed && !view.swapped ? ` · ${words.swap}` : "";
    write(parts.state, text + hint);
    write(parts.news, news());
    parts.state.dataset.phase = view ? stage.phaseOf(view) : "";
  }

  stage.speaker = {
    build,
    state,
    turned,
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
