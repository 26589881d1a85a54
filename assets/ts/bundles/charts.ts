import "../parts/charts";
