/** The index page: a search field that leaves the cards that match, where there is one. */
import { fold } from "../deck/matching";

const field = document.querySelector<HTMLInputElement>(".qd-search");
const nothing = document.querySelector<HTMLElement>(".qd-nothing");
const cards = [...document.querySelectorAll<HTMLElement>(".qd-card")].map((card) => ({
  card,
  text: fold(card.dataset.search ?? ""),
}));

field?.addEventListener("input", () => {
  const words = fold(field.value).split(/\s+/);
  for (const { card, text } of cards) card.hidden = !words.every((word) => text.includes(word));
  if (nothing) nothing.hidden = cards.some(({ card }) => !card.hidden);
});
