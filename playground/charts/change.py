"""How far an adapter has gone from its base: a map of its weights, and the distance of its answers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from playground.charts.axes import COLOURS, curve, laid_out, plain
from playground.charts.curves import Axis, Events, empty_curves, of_kind, positions
from playground.charts.words import in_words
from playground.texts import Language, Text

if TYPE_CHECKING:
    import plotly.graph_objects as go

Map = Sequence[Sequence[float | None]]  # by layer, then by module

LAYER = Text("Layer", "Camada")
OUTSIDE = Text("outside", "fora")
SHARE = Text("‖ΔW‖ / ‖W‖ (%)", "‖ΔW‖ / ‖W‖ (%)")
AT_STEP = Text("Change of each weight after step {step}", "Mudança de cada peso após o passo {step}")
RANKS = Text("Ranks in use, by layer", "Postos em uso, por camada")
KL = Text("KL from the base (nats per token)", "KL em relação à base (nats por token)")


@in_words
def change_map(layers: Sequence[str], modules: Sequence[str], relative: Map, language: Language) -> go.Figure:
    """One column a layer, one row a module, the colour ‖ΔW‖ / ‖W‖ in percent; what a layer does not have is a gap."""
    import plotly.graph_objects as go

    columns = list(zip(*relative, strict=True))
    percent = [[None if value is None else 100 * value for value in column] for column in columns]
    figure = go.Figure(
        go.Heatmap(
            x=[layer or OUTSIDE.to(language) for layer in layers],
            y=[plain(module, 40) for module in modules],
            z=percent,
            colorscale="Cividis",
            zmin=0,
            xgap=1,
            ygap=1,
            colorbar={"title": {"text": SHARE.to(language)}},
            hoverongaps=False,
            hovertemplate="%{y}, " + LAYER.to(language).lower() + " %{x}: %{z:.3~g}%<extra></extra>",
        )
    )
    figure.update_xaxes(title=LAYER.to(language), type="category", showgrid=False, zeroline=False)
    figure.update_yaxes(type="category", autorange="reversed", showgrid=False, zeroline=False, automargin=True)
    return laid_out(figure, language, height=130 + 24 * len(modules), legend=False)


@in_words
def live_change_map(events: Events, language: Language) -> go.Figure:
    """The newest map that a run has logged; there is one."""
    last = [event for event in of_kind(events, "ChangeLogged") if event["relative"]][-1]
    figure = change_map(last["layers"], last["modules"], last["relative"], language)
    title = AT_STEP.to(language, step=last["step"])
    figure.update_layout(title={"text": title, "font": {"size": 14}, "x": 0.01, "xanchor": "left"})
    return figure


@in_words
def kl_figure(events: Events, language: Language, axis: Axis = "step") -> go.Figure:
    """KL(base ‖ adapter) at each evaluation, from the base itself on, which is 0 from itself."""
    title = KL.to(language)
    figure = empty_curves(title, language, axis, height=210)
    points: list[dict[str, Any]] = [event for event in of_kind(events, "ChangeLogged") if event["kl"] is not None]
    xs, ys = [0.0, *positions(points, axis)], [0.0, *(event["kl"] for event in points)]
    figure.add_trace(curve(xs, ys, title, COLOURS[5], width=2, size=6))
    return figure.update_layout(showlegend=False).update_yaxes(rangemode="tozero")


@in_words
def ranks_figure(events: Events, language: Language, axis: Axis = "step") -> go.Figure:
    """AdaLoRA: a row a layer, a column an evaluation, the colour the ranks that all its modules together still use."""
    import plotly.graph_objects as go

    points = [event for event in of_kind(events, "ChangeLogged") if event["ranks"]]
    in_use = [[sum(rank or 0 for rank in row) for row in event["ranks"]] for event in points]
    figure = empty_curves(RANKS.to(language), language, axis, height=260)
    figure.add_trace(
        go.Heatmap(
            x=positions(points, axis),
            y=[layer or OUTSIDE.to(language) for layer in points[-1]["layers"]] if points else [],
            z=list(zip(*in_use, strict=True)),
            colorscale="Cividis",
            zmin=0,
            hovertemplate=LAYER.to(language) + " %{y}, %{x}: %{z}<extra></extra>",
        )
    )
    figure.update_yaxes(title=LAYER.to(language), type="category")
    return figure.update_layout(showlegend=False, hovermode="closest")
