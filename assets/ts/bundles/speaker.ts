// The deck of the speaker view: as before the audience, with the desk around it.
import "../stage/base";
import "../stage/connection";
import "../stage/edit";
import "../stage/frames";
import "../stage/hands";
import "../stage/mirror";
import "../stage/news";
import "../stage/outputs";
import "../stage/panel";
import "../stage/speaker";
import "../stage/status";
import "../stage/view";
import "../stage/stage";
