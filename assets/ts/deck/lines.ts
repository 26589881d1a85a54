/** A test for the line numbers of "2-4,7"; null where none are named, which means every line. */
export function linesOf(text: string | undefined): ((line: number) => boolean) | null {
  const ranges = (text ?? "")
    .split(",")
    .map((part) => part.trim().split("-").map(Number))
    .map(([first = 0, last = first]): [number, number] => [first, last])
    .filter(([first, last]) => first > 0 && last >= first);
  return ranges.length ? (line) => ranges.some(([first, last]) => first <= line && line <= last) : null;
}
