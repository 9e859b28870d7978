// The bar that progress_bar.py has drawn, moved: `done` from 0 to 1, or null while nobody knows how much there is to do.
function moveBar(bar, label, done) {
  const percent = done === null ? 100 : Math.round(100 * done);
  bar.classList.toggle("pp-bar-waiting", done === null);
  bar.setAttribute("aria-label", label);
  if (done === null) bar.removeAttribute("aria-valuenow");
  else bar.setAttribute("aria-valuenow", percent);
  bar.firstElementChild.style.width = `${percent}%`;
}
