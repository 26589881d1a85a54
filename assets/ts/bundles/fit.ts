import { plugin } from "../parts/fit";

window.Quarterdeck.plugins.push(plugin);
