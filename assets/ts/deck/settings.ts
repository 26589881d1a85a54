import type { Settings } from "../page";

export const settings: Settings = JSON.parse(document.getElementById("qd-config")?.textContent ?? "{}");
export const { words } = settings;
