// The deck of the speaker view: as before the audience, with the desk around it.
import { speakersDesk } from "../stage/speaker";
import { concerns, start } from "../stage/stage";

start(document.currentScript?.dataset.digest ?? "", speakersDesk(concerns));
