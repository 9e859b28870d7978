// The table of runs. gradio runs this when the tab is put on the page, with its `element`, its `props` (`value` are the
// ids of the ticked runs), `server`, `trigger` and `watch`. It asks for one page of rows and writes them as text.

const TYPING = 250; // milliseconds without a key, after which the words are looked for
const SHOWN_NAMES = 20; // of ticked runs
const MOST = 500; // ticked at once, as the server takes them
const SVG = "http://www.w3.org/2000/svg";
const parts = Object.fromEntries([...element.querySelectorAll("[data-part]")].map((part) => [part.dataset.part, part]));
const headings = [...element.querySelectorAll("th[data-column]")];
const columns = headings.map((heading) => heading.dataset.column);
const selects = [...element.querySelectorAll("select[data-filter]")];

const asked = { search: "", sort: "created", descending: true, page: 0, filters: {} };
const names = {}; // of the runs that were shown or are ticked
let rows = []; // that are shown
let last = null; // the row that was ticked last, from which a tick with the shift key reaches
let isLate = false; // whether other rows came than those that are shown
let turn = 0;
let typing;

const chosen = () => [...(props.value || [])];

async function look() {
  const mine = ++turn;
  const before = chosen();
  const answer = await server.rows({ ...asked, chosen: before }); // nothing, if the server does not answer
  if (!answer || mine !== turn) return; // something else was asked for meanwhile
  const gone = before.filter((id) => !(id in answer.chosen));
  Object.assign(names, answer.chosen);
  asked.page = answer.page;
  parts.count.textContent = answer.count;
  parts.page.textContent = answer.page_words;
  parts.pages.hidden = answer.pages < 2;
  const [back, forth] = parts.pages.querySelectorAll("button");
  back.disabled = answer.page === 0;
  forth.disabled = answer.page + 1 >= answer.pages;
  showOptions(answer.options);
  showRows(answer.rows);
  if (gone.length) choose(chosen().filter((id) => !gone.includes(id)));
  showChosen();
}

function make(tag, values = {}, ...children) {
  const made = Object.assign(document.createElement(tag), values);
  made.append(...children);
  return made;
}

// --- rows

function showRows(found) {
  // A name is being written, or a row is being pressed: replaced now, the row would never get the click.
  isLate = Boolean(parts.rows.querySelector("input[type=text], :active"));
  if (isLate) return;
  rows = found;
  last = null;
  parts.rows.replaceChildren(...rows.map(rowOf));
  for (const { id, name } of rows) names[id] = name;
}

function rowOf(run) {
  const { choose, edit } = parts.rows.dataset;
  const box = make("input", { type: "checkbox", ariaLabel: choose.replace("{name}", run.name) });
  const pencil = make("button", { type: "button", className: "pp-edit", title: edit, textContent: "✎" });
  pencil.setAttribute("aria-label", `${edit}: ${run.name}`);
  const heading = make("th", { scope: "row" }, make("span", { textContent: run.name }), pencil);
  const cells = columns
    .filter((column) => column !== "name")
    .map((column) => {
      const kind = headings[columns.indexOf(column)].className;
      return make("td", { className: `${kind} pp-run-${column}`, textContent: run.cells[column] });
    });
  const made = make("tr", {}, make("td", {}, box), heading, make("td", {}, ...curveOf(run)), ...cells);
  made.dataset.run = run.id;
  return made;
}

function curveOf({ curve, curve_words }) {
  if (!curve) return [];
  const svg = document.createElementNS(SVG, "svg");
  const line = document.createElementNS(SVG, "polyline");
  for (const [name, value] of Object.entries({ viewBox: "0 0 100 24", role: "img", "aria-label": curve_words }))
    svg.setAttribute(name, value);
  line.setAttribute("points", curve);
  svg.append(line);
  return [svg];
}

function showOptions(options) {
  for (const select of selects) {
    const wanted = asked.filters[select.dataset.filter] ?? "";
    const known = options[select.dataset.filter];
    if (wanted && !known.some(([value]) => value === wanted)) known.push([wanted, wanted]);
    const [every] = select.options;
    select.replaceChildren(every, ...known.map(([value, textContent]) => make("option", { value, textContent })));
    select.value = wanted;
  }
}

// --- ticks

function choose(ids) {
  props.value = ids.slice(0, MOST);
  showChosen();
}

function tick(run, on, reach) {
  const places = rows.map(({ id }) => id);
  const [from, to] = [places.indexOf(reach && last ? last : run), places.indexOf(run)].sort((a, b) => a - b);
  const these = places.slice(from, to + 1);
  last = run;
  const others = chosen().filter((id) => !these.includes(id));
  choose(on ? [...others, ...these] : others);
}

