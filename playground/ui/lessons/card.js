// A lesson's card: ticked once this browser has seen its answer, recommended if it is the first that is not ticked,
// and brought into view where the address names it.
const KEPT = "pp-lessons-done";
const card = element.querySelector("[data-lesson]");
const { lesson, before } = card.dataset;

const mark = () => {
  let done = [];
  try {
    done = JSON.parse(localStorage.getItem(KEPT) ?? "[]");
  } catch {
    // a browser that keeps nothing, or kept something else
  }
  const isDone = (name) => Array.isArray(done) && done.includes(name);
  const earlier = before.split(" ").filter(Boolean);
  card.querySelector("[data-mark=done]").hidden = !isDone(lesson);
  card.querySelector("[data-mark=recommended]").hidden = isDone(lesson) || !earlier.every(isDone);
};

mark();
window.addEventListener(KEPT, mark);
window.addEventListener("storage", mark); // another page of this browser

const asked = new URLSearchParams(location.search);
if (asked.get("lesson") === lesson && !asked.has("run")) {
  const shown = element.closest(".pp-card") ?? element;
  shown.classList.add("pp-card-linked");
  // the cards above it are still being drawn
  const settle = new ResizeObserver(() => shown.scrollIntoView({ block: "start" }));
  settle.observe(document.body);
  const leave = () => settle.disconnect();
  for (const name of ["pointerdown", "wheel", "keydown"]) window.addEventListener(name, leave, { once: true });
  setTimeout(leave, 5000);
}
