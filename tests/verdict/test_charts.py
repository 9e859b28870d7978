from __future__ import annotations

import pytest

from playground.texts import LANGUAGES, Language
from playground.verdict.charts import interval_figure, length_figure, scatter_figure
from playground.verdict.judge import LengthBucket
from playground.verdict.significance import Score

HOSTILE = "<img src=x onerror=alert(1)>"


@pytest.mark.parametrize("language", LANGUAGES)
def test_bars_carry_their_scores_and_the_ends_of_their_intervals(language: Language) -> None:
    metrics = {
        "BLEU": [Score(20, 20.25, 2.25, ""), Score(30, 30, 3, "")],
        "TER": [Score(60, 60.5, 3.5, ""), Score(50, 53, 2, "")],
    }
    figure = interval_figure(["base", HOSTILE], metrics, language)
    bleu, ter = figure.data
    assert list(bleu.y) == [20, 30]
    assert list(bleu.error_y.array) == [2.5, 3]
    assert list(bleu.error_y.arrayminus) == [2, 3]
    assert list(ter.error_y.arrayminus) == [3, 0]
    assert "TER ↓" in figure.layout.annotations[1].text
    assert HOSTILE not in figure.to_json()


def test_each_point_carries_its_sentence_s_number_and_its_text_as_text() -> None:
    sources = [f"{HOSTILE} {place}" for place in range(3)]
    figure = scatter_figure([10, 20, 30], [("one", [15, 18, 60]), (HOSTILE, [9, 9, 9])], sources, "en")
    _, one, two = figure.data
    assert list(one.customdata) == list(two.customdata) == [1, 2, 3]
    assert (list(one.x), list(one.y)) == ([10, 20, 30], [15, 18, 60])
    assert one.text[2].startswith("Sentence 3: &lt;img")
    assert one.marker.symbol != two.marker.symbol
    assert "<img" not in figure.to_json()


def test_lengths_show_their_range_their_count_and_one_bar_a_system() -> None:
    figure = length_figure(
        ["base", "adapter"], [LengthBucket(1, 3, 7, (50, 55)), LengthBucket(26, None, 2, (30, 20))], "pt"
    )
    base, adapter = figure.data
    assert list(base.x) == ["1–3<br>7 frases", "26+<br>2 frases"]
    assert (list(base.y), list(adapter.y)) == ([50, 30], [55, 20])
