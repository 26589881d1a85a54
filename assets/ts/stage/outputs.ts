// @ts-nocheck
/* Pictures and tables of a kernel while its cell runs, and after: in the box of those that were recorded, which keeps its
   size. Where nothing was recorded, they stand where it will be. The markup is the server's, cleaned as on the page. */
(function () {
  "use strict";

  const stage = window.QuarterdeckStage;
  const told = new Map(); // markup, by run

  /* Whether the live run is what the window shows. */
  function isLive(view) {
    const { state, unseen } = view.told;
    if (unseen || view.swapped) return false;
    return view.isOn || state === "done" || (state === "lost" && Boolean(view.terminal));
  }

  function parsed(html) {
    const template = document.createElement("template");
    template.innerHTML = html;
    return template.content.querySelector(".qd-outputs") || template.content;
  }

  /* What stays the same is left alone: a picture that is put in again flickers. */
  function fill(box, html) {
    if (box.qdHtml === html) return;
    box.qdHtml = html;
    const [before, fresh] = [[...box.children], [...parsed(html).children]];
    fresh.forEach((child, at) => {
      const old = before[at];
      if (!old) box.append(child);
      else if (old.outerHTML !== child.outerHTML) old.replaceWith(child);
    });
    before.slice(fresh.length).forEach((child) => child.remove());
  }

  function showOne(view) {
    const figure = view.figure;
    const still = figure.querySelector(":scope > .qd-outputs:not(.qd-made)");
    const room = still || figure;
    let box = room.querySelector(":scope > .qd-made");
    const html = isLive(view) ? told.get(view.run) || "" : "";
    const wanted = still ? isLive(view) : html || (view.isBusy && box);
    if (!wanted) {
      if (box) box.remove();
      return;
    }
    if (!box) {
      box = stage.make("div", "qd-outputs qd-made");
      if (still) still.scrollTo(0, 0);
      room.append(box);
    }
    const away = !still && !html; // it keeps its room for those that are about to come
    box.classList.toggle("qd-away", Boolean(away));
    if (!away) fill(box, html);
  }

  stage.heard.outputs = ({ run, html }) => told.set(run, html);

  stage.outputs = {
    forget: () => told.clear(),

    show() {
      const views = [...stage.views.values()].filter((view) => view.snippet.kind === "kernel");
      for (const run of told.keys()) if (!views.some((view) => view.run === run)) told.delete(run);
      for (const view of views) if (view.figure) showOne(view);
    },
  };
})();
