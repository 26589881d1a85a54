/** An element with its class and its text. */
export function make<K extends keyof HTMLElementTagNameMap>(
  name: K,
  className = "",
  text = "",
): HTMLElementTagNameMap[K] {
  const made = document.createElement(name);
  if (className) made.className = className;
  if (text) made.textContent = text;
  return made;
}

/** Where an event happened, up to the nearest element that the selector means. */
export function targeted(event: Event, selector: string): HTMLElement | null {
  return event.target instanceof Element ? event.target.closest<HTMLElement>(selector) : null;
}

/** Whether the event's keys are for a field. */
export function isTyping(event: Event): boolean {
  return targeted(event, "input, textarea, select, [contenteditable]") !== null;
}

/** What a printed number of pixels in a computed style is. */
export function pixels(text: string): number {
  return Number.parseFloat(text) || 0;
}
