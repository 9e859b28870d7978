// The live view's script. gradio runs it when the view is put on the page, with the view's `element`, its `props` (the
// run's id is their `value`), `server`, `trigger` and `watch`. It asks for what is new in the run and adds it to what
// stands there: drawing anew, or drawing what nobody sees, would take the processor from the training.
// What comes from a run is written as text, never as HTML.

const BETWEEN_LOOKS = 1500; // milliseconds: with the answer's way, a curve is at most 2 s behind
const UNTIL_FIRST_POINT = 400; // between looks at a run that has begun and has nothing to draw yet
const named = (kind) =>
  Object.fromEntries([...element.querySelectorAll(`[data-${kind}]`)].map((part) => [part.dataset[kind], part]));
const parts = named("part");
const charts = named("chart");
const seenCharts = new Set();

let axis = "step";
let known; // what the page shows of the run, as the server counts it
let live; // whether the run goes on, as the buttons beside it were drawn
let began; // whether it trains, or is made ready to: it waits for no other run
let waiting; // by chart and trace, points that are not in the chart yet
let shown = false;
let asking = false;
let timer;

const isSeen = () => shown && document.visibilityState === "visible";

function forget() {
  known = { since: null, part: 0 };
  live = true;
  began = false;
  waiting = {};
  parts.status.hidden = true;
  for (const part of [parts.result, parts.samples, parts.facts]) part.replaceChildren();
  for (const chart of Object.keys(charts)) drawChart(chart, null);
}

async function look() {
  clearTimeout(timer);
  const run = props.value;
  if (!run || asking || !isSeen()) return;
  const asked = { run_id: run, axis, ...known };
  const askedAt = Date.now();
  asking = true;
  const news = await server.news(asked); // nothing, if the server does not answer
  asking = false;
  if (run !== props.value || axis !== asked.axis) return look();
  if (news && isSeen()) show(news);
  const pause = news && began && !hasPoint() ? UNTIL_FIRST_POINT : BETWEEN_LOOKS;
  if (!news || live) timer = setTimeout(look, Math.max(0, askedAt + pause - Date.now()));
}

function show(news) {
  const isLive = Boolean(news.is_live);
  if (!news.is_gone) {
    known = { since: news.since, part: news.part };
    began = news.status.state === "running";
    showStatus(news.status);
    if ("result" in news) showResult(news.result);
    if (news.facts) showFacts(news.facts);
    if (news.samples) showSamples(news.samples);
    for (const [chart, figure] of Object.entries(news.figures)) drawChart(chart, figure);
    // page.js hands the words to screen readers
    for (const [chart, words] of Object.entries(news.words ?? {})) charts[chart].layout.meta.description = words;
    for (const [chart, traces] of Object.entries(news.points ?? {})) addPoints(chart, traces);
  }
  const turned = isLive !== live;
  live = isLive;
  if (turned) trigger("turned");
}

// --- charts

const hasPoint = () => charts.loss.data?.some(({ x }) => x.length);

function drawChart(chart, figure) {
  delete waiting[chart];
  charts[chart].hidden = !figure;
  if (figure) Plotly.react(charts[chart], figure.data, { ...figure.layout, autosize: true }, { responsive: true });
  else if (charts[chart].data) Plotly.purge(charts[chart]);
}

function addPoints(chart, traces) {
  const points = (waiting[chart] ??= traces.map(() => ({ x: [], y: [] })));
  traces.forEach(([x, y], trace) => {
    points[trace].x.push(...x);
    points[trace].y.push(...y);
  });
  if (seenCharts.has(chart)) extend(chart);
}

function extend(chart) {
  const points = waiting[chart] ?? [];
  delete waiting[chart];
  const grown = [...points.keys()].filter((trace) => points[trace].x.length);
  if (!grown.length) return;
  const added = { x: grown.map((trace) => points[trace].x), y: grown.map((trace) => points[trace].y) };
  Plotly.extendTraces(charts[chart], added, grown);
}

// --- words

function make(tag, className, ...children) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  made.append(...children);
  return made;
}

function showStatus({ name, state, chip, done, text, note }) {
  parts.status.hidden = false;
  const [line, bar, said] = parts.status.children;
  line.firstElementChild.textContent = name;
  line.lastElementChild.textContent = chip;
  line.lastElementChild.className = `pp-chip pp-${state}`;
  moveBar(bar, name, done);
  said.textContent = note ? `${text}\n${note}` : text;
}

function showResult(result) {
  if (!result) return parts.result.replaceChildren();
  if ("failed" in result) {
    return parts.result.replaceChildren(make("div", "pp-result pp-result-failed", result.failed));
  }
  const scores = result.scores.map(({ label, before, after }) =>
    make("small", "", `${label} `, make("b", "", before), " → ", make("b", "", after)),
  );
  const { label, before, after, change } = result;
  const loss = [make("span", "", label), make("b", "", before), " → ", make("b", "", after), make("span", "", change)];
  parts.result.replaceChildren(make("div", "pp-result", ...loss, ...scores));
}

function showFacts({ cells, warning }) {
  const written = cells.map(({ label, value, note }) =>
    make("div", "", make("span", "", label), make("b", "", value), make("small", "", note)),
  );
  parts.facts.replaceChildren(make("div", "pp-facts", ...written));
  if (!warning) return;
  const said = make("p", "pp-warning", `⚠ ${warning}`);
  said.setAttribute("role", "alert");
  parts.facts.append(said);
}

function showSamples(answers) {
  if (!answers.length) return parts.samples.replaceChildren(make("p", "pp-empty", parts.samples.dataset.empty));
  const rows = answers.map(({ label, kind, parts: said }) => {
    const words = said.map(([text, isMarked]) => (isMarked ? make("mark", "", text) : text));
    return make("div", `pp-answer pp-answer-${kind}`, make("span", "", label), make("div", "", ...words));
  });
  parts.samples.replaceChildren(make("div", "pp-samples", ...rows));
}

// --- when to look

// Far beyond the window: what is scrolled out of it counts, a tab that is not shown has no place at all.
new IntersectionObserver(
  (entries) => {
    shown = entries.at(-1).isIntersecting;
    look();
  },
  { rootMargin: "100000px" },
).observe(element);

const seeing = new IntersectionObserver((entries) => {
  for (const { target, isIntersecting } of entries) {
    const { chart } = target.dataset;
    if (!isIntersecting) seenCharts.delete(chart);
    else {
      seenCharts.add(chart);
      extend(chart);
    }
  }
});
for (const chart of Object.values(charts)) seeing.observe(chart);

document.addEventListener("visibilitychange", look);
watch("value", () => {
  forget();
  look();
});
element.addEventListener("change", ({ target }) => {
  if (target.type !== "radio") return;
  axis = target.value;
  known.since = null;
  look();
});
forget();
