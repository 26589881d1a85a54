/** Texts as they are compared: accents and case do not count. */
export function fold(text: string): string {
  return text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
}

/** A text that is compared, and of each of its characters the index in the text as it is written. */
export function folded(text: string): { text: string; indices: number[] } {
  const units = Array.from({ length: text.length }, (_, index) => fold(text[index] ?? ""));
  return { text: units.join(""), indices: units.flatMap((unit, index) => Array<number>(unit.length).fill(index)) };
}

/** Where a text occurs in another one, without overlaps. */
export function occurrences(text: string, wanted: string): number[] {
  const found: number[] = [];
  if (!wanted) return found;
  for (let at = text.indexOf(wanted); at >= 0; at = text.indexOf(wanted, at + wanted.length)) found.push(at);
  return found;
}
