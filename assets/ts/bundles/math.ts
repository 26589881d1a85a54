import "../parts/math";
