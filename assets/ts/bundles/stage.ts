// The deck before an audience.
import { start } from "../stage/stage";

start(document.currentScript?.dataset.digest ?? "", null);
