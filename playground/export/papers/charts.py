"""The charts of a report, drawn by those who draw them on the page; each where there is something to show."""

from __future__ import annotations

from typing import TYPE_CHECKING

from playground.charts.change import kl_figure, live_change_map
from playground.charts.curves import loss_figure, score_figure
from playground.export.papers.facts import Facts
from playground.inside.charts import knob_figure
from playground.inside.sweep import has_strengths
from playground.inside.where.charts import weights_figure
from playground.texts import Language
from playground.verdict.charts import interval_figure

if TYPE_CHECKING:
    import plotly.graph_objects as go


def curves(facts: Facts, language: Language) -> list[go.Figure]:
    """Loss while it trained, and of a translator the scores."""
    found = []
    if facts.events.of_kind("StepLogged"):
        found.append(loss_figure(facts.events, language))
    if facts.events.of_kind("ScoreLogged"):
        found.append(score_figure(facts.events, language))
    return found


def judged(facts: Facts, language: Language) -> list[go.Figure]:
    """The scores of the verdict, with their intervals."""
    verdict = facts.verdict
    if verdict is None:
        return []
    labels = [result.system.label for result in verdict.results]
    scores = {name: [result.scores[name] for result in verdict.results] for name in verdict.base.scores}
    return [interval_figure(labels, scores, language)]


def inside(facts: Facts, language: Language) -> list[go.Figure]:
    """Where the change of the weights lies, how far it goes from the base, and what its strength does."""
    found = []
    changes = facts.events.of_kind("ChangeLogged")
    if facts.weights and facts.weights.is_whole:
        found.append(weights_figure(facts.weights, language))
    elif any(event["relative"] for event in changes):
        found.append(live_change_map(facts.events, language))
    if any(event["kl"] is not None for event in changes):
        found.append(kl_figure(facts.events, language))
    if facts.sweep and has_strengths(facts.sweep):
        found.append(knob_figure(facts.sweep, "strength", language))
    return found
