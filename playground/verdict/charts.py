"""Figures of a verdict: intervals, sentence against sentence, and score by length. Numbers in, plotly out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from playground.charts.axes import COLOURS, GREY, GRID, SHAPES, curve, laid_out, plain
from playground.charts.words import in_words
from playground.texts import Language, Text

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from playground.verdict.judge import LengthBucket
    from playground.verdict.significance import Score

TEXT_SHOWN = 90
LABEL_SHOWN = 24

BASE_CHRF = Text("chrF of the base's translation", "chrF da tradução da base")
ADAPTER_CHRF = Text("chrF of the adapter's translation", "chrF da tradução do adaptador")
EQUAL = Text("equal", "iguais")
SENTENCE = Text("Sentence {number}", "Frase {number}")
WORDS = Text("Words in the source sentence", "Palavras na frase de origem")
CORPUS_CHRF = Text("chrF", "chrF")
SENTENCES = Text("{count} sentences", "{count} frases")
LOWER = Text("TER ↓ lower is better", "TER ↓ menor é melhor")
HIGHER = Text("{metric} ↑", "{metric} ↑")


@in_words
def interval_figure(labels: Sequence[str], metrics: Mapping[str, Sequence[Score]], language: Language) -> go.Figure:
    """One panel a metric, one bar a system, each with its interval. `metrics[name][i]` belongs to `labels[i]`."""
    import plotly.graph_objects as go
    from plotly.subplots import make_subplots

    titles = [LOWER.to(language) if name == "TER" else HIGHER.to(language, metric=name) for name in metrics]
    figure = make_subplots(rows=1, cols=len(metrics), subplot_titles=titles)
    places = list(range(len(labels)))  # not names, on the axis: two runs may bear the same name
    for column, bars in enumerate(metrics.values(), start=1):
        figure.add_trace(
            go.Bar(
                x=places,
                y=[bar.score for bar in bars],
                marker_color=[COLOURS[place % len(COLOURS)] for place in places],
                # sacrebleu's interval lies around the mean of the resamples, which may miss the score itself
                error_y={
                    "type": "data",
                    "array": [max(0.0, bar.interval.high - bar.score) for bar in bars],
                    "arrayminus": [max(0.0, bar.score - bar.interval.low) for bar in bars],
                    "color": GREY,
                    "thickness": 1.5,
                },
                texttemplate="%{y:.1f}",
                textposition="inside",
                insidetextanchor="start",
                textfont={"color": "white", "size": 13},
                hovertemplate="%{y:.2f}<extra></extra>",
            ),
            row=1,
            col=column,
        )
        names = [plain(label, LABEL_SHOWN) for label in labels]
        figure.update_xaxes(tickmode="array", tickvals=places, ticktext=names, row=1, col=column)
    figure.update_yaxes(rangemode="tozero", gridcolor=GRID, zeroline=False)
    figure.update_annotations(font={"size": 13, "color": GREY})
    return laid_out(figure, language, height=300, legend=False, l=48)


@in_words
def scatter_figure(
    base: Sequence[float], adapters: Sequence[tuple[str, Sequence[float]]], sources: Sequence[str], language: Language
) -> go.Figure:
    """One point a sentence and adapter, above the line where the adapter did better; `customdata` is its number."""
    import plotly.graph_objects as go

    figure = go.Figure()
    ends = [0, 100]
    figure.add_trace(curve(ends, ends, EQUAL.to(language), GREY, width=1, dash="dash", hoverinfo="skip"))
    heads = [SENTENCE.to(language, number=number) for number in range(1, len(base) + 1)]
    texts = [f"{head}: {plain(source, TEXT_SHOWN)}" for head, source in zip(heads, sources, strict=True)]
    for number, (label, scores) in enumerate(adapters, start=1):
        figure.add_trace(
            curve(
                base, scores, plain(label, LABEL_SHOWN), COLOURS[number % len(COLOURS)],
                size=9, symbol=SHAPES[number % len(SHAPES)], marker_opacity=0.7,
                customdata=list(range(1, len(base) + 1)), text=texts,
                hovertemplate="%{text}<br>%{x:.1f} → %{y:.1f}<extra></extra>",
            )
        )  # fmt: skip
    figure.update_xaxes(title=BASE_CHRF.to(language), range=[-3, 103], gridcolor=GRID, zeroline=False)
    figure.update_yaxes(title=ADAPTER_CHRF.to(language), range=[-3, 103], gridcolor=GRID, zeroline=False)
    figure.update_layout(hovermode="closest", dragmode="pan", clickmode="event")
    return laid_out(figure, language, height=440, legend=True, l=48)


@in_words
def length_figure(labels: Sequence[str], lengths: Sequence[LengthBucket], language: Language) -> go.Figure:
    """Groups of bars, one group a range of source lengths, one bar a system."""
    import plotly.graph_objects as go

    figure = go.Figure()
    names = [_range(item) for item in lengths]
    counts = [SENTENCES.to(language, count=item.sentences) for item in lengths]
    for place, label in enumerate(labels):
        figure.add_trace(
            go.Bar(
                x=[f"{name}<br>{count}" for name, count in zip(names, counts, strict=True)],
                y=[item.chrf[place] for item in lengths],
                name=plain(label, LABEL_SHOWN),
                marker_color=COLOURS[place % len(COLOURS)],
                hovertemplate="%{y:.1f}",
            )
        )
    figure.update_xaxes(title=WORDS.to(language), type="category")
    figure.update_yaxes(title=CORPUS_CHRF.to(language), rangemode="tozero", gridcolor=GRID, zeroline=False)
    figure.update_layout(barmode="group", hovermode="x unified")
    return laid_out(figure, language, height=320, legend=True, l=48)


def _range(item: LengthBucket) -> str:
    return f"{item.shortest}+" if item.longest is None else f"{item.shortest}–{item.longest}"