function showChosen() {
  const ids = chosen();
  const { more, drop } = parts.chosen.dataset;
  const [help] = parts.chosen.children;
  help.hidden = ids.length > 0;
  const chips = ids.slice(0, SHOWN_NAMES).map((id) => {
    const chip = make("button", { type: "button", textContent: `${names[id] ?? id} ×` });
    chip.setAttribute("aria-label", drop.replace("{name}", names[id] ?? id));
    chip.addEventListener("click", () => choose(chosen().filter((other) => other !== id)));
    return chip;
  });
  const rest = ids.length - chips.length;
  if (rest > 0) chips.push(make("span", { textContent: more.replace("{count}", rest) }));
  parts.chosen.replaceChildren(help, ...chips);
  element.toggleAttribute("data-idle", ids.length === 0); // the buttons may come later than this script
  for (const row of parts.rows.children) {
    const on = ids.includes(row.dataset.run);
    row.classList.toggle("pp-chosen", on);
    row.querySelector("input[type=checkbox]").checked = on;
  }
  const on = rows.filter(({ id }) => ids.includes(id)).length;
  parts.all.checked = on > 0 && on === rows.length;
  parts.all.indeterminate = on > 0 && on < rows.length;
}

parts.all.addEventListener("change", () => {
  const shown = rows.map(({ id }) => id);
  const others = chosen().filter((id) => !shown.includes(id));
  choose(parts.all.checked ? [...others, ...shown] : others);
});
parts.rows.addEventListener("click", (event) => {
  const row = event.target.closest("tr");
  if (!row) return; // pressed on one row, let go on another
  if (event.target.closest(".pp-edit")) return edit(row);
  if (event.target.matches("input[type=text]") || !getSelection().isCollapsed) return; // an id is being copied
  const box = row.querySelector("input[type=checkbox]");
  tick(row.dataset.run, event.target === box ? box.checked : !box.checked, event.shiftKey);
});

for (const released of ["pointerup", "pointercancel", "keyup"])
  document.addEventListener(released, () => setTimeout(lookIfLate)); // after the click, which may write a name

function lookIfLate() {
  if (isLate && !parts.rows.querySelector("input[type=text]")) look();
}

// --- a name, where it stands

function edit(row) {
  const run = row.dataset.run;
  const shown = row.querySelector("th span");
  if (!shown) return;
  const field = make("input", { type: "text", value: names[run], maxLength: 120 });
  field.setAttribute("aria-label", parts.rows.dataset.name);
  let ended = false; // to leave the page is to leave the field once more
  const end = (keeps) => {
    if (ended) return;
    ended = true;
    const name = field.value.trim();
    field.replaceWith(shown);
    lookIfLate();
    if (keeps && name && name !== names[run]) trigger("renamed", { run_id: run, name });
  };
  field.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" && event.key !== "Escape") return;
    event.preventDefault(); // the key would press the button that has the focus next
    end(event.key === "Enter");
    row.querySelector(".pp-edit").focus();
  });
  field.addEventListener("blur", () => end(true));
  shown.replaceWith(field);
  field.focus();
  field.select();
}

// --- what is asked for

function ask(changes) {
  Object.assign(asked, { page: 0 }, changes);
  look();
}

function showOrder() {
  for (const heading of headings) {
    const sorted = heading.dataset.column === asked.sort;
    if (sorted) heading.setAttribute("aria-sort", asked.descending ? "descending" : "ascending");
    else heading.removeAttribute("aria-sort");
  }
}

for (const heading of headings) {
  heading.firstElementChild.addEventListener("click", () => {
    const { column } = heading.dataset;
    ask({ sort: column, descending: asked.sort === column ? !asked.descending : column === "created" });
    showOrder();
  });
}
for (const select of selects) {
  select.addEventListener("change", () => {
    const { [select.dataset.filter]: _, ...others } = asked.filters;
    ask({ filters: select.value ? { ...others, [select.dataset.filter]: select.value } : others });
  });
}
parts.search.addEventListener("input", () => {
  clearTimeout(typing);
  typing = setTimeout(() => ask({ search: parts.search.value }), TYPING);
});
parts.refresh.addEventListener("click", look);
parts.pages.addEventListener("click", ({ target }) => {
  if (target.dataset.page) ask({ page: asked.page + Number(target.dataset.page) });
});

// --- when to look

new IntersectionObserver((entries) => entries.at(-1).isIntersecting && look(), { rootMargin: "100000px" }).observe(
  element,
);
document.addEventListener("pp-runs-changed", () => element.isConnected && look());
watch("value", look);
showOrder();
showChosen();
