"""What the rules share: elements, annotations, raw HTML, and the slide that they work on."""
