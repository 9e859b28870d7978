// Answers a slider that moves, from what was measured before: no question goes to the server, and nothing is drawn anew
// but one row of the table. `between` has what to say at each place of each slider (drag.py).

const rowsOf = () => element.querySelector("tbody")?.rows ?? [];

// A number that is typed beside a slider may lie between two of its steps. It is what the server measures, so it is read
// here; the slider itself stands at the step next to it.
function position({ slider }) {
  const input = document.querySelector(`#${slider} input[type=number]`);
  if (!input?.value) return null;
  return { typed: input.value, place: Number(((input.value - input.min) / input.step).toFixed(6)) };
}

// Between two places, to the last sign as the server names what it has measured: by that the two are known to be one.
const ROUNDED = new Intl.NumberFormat("en", { maximumSignificantDigits: 3, roundingMode: "halfEven" });

function nameOf({ names, title, typed, place }) {
  const written = () => ROUNDED.format(typed).replace(/[.-]/g, (sign) => props.between.labels.signs[sign]);
  return names[place] ?? `${title} ${written()}`;
}

function draw() {
  const { knobs, labels } = props.between ?? {};
  const rows = rowsOf();
  if (!knobs || rows.length < 2) return;
  const at = knobs.map((knob) => ({ ...knob, ...position(knob) })).filter(({ place }) => place !== undefined);
  const turned = at.filter(({ place, own }) => place !== own);
  const old = rows.length > 2 ? rows[1] : null;
  if (!turned.length || at.some(({ place, base }) => place === base)) return old?.remove();
  const label = turned.map(nameOf).join(", ");
  if (old && old.cells[0].textContent === label) return; // measured, or drawn before
  const said = (turned.length === 1 && turned[0].said[turned[0].place]) || null;
  const cells = said ? [...said, labels.between] : [...labels.nothing, labels.unknown];
  const row = old ?? rows[0].cloneNode(true);
  [label, ...cells].forEach((text, cell) => (row.cells[cell].textContent = text));
  if (!old) rows[0].after(row);
}

const isKnob = ({ target }) => (props.between?.knobs ?? []).some(({ slider }) => target.closest?.(`#${slider}`));
// What is typed or moved comes first: the other of a knob's two fields follows.
document.addEventListener("input", (event) => isKnob(event) && setTimeout(draw));
// gradio's release is a pointer's. Keys have let a slider go once they rest, and then it is measured in the same way.
const MOVES = /^(Arrow|Page|Home$|End$)/;
const REST = 500;
let resting;
document.addEventListener("keyup", (event) => {
  if (event.target.type !== "range" || !MOVES.test(event.key) || !isKnob(event)) return;
  clearTimeout(resting);
  resting = setTimeout(() => document.getElementById("inside-exact")?.click(), REST);
});
// What the server has measured meanwhile may be of a place that a slider has left.
watch(["value", "between"], draw);
