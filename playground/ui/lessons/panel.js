// Beside the charts of a lesson's run or race: what was done is remembered in this browser, for the cards (card.js).
const KEPT = "pp-lessons-done";

const remember = () => {
  const name = element.querySelector("[data-done]")?.dataset.done;
  if (!name) return;
  try {
    const done = JSON.parse(localStorage.getItem(KEPT) ?? "[]");
    if (!done.includes(name)) localStorage.setItem(KEPT, JSON.stringify([...done, name]));
  } catch {
    // a browser that keeps nothing, or kept something else: no lesson is ticked
  }
  window.dispatchEvent(new Event(KEPT));
};

// the buttons that take what was trained to another tab stand beside this panel
element.addEventListener("click", ({ target }) => {
  const opens = target.closest("[data-opens]")?.dataset.opens;
  if (opens) document.getElementById(opens)?.click();
});
watch("value", remember);
remember();
