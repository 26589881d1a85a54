// @ts-nocheck
// The index page: a search field that leaves the cards that match, where there is one.
(() => {
  const field = document.querySelector(".qd-search")
  if (!field) return
  const plain = text => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase()
  const cards = [...document.querySelectorAll(".qd-card")].map(card => [card, plain(card.dataset.search)])
  const nothing = document.querySelector(".qd-nothing")
  field.addEventListener("input", () => {
    const words = plain(field.value).split(/\s+/)
    for (const [card, text] of cards) card.hidden = !words.every(word => text.includes(word))
    nothing.hidden = cards.some(([card]) => !card.hidden)
  })
})()
