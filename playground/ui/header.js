// What trains right now, asked while the page can be seen. Only when another run trains, or none does any longer, does
// gradio draw the buttons beside it: each of its events walks over the whole page, which training would have to wait for.

const BETWEEN_LOOKS = 3000; // milliseconds
const words = element.querySelector("span");
const bar = element.querySelector(".pp-bar");

let known = null; // the run that the buttons are for
let timer;

async function look() {
  clearTimeout(timer);
  if (document.visibilityState !== "visible" || !element.isConnected) return;
  const news = await server.training(); // nothing, if the server does not answer
  if (news) show(news);
  clearTimeout(timer); // of a look that has been asked for meanwhile
  timer = setTimeout(look, BETWEEN_LOOKS);
}

function show({ run_id, text, name, done }) {
  words.textContent = text;
  bar.hidden = done === null;
  if (done !== null) moveBar(bar, name, done);
  if (run_id !== known) trigger("turned");
  known = run_id;
}

bar.hidden = true;
document.addEventListener("visibilitychange", look);
look();
