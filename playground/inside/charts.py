"""One knob of an adapter as a chart: what the task gains and, below it, what general text loses along the knob."""

from __future__ import annotations

from typing import TYPE_CHECKING

from playground.charts.axes import BASE, COLOURS, GREY, GRID, curve, laid_out
from playground.charts.words import in_words
from playground.inside.knobs import title_of
from playground.numbers import count
from playground.texts import Language, Text

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from playground.inside.sweep import Point, Sweep

LOSS = Text("Loss (lower is better)", "Perda (loss): menor é melhor")
TASK = Text("held-out examples of the task", "exemplos reservados da tarefa")
GENERAL = Text("general text: forgetting shows here", "texto geral: aqui se vê o esquecimento")
RANDOM = Text("a random change of equal size", "uma mudança aleatória de igual tamanho")
SHUFFLED = Text("its control (shuffled answers)", "seu controle (respostas embaralhadas)")


@in_words
def knob_figure(sweep: Sweep, knob: str, language: Language, shuffled: Sweep | None = None) -> go.Figure:
    """Two panels, the second only where there is general text; the base's loss is dotted, its controls are grey.

    `shuffled` is what is known of a control that was trained on shuffled answers.
    """
    from plotly.subplots import make_subplots

    panels = [("task_loss", TASK, "circle", "solid")]
    if sweep.base.general_loss is not None:
        panels.append(("general_loss", GENERAL, "diamond", "dash"))
    figure = make_subplots(rows=len(panels), cols=1, shared_xaxes=True, vertical_spacing=0.1)
    points = sweep.along(knob)
    controls: list[tuple[Text, list[Point], str | None]] = []
    if knob == "strength":
        random = sweep.along("control")
        controls.append((RANDOM, [sweep.base, *random] if random else [], None))
        controls.append((SHUFFLED, shuffled.along("strength") if shuffled else [], "dot"))
    for row, (field, name, symbol, dash) in enumerate(panels, start=1):
        place, colour = {"row": row, "col": 1}, COLOURS[row - 1]
        figure.add_trace(
            curve(*_line(points, field), name.to(language), colour, width=2, dash=dash, size=7, symbol=symbol), **place
        )
        for label, measured, own_dash in controls:
            if measured:
                grey = curve(
                    *_line(measured, field), label.to(language), GREY, width=1.5, dash=own_dash or dash, size=6,
                    symbol=symbol, showlegend=row == 1,
                )  # fmt: skip
                figure.add_trace(grey, **place)
        base = getattr(sweep.base, field)
        figure.add_hline(
            y=base, line={"color": colour, "width": 1, "dash": "dot"}, annotation_text=BASE.to(language),
            annotation_font={"color": colour, "size": 12}, annotation_position="top right", **place,
        )  # fmt: skip
        if knob != "rank":  # where the adapter is as it was trained; a cut ends there anyway
            figure.add_vline(x=1, line={"color": GREY, "width": 1, "dash": "dot"}, **place)
    figure.update_layout(title={"text": title_of(knob, language), "font": {"size": 14}, "y": 0.98})
    figure.update_xaxes(gridcolor=GRID, zeroline=False)
    if knob == "rank":
        values = [point.value for point in points]
        figure.update_xaxes(type="log", tickvals=values, ticktext=[count(int(value), language) for value in values])
    figure.update_yaxes(title=LOSS.to(language), gridcolor=GRID, zeroline=False)
    return laid_out(figure, language, height=260 * len(panels) + 40, legend=True, t=72)


def _line(points: list[Point], field: str) -> tuple[list[float], list[float]]:
    return [point.value for point in points], [getattr(point, field) for point in points]
