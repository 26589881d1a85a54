import { plugin } from "../parts/charts";

window.Quarterdeck.plugins.push(plugin);
