// @ts-nocheck
/* What a terminal shows, as the rows of a still: type, colours and places are those of the still at any scale and in
   either scheme, also while the scheme changes. xterm.js reads what was printed and knows what stands where; this draws
   it. For replays and for what runs on stage. */
(function () {
  "use strict";

  // colours that no program means: they tell prompts and commands from output
  var PROMPT = "\x1b[0;38;2;1;2;3m";
  var COMMAND = "\x1b[0;38;2;1;2;4m";
  var FILLED = "\x1b[0;38;2;1;2;5m";
  var ROLES = { 66051: "qd-prompt", 66052: "qd-command", 66053: "qd-command qd-hole" };
  var HOLE = /(<[A-Za-z][A-Za-z0-9]*(?:[-_][A-Za-z0-9]+)*>)/;
  // whatever the command before left behind: attributes, a scroll region, the other screen
  var FRESH = "\x1b[!p\x1b[?47l\x1b[0m";
  // what moves the cursor to other lines; the still then keeps to the terminal's width (MOVES of run/terminal.py)
  var MOVES =
    /\x1b(?:[78DEMc]|\[(?:[0-9;]*[ABEFHJLMPSTX@`abdefrsu]|4[hl]|\?(?:[0-9;]*;)?(?:7|47|1047|1049)(?:;[0-9;]*)?[hl]))/;
  var FLOOD = 40; // rows that scroll off within a frame: nobody reads them
  var OWN_FONT = 0x24f; // the code's font has the letters below this; others may be of any width
  var LEVELS = [0, 95, 135, 175, 215, 255];
  var STYLES = [
    ["isBold", "qd-bold"],
    ["isDim", "qd-dim"],
    ["isItalic", "qd-italic"],
    ["isUnderline", "qd-underline"],
    ["isStrikethrough", "qd-strike"],
    ["isInverse", "qd-reverse"],
  ];
  var loading = {}; // by URL

  function make(name, className, text) {
    var made = document.createElement(name);
    if (className) made.className = className;
    if (text) made.textContent = text;
    return made;
  }

  /* Once per address. Classic scripts: they come from a disk too, where `fetch` does not. */
  function load(url) {
    loading[url] = loading[url] || new Promise(function (resolve, reject) {
      var script = document.createElement("script");
      script.src = url;
      script.onload = resolve;
      script.onerror = function () {
        delete loading[url];
        script.remove();
        reject(new Error(url));
      };
      document.head.append(script);
    });
    return loading[url];
  }

  /* Prompt and command, key by key, as what is to be written; `lead` ends the line that stands before, `holes` are the
     values that stand in the places of names. */
  function keys(text, lead, holes) {
    var lines = text.split("\r\n");
    var pressed = [];
    lines.forEach(function (line, number) {
      var prompt = (number ? "\x1b[0m\r\n" : lead + FRESH) + PROMPT + line.slice(0, 2);
      if (number) pressed.push(prompt);
      else pressed.prompt = prompt;
      line.slice(2).split(HOLE).forEach(function (part, at) {
        var value = at % 2 && holes ? holes[part.slice(1, -1)] : "";
        Array.from(value || part).forEach(function (key) { pressed.push((value ? FILLED : COMMAND) + key); });
      });
    });
    pressed.push("\x1b[0m\r\n");
    return pressed;
  }

  /* Cells */

  function hex(number) {
    return "#" + number.toString(16).padStart(6, "0");
  }

  function indexed(number) {
    if (number >= 232) return hex((8 + 10 * (number - 232)) * 0x010101);
    var rest = number - 16;
    return hex((LEVELS[Math.floor(rest / 36)] << 16) | (LEVELS[Math.floor(rest / 6) % 6] << 8) | LEVELS[rest % 6]);
  }

  /* "3" for a colour of the palette, "#rrggbb" for another one, "" for the terminal's own. */
  function colour(cell, part) {
    var value = cell["get" + part + "Color"]();
    if (cell["is" + part + "RGB"]()) return part === "Fg" && ROLES[value] ? ROLES[value] : hex(value);
    if (!cell["is" + part + "Palette"]()) return "";
    return value < 16 ? String(value) : indexed(value);
  }

  function styleOf(cell) {
    var found = { fg: colour(cell, "Fg"), bg: colour(cell, "Bg") };
    var classes = STYLES.filter(function (style) { return cell[style[0]](); }).map(function (style) { return style[1]; });
    if (cell.isInverse()) found = { fg: found.bg, bg: found.fg };
    var rules = [];
    [["fg", "color"], ["bg", "background-color"]].forEach(function (part) {
      var value = found[part[0]];
      if (value[0] === "#") rules.push(part[1] + ":" + value);
      else if (value) classes.push(value[0] === "q" ? value : "qd-" + part[0] + "-" + value);
    });
    return classes.join(" ") + "|" + rules.join(";");
  }

  function write(row, runs) {
    runs.forEach(function (run) {
      var style = run.style.split("|");
      if (run.style === "|" && !run.cells) return row.append(run.text);
      var span = make("span", style[0], run.text);
      if (style[1]) span.style.cssText = style[1];
      if (run.cells) {
        span.classList.add("qd-cells");
        span.style.width = run.cells + "ch";
      }
      row.append(span);
    });
  }

  /* `cells`: how wide it has to be whatever its font says; 0 where the code's font is as wide as it must. */
  function put(runs, text, style, cells) {
    var last = runs[runs.length - 1];
    if (last && last.style === style && !cells && !last.cells) last.text += text;
    else runs.push({ text: text, style: style, cells: cells });
  }

  /* How many cells of a line are not blank at its end. */
  function filled(line, cell) {
    for (var x = line.length; x > 0; x--) {
      line.getCell(x - 1, cell);
      if (cell.getChars().trim() || !cell.isBgDefault() || cell.isInverse()) return x;
    }
    return 0;
  }

  /* Whether a line goes on in the next one: it was wider than the terminal, and its row in the still is as long. */
  function goesOn(screen, buffer, y) {
    var next = buffer.getLine(y + 1);
    if (!next || !next.isWrapped) return false;
    var command = screen.begun.filter(function (begun) { return begun.mark.line <= y; }).pop();
    return !screen.wraps[command ? command.number : 0];
  }

  function rowsOf(screen, buffer, from, to, cursor) {
    var cell = buffer.getNullCell();
    var made = document.createDocumentFragment();
    var runs = [];
    for (var y = from; y < to; y++) {
      var line = buffer.getLine(y);
      var on = y + 1 < to && goesOn(screen, buffer, y);
      var here = cursor && cursor.y === y;
      var end = on ? line.length : filled(line, cell);
      for (var x = 0; x < Math.max(end, here ? cursor.x + 1 : 0); x++) {
        var known = x < line.length && line.getCell(x, cell);
        if (known && !cell.getWidth()) continue; // the second half of a wide character
        var style = known ? styleOf(cell) : "|";
        var text = (known && cell.getChars()) || " ";
        var cells = screen.depth && text.charCodeAt(0) > OWN_FONT ? cell.getWidth() : 0;
        put(runs, text, here && x === cursor.x ? "qd-cursor|" : style, cells);
      }
      if (on) continue;
      var row = make("span", "qd-row");
      write(row, runs);
      runs = [];
      if (made.hasChildNodes()) made.append("\n");
      made.append(row);
    }
    return made;
  }

  /* Moves rows that cannot change any more to those above; gives the first line that is not there. */
  function settle(screen, buffer) {
    if (screen.edge && screen.edge.isDisposed) {
      screen.above.replaceChildren(); // the program cleared the terminal
      screen.edge = null;
    }
    var from = screen.edge ? screen.edge.line : 0;
    var edge = buffer.baseY;
    while (edge > from && buffer.getLine(edge).isWrapped) edge--;
    if (screen.depth && edge > from) from = skip(screen, buffer, from, edge);
    if (edge === from) return from;
    screen.above.append(rowsOf(screen, buffer, from, edge), "\n");
    return mark(screen, buffer, edge);
  }

  function mark(screen, buffer, edge) {
    if (screen.edge) screen.edge.dispose();
    screen.edge = screen.terminal.registerMarker(edge - buffer.baseY - buffer.cursorY);
    return edge;
  }

  /* On stage any amount may come: more rows than anyone reads are drawn when it has stopped, and not all of them. */
  function skip(screen, buffer, from, edge) {
    var above = screen.above.childNodes;
    if (screen.all) return Math.max(from, edge - screen.depth);
    if (edge - from > FLOOD) {
      screen.above.replaceChildren();
      screen.thin = true;
    }
    if (screen.thin) return mark(screen, buffer, edge);
    if (above.length > 2.4 * screen.depth) while (above.length > 2 * screen.depth) above[0].remove();
    return from;
  }

  /* What scrolled off stands as it is; the rest is drawn anew. */
  function draw(screen) {
    var buffer = screen.terminal.buffer.active;
    var other = buffer.type === "alternate";
    var play = screen.play;
    var atEnd = play.scrollTop + play.clientHeight >= play.scrollHeight - 4;
    if (screen.thin && !screen.all && !atEnd) return; // someone reads what came before
    var from = other ? 0 : settle(screen, buffer);
    var cursor = { x: buffer.cursorX, y: buffer.baseY + buffer.cursorY };
    var to = cursor.y + 1;
    var cell = buffer.getNullCell();
    for (var y = buffer.length; y > to; y--) if (filled(buffer.getLine(y - 1), cell)) to = y;
    screen.above.hidden = other;
    screen.below.replaceChildren(rowsOf(screen, buffer, from, to, screen.noCursor ? null : cursor));
    // a full window has no room for a last row that is empty; the still has none
    var blank = to === cursor.y + 1 && !cursor.x && !filled(buffer.getLine(cursor.y), cell);
    if (blank && play.scrollHeight > play.clientHeight + 1 && screen.below.childNodes.length > 1) {
      screen.below.lastChild.remove();
      screen.below.lastChild.remove();
    }
    if (other) play.scrollTop = 0;
    else if (atEnd) play.scrollTop = play.scrollHeight;
  }

  /* Draws all that is kept, from the beginning. */
  function redraw(screen) {
    if (screen.edge) screen.edge.dispose();
    screen.edge = null;
    screen.above.replaceChildren();
    screen.all = true;
    draw(screen);
    screen.all = screen.thin = false;
  }

  /* A command begins where the cursor is, once what was written before is read. */
  function begins(screen, number, text, done) {
    screen.terminal.write(text, function () {
      screen.begun.push({ number: number, mark: screen.terminal.registerMarker(0) });
      if (done) done();
    });
  }

  /* A screen in the size of this still. `wraps` says by command whether its long lines go on in the next row; with
     `depth` no more rows than that are kept on the page. */
  function open(still, terminal, options) {
    var screen = {
      terminal: terminal,
      play: make("div", "qd-play"),
      above: make("span", ""),
      below: make("span", ""),
      wraps: options.wraps || [],
      depth: options.depth || 0,
      begun: [], // commands, with the line on which each begins
      edge: null,
    };
    screen.play.style.setProperty("--qd-size-code", getComputedStyle(still).fontSize);
    screen.play.style.setProperty("--qd-cols", terminal.cols);
    screen.play.setAttribute("aria-hidden", "true"); // whoever listens has the still
    screen.play.tabIndex = -1;
    screen.play.append(screen.above, screen.below);
    return screen;
  }

  (window.Quarterdeck.terminal ??= {}).screen = {
    load: load,
    make: make,
    keys: keys,
    moves: function (text) { return MOVES.test(text); },
    open: open,
    begins: begins,
    draw: draw,
    redraw: redraw,
  };
})();
