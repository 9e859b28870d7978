// Answers a slider that moves, from what was measured before: no question goes to the server, and nothing is drawn anew
// but one row of the table. `between` has what to say at each place of each slider (drag.py).

const rowsOf = () => element.querySelector("tbody")?.rows ?? [];

function position({ slider }) {
  const input = document.querySelector(`#${slider} input[type=range]`);
  return input ? Math.round((input.value - input.min) / input.step) : null;
}

function draw() {
  const { knobs, labels } = props.between ?? {};
  const rows = rowsOf();
  if (!knobs || rows.length < 2) return;
  const at = knobs.map((knob) => ({ ...knob, place: position(knob) })).filter(({ place }) => place !== null);
  const turned = at.filter(({ place, own }) => place !== own);
  const old = rows.length > 2 ? rows[1] : null;
  if (!turned.length || at.some(({ place, base }) => place === base)) return old?.remove();
  const label = turned.map(({ names, place }) => names[place]).join(", ");
  if (old && old.cells[0].textContent === label) return; // measured, or drawn before
  const said = (turned.length === 1 && turned[0].said[turned[0].place]) || null;
  const cells = said ? [...said, labels.between] : [...labels.nothing, labels.unknown];
  const row = old ?? rows[0].cloneNode(true);
  [label, ...cells].forEach((text, cell) => (row.cells[cell].textContent = text));
  if (!old) rows[0].after(row);
}

const isKnob = ({ target }) => (props.between?.knobs ?? []).some(({ slider }) => target.closest?.(`#${slider}`));
// The number beside a slider is typed into first: the slider follows.
document.addEventListener("input", (event) => isKnob(event) && setTimeout(draw));
// What the server has measured meanwhile may be of a place that a slider has left.
watch(["value", "between"], draw);
