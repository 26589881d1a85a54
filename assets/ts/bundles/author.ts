// Keeps an open page as its talk is while its author writes.
import "../author/patch";
import "../author/panel";
import "../author/running";
import "../author/updates";
