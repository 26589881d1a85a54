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

/** Words that are not in the page's language, for which there are none, say in which they are, and go its way. */
export function marked<E extends HTMLElement>(element: E, words: Readonly<Record<string, string>>): E {
  if (!words.foreign) return element;
  element.lang = words.foreign;
  element.dir = "ltr"; // all languages of the interface are written so
  return element;
}

/** How many there are, in words. */
export function counted(words: Readonly<Record<string, string>>, word: string, count: number): string {
  const form = new Intl.PluralRules(words.language ?? "en").select(count);
  return say(words[`${word}_${form}`] ?? words[`${word}_other`] ?? "", { count });
}
