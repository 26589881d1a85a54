/** Whether snippets run in this window, or their recordings are shown instead. */
import { keep, recall } from "../storage";
import { lineState } from "./connection";

const RECORDED = "quarterdeck-recorded";
let recorded = recall("sessionStorage", RECORDED) === "yes";

export function isRecordedOnly(): boolean {
  return recorded;
}

export function setRecordedOnly(on: boolean): void {
  recorded = on;
  keep("sessionStorage", RECORDED, on ? "yes" : "no");
}

export function canRun(): boolean {
  return lineState() === "live" && !recorded;
}
