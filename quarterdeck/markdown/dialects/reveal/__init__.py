"""reveal.js' own Markdown, and the tools around it: reveal-md and MkSlides."""
