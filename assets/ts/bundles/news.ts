// Keeps an open page as its talk is before an audience: the stage says what else is to be said.
import "../author/patch";
import "../author/updates";
