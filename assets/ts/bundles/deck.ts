// The deck itself, on every page that shows one; the first of its scripts.
import "../deck/start";
