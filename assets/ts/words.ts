/** A sentence of the interface with its {values} filled in. */
export function say(sentence: string, values: Readonly<Record<string, string | number>>): string {
  return sentence.replace(/\{(\w+)\}/g, (all, name: string) => String(values[name] ?? all));
}

/** A number with one digit behind the point, as the page's language writes it. */
export function oneDigit(count: number): string {
  const digits = { minimumFractionDigits: 1, maximumFractionDigits: 1 };
  try {
    return count.toLocaleString(document.documentElement.lang, digits);
  } catch {
    return count.toFixed(1); // the talk's language is no tag that the browser knows
  }
}

/** How many there are, in words. */
export function counted(words: Readonly<Record<string, string>>, word: string, count: number): string {
  const form = new Intl.PluralRules(words.language ?? "en").select(count);
  return say(words[`${word}_${form}`] ?? words[`${word}_other`] ?? "", { count });
}
