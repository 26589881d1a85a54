import "../parts/diagrams";
