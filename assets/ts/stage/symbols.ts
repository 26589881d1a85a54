/** The small drawn buttons in the bars of terminals and pages. */
const SVG = "http://www.w3.org/2000/svg";

/** `path` is drawn in a box of 24 by 24; `name` is what a pointer and a screen reader are told. */
export function drawn<E extends HTMLElement>(element: E, path: string, name: string): E {
  const [drawing, line] = [document.createElementNS(SVG, "svg"), document.createElementNS(SVG, "path")];
  drawing.setAttribute("viewBox", "0 0 24 24");
  drawing.setAttribute("aria-hidden", "true");
  line.setAttribute("d", path);
  drawing.append(line);
  element.title = name;
  element.setAttribute("aria-label", name);
  element.append(drawing);
  return element;
}
