import { plugin } from "../parts/math";

window.Quarterdeck.plugins.push(plugin);
