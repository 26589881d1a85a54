import { plugin } from "../parts/diagrams";

window.Quarterdeck.plugins.push(plugin);
