// What gradio's own page lacks for who does not see it, or reads another language. Runs before the page is drawn.
(() => {
  const { language, words } = document.currentScript.dataset;
  const translated = JSON.parse(words);
  const root = document.documentElement;

  // gradio names the browser's language, whichever language the page is written in
  const nameLanguage = () => {
    if (root.lang !== language) root.lang = language;
  };

  // a chart is drawn as several pictures on top of each other: the first says what they show
  const nameCharts = () => {
    for (const chart of document.querySelectorAll(".js-plotly-plot")) {
      const shown = chart.layout?.meta?.description;
      chart.querySelectorAll(".main-svg").forEach((picture, number) => {
        if (number) picture.setAttribute("aria-hidden", "true");
        else if (shown && picture.getAttribute("aria-label") !== shown) {
          picture.setAttribute("role", "img");
          picture.setAttribute("aria-label", shown);
        }
      });
    }
  };

  const nameControls = () => {
    for (const box of document.querySelectorAll(".empty[aria-label]")) box.removeAttribute("aria-label");
    for (const fold of document.querySelectorAll("button.label-wrap")) {
      fold.setAttribute("aria-expanded", fold.classList.contains("open"));
    }
    // gradio puts a button into a link that does the same: one of them is enough
    for (const inner of document.querySelectorAll(".download-link button")) inner.tabIndex = -1;
    for (const attribute of ["aria-label", "title", "data-title"]) {
      for (const named of document.querySelectorAll(`[${attribute}]`)) {
        const given = named.getAttribute(attribute);
        const plain = given.replace(/^(number input|range slider) for /, "");
        const name = translated[plain] ?? plain;
        if (name !== given) named.setAttribute(attribute, name);
      }
    }
  };

  // gradio counts the seconds of its loading screen in every frame, for as long as the page is open: it took the screen
  // away without stopping it. Without a GPU each frame is the processor's work. This count alone asked for its frames
  // before this script ran; whatever draws the page asks here.
  const atNextFrame = window.requestAnimationFrame.bind(window);
  const asked = new Set();
  window.requestAnimationFrame = (draw) => {
    const frame = atNextFrame((time) => {
      asked.delete(frame);
      draw(time);
    });
    asked.add(frame);
    return frame;
  };
  let counts = true;
  const stopCounting = () => {
    if (!document.querySelector("[role=tab]") || document.querySelector(".translucent")) return;
    counts = false;
    const last = atNextFrame(() => {});
    for (let frame = last - 100; frame < last; frame++) if (!asked.has(frame)) cancelAnimationFrame(frame);
    root.dataset.drawn = ""; // for other scripts: frames that they ask for come from now on
  };

  let waits = false;
  // a list of choices that was typed into opens once more after the keyboard has left it, and lies over what comes next
  const left = new WeakSet();
  document.addEventListener("focusin", ({ target }) => left.delete(target));
  document.addEventListener("focusout", ({ target }) => left.add(target));
  const closeLeftLists = () => {
    for (const box of document.querySelectorAll("input[role=combobox][aria-expanded=true]")) {
      if (left.has(box)) box.dispatchEvent(new KeyboardEvent("keydown", { key: "Escape", bubbles: true }));
    }
  };

  const look = () => {
    waits = false;
    if (counts) stopCounting();
    nameLanguage();
    nameCharts();
    nameControls();
    closeLeftLists();
  };
  const lookSoon = () => {
    if (waits) return;
    waits = true;
    requestAnimationFrame(look);
  };
  nameLanguage();
  new MutationObserver(lookSoon).observe(root, {
    childList: true,
    subtree: true,
    attributeFilter: ["class", "lang", "title", "aria-label"],
  });
})();
