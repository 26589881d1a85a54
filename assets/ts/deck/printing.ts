/** The browser prints a deck that is open. */
export function isPrinting(): boolean {
  return document.documentElement.classList.contains("qd-paper");
}

/** The page is reveal.js' print view. */
export function isPrintView(reveal: { readonly view?: unknown } = {}): boolean {
  const query = new URLSearchParams(location.search);
  return query.has("print-pdf") || query.get("view") === "print" || reveal.view === "print";
}
