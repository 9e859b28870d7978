// What gradio's own page lacks for those who do not see it. Runs once, before the page is drawn.
(() => {
  const language = document.currentScript.dataset.language;
  const root = document.documentElement;

  // gradio names the browser's language, whichever language the page is written in
  const nameLanguage = () => {
    if (root.lang !== language) root.lang = language;
  };
  nameLanguage();
  new MutationObserver(nameLanguage).observe(root, { attributeFilter: ["lang"] });
})();
