// Recordings that are replayed, and the places of captured values.
import "../terminal/holes";
import "../terminal/screen";
import "../terminal/replay";
