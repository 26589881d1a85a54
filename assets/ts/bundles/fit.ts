import "../parts/fit";
