// What both models thought of at a token, in words below its answer: of the one that is pressed or has the keyboard. An
// answer is one stop of the Tab key; within it the arrow keys go from token to token.

const TOKEN = ".shift [role=button]";

element.addEventListener("focusin", ({ target: token }) => {
  if (!token.matches(TOKEN)) return;
  for (const other of token.parentElement.children) {
    other.tabIndex = other === token ? 0 : -1;
    other.removeAttribute("aria-current");
  }
  token.setAttribute("aria-current", "true");
  token.closest(".shift-answer").querySelector(".shift-told").textContent = token.title;
});

element.addEventListener("keydown", (event) => {
  if (!event.target.matches(TOKEN)) return;
  const tokens = [...event.target.parentElement.children];
  const at = tokens.indexOf(event.target);
  const next = tokens[{ ArrowLeft: at - 1, ArrowRight: at + 1, Home: 0, End: tokens.length - 1 }[event.key]];
  if (!next) return;
  event.preventDefault();
  next.focus();
});

// not every browser gives the keyboard to what is pressed
element.addEventListener("click", ({ target }) => target.closest(TOKEN)?.focus());
