import "../parts/cards";
