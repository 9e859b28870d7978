"""A race as the page shows it: its line and its table."""

from __future__ import annotations

from pathlib import PurePath
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from playground.numbers import count, decimal
from playground.texts import Language
from playground.ui.parts.progress_bar import bar_html
from playground.ui.texts import t

if TYPE_CHECKING:
    from playground.race.folder import RaceFolder
    from playground.race.results import EntrantResult, RaceResults

COLUMNS = (
    "name", "status", "steps", "eval_loss", "trainable_parameters", "seconds", "peak_memory_bytes", "adapter_bytes",
    "pareto",
)  # fmt: skip
# Decimals shown, and what the number is divided by.
SHOWN_AS = {
    "eval_loss": (4, 1),
    "trainable_parameters": (0, 1),
    "seconds": (1, 1),
    "peak_memory_bytes": (0, 1e6),
    "adapter_bytes": (2, 1e6),
}


def race_label(race_id: str, name: str) -> str:
    """One line of the list of races; without their state, which changes while the list stands."""
    when = f"{race_id[:4]}-{race_id[4:6]}-{race_id[6:8]} {race_id[9:11]}:{race_id[11:13]}"
    return f"{name} · {when}"


def status_html(found: RaceResults, language: Language) -> str:
    runs = [run for entrant in found.entrants for run in entrant.runs]
    done = sum(run.status in ("finished", "failed") for run in runs)
    text = t(
        "race_line",
        language,
        name=found.config.name,
        done=done,
        total=len(runs),
        model=PurePath(found.config.base_model).name,
        dataset=PurePath(found.config.data.dataset).name,
    )
    state = t(f"race_status_{found.status}", language)
    line = Markup('<p role="status"><strong>{}</strong> · {}</p>{}').format(
        state, text, bar_html(text, done / len(runs))
    )
    return str(line)


def delete_html(race: RaceFolder, language: Language) -> str:
    """The question before a race is deleted: what goes and what stays."""
    return str(
        Markup("<p><strong>{}</strong></p><p>{}</p>").format(
            t("race_delete_ask", language, name=race.config.name), t("race_delete_keeps", language)
        )
    )


def failures_html(found: RaceResults, language: Language) -> str:
    line = Markup('<p role="alert"><strong>✗ {}</strong> {}</p>')
    return "".join(
        line.format(
            t("race_failed", language, name=entrant.name, seed=str(run.seed)),
            (run.error_pt if language == "pt" else run.error) or "–",
        )
        for entrant in found.entrants
        for run in entrant.runs
        if run.status == "failed"
    )


def table_rows(found: RaceResults, language: Language) -> list[list[str]]:
    """One row an entrant, in the order of COLUMNS."""
    return [_row(entrant, found, language) for entrant in found.entrants]


def _row(entrant: EntrantResult, found: RaceResults, language: Language) -> list[str]:
    steps = sum(run.steps for run in entrant.runs)
    total = found.config.training.max_steps * len(entrant.runs)
    measured = [_figure(entrant, name, language) for name in SHOWN_AS]
    state = t(f"race_entrant_{entrant.status}", language)
    done = f"{count(steps, language)}/{count(total, language)}"
    return [entrant.name, state, done, *measured, "★" if entrant.pareto_costs else ""]


def _figure(entrant: EntrantResult, name: str, language: Language) -> str:
    """Mean and deviation of the finished runs; before that, the newest held-out loss of the run under way."""
    decimals, unit = SHOWN_AS[name]
    spread = entrant.measures.get(name)
    if spread is None:
        newest = [run.curve[-1].loss for run in entrant.runs if run.curve]
        return f"({decimal(newest[-1], decimals, language)})" if name == "eval_loss" and newest else "–"
    std = f" ± {decimal(spread.std / unit, decimals, language)}" if spread.std else ""
    return decimal(spread.mean / unit, decimals, language) + std


def same_charts(before: RaceResults | None, now: RaceResults | None) -> bool:
    """Whether nothing has happened that a chart shows: no evaluation, no end of a run."""
    if before is None or now is None or before.race_id != now.race_id:
        return False
    return _charted(before) == _charted(now)


def _charted(found: RaceResults) -> list[Any]:
    return [(entrant.measures, [run.curve for run in entrant.runs]) for entrant in found.entrants]


def has_scores(found: RaceResults) -> bool:
    """Whether its runs translated, so that there is a score besides the loss."""
    return any("chrf" in entrant.measures for entrant in found.entrants)


def run_of(found: RaceResults | None, place: int) -> str | None:
    """The run to open for the entrant at `place`, from 0: the one that trains, else the first that was started."""
    if found is None or not 0 <= place < len(found.entrants):
        return None
    runs = [run for run in found.entrants[place].runs if run.run_id]
    training = [run for run in runs if run.status == "running"]
    return next((run.run_id for run in [*training, *runs]), None)
