/** What a page remembers. Storage may be closed to it, as it may be to a file: then nothing is kept. */
type Area = "localStorage" | "sessionStorage";

export function recall(area: Area, name: string): string | null {
  try {
    return window[area].getItem(name);
  } catch {
    return null;
  }
}

export function keep(area: Area, name: string, value: string | null): void {
  try {
    if (value === null) window[area].removeItem(name);
    else window[area].setItem(name, value);
  } catch {
    // this page knows it until it is left
  }
}
