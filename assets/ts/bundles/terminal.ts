// Recordings that are replayed, and the places of captured values.
import { castOf, casts, loadTerminal } from "../terminal/casts";
import * as holes from "../terminal/holes";
import * as keys from "../terminal/keys";
import * as replay from "../terminal/replay";
import * as screen from "../terminal/screen";

const page = window.Quarterdeck;
page.terminal = { casts, holes, keys, replay, screen, load: loadTerminal, preload: castOf };
page.plugins.push(holes.plugin, replay.plugin);
