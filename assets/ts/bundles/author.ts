// Keeps an open page as its talk is while its author writes.
import { panel } from "../author/panel";
import { keepUpToDate } from "../author/updates";

const { words } = JSON.parse(document.getElementById("qd-author")?.textContent ?? "{}");
keepUpToDate(document.currentScript?.dataset.digest ?? "", panel(words));
