"""The Quantization tab: what it asks of the service, and what it shows of a comparison."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import gradio as gr
import pytest

from playground.catalog.precisions import PRECISIONS
from playground.precision.comparison import Measured, PrecisionComparison
from playground.precision.training_memory import TrainingMemory
from playground.precision.weight_error import BINS, LayerError, ModuleError, WeightErrors
from playground.service import Playground
from playground.texts import LANGUAGES, Language, Text
from playground.ui.parts.job import Shown
from playground.ui.precision import html as precision_html
from playground.ui.precision.tab import PrecisionTab
from tests.tiny import save_tiny
from tests.ui.compare.test_tab import HTML_NAME, SCRIPT, Page, event
from tests.ui.parts.job_events import clicked, job_events

Built = tuple[gr.Blocks, PrecisionTab]
SIZES = {"fp32": 400, "bf16": 200, "int8": 110, "nf4": 70, "nf4_double": 60}


@pytest.fixture(params=LANGUAGES)
def built(request: pytest.FixtureRequest, playground: Playground) -> Built:
    with gr.Blocks() as blocks, gr.Tabs():
        with gr.Tab() as item:
            tab = PrecisionTab(playground, request.param)
        tab.connect(blocks, item)
    return blocks, tab


def errors(relative: float) -> WeightErrors:
    middle = [0] * BINS
    middle[BINS // 2 + bool(relative)] = 100
    layers = tuple(LayerError(layer, relative, tuple(middle)) for layer in ("", "0", "1"))
    return WeightErrors((ModuleError(HTML_NAME, "0", relative),), layers, not_compared=3)


@pytest.fixture
def comparison() -> PrecisionComparison:
    """Round figures; names and reasons that would run if they were not shown as text."""
    measured = {
        name: Measured(
            precision=name, dtype=SCRIPT, weight_bytes=size * 10**6, load_seconds=0.5, tokens_per_second=20.0 - place,
            loss=3.0 + place / 8, perplexity=20.0855, tokens=1234, errors=errors(place / 100 if place > 1 else 0.0),
        )
        for place, (name, size) in enumerate(SIZES.items())
    }  # fmt: skip
    training = {
        name: TrainingMemory(
            precision=name, loaded_bytes=100 * 10**6, peak_bytes=peak * 10**6, steps=2, batch_size=4, loss=2.0
        )
        for name, peak in (("fp32", 900), ("bf16", 700), ("nf4_double", 500))
    }
    return PrecisionComparison(
        model=HTML_NAME, task="causal_lm", device=SCRIPT, versions={}, measured=measured, training=training,
        failed={"int8": Text(f"no {SCRIPT}", f"sem {SCRIPT}")}, kept=("fp32",),
    )  # fmt: skip


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_comes_from_models_and_libraries_is_shown_as_text(
    comparison: PrecisionComparison, language: Language
) -> None:
    for html in (
        precision_html.summary_html(comparison, language),
        precision_html.status_html(comparison, True, language),
    ):
        shown = Page(html)
        assert not {"script", "img"} & set(shown.tags)
        assert SCRIPT in shown.text


def test_the_sentences_say_what_is_saved_and_what_it_costs(comparison: PrecisionComparison) -> None:
    text = Page(precision_html.summary_html(comparison, "en")).text
    assert "NF4 + double quant. takes 15% of the bytes of fp32; its loss is +0.5000 nats" in text
    assert "writes more slowly: at 0.80× the speed of fp32" in text
    assert "QLoRA on NF4 peaks at 500 MB, LoRA on bf16 at 700 MB, LoRA on fp32 at 900 MB" in " ".join(text.split())
    assert "bf16 loses nothing" in text
    assert "3 matrices have no counterpart" in text
    portuguese = Page(precision_html.summary_html(comparison, "pt")).text
    assert "ocupa 15% dos bytes de fp32; sua perda fica a +0,5000 nats" in portuguese


def test_the_table_has_a_row_a_precision_with_its_figures(comparison: PrecisionComparison) -> None:
    shown = Page(precision_html.summary_html(comparison, "en"))
    assert shown.tags.count("tr") == 1 + len(PRECISIONS)
    for figure in ("400.0", "27.5%", "20.09", "4.00%", "QLoRA 500", "1,234 tokens"):
        assert figure in shown.text


def test_figures_show_the_numbers_of_the_comparison(comparison: PrecisionComparison) -> None:
    bars = precision_html.panels(comparison, "en").data
    assert list(bars[0].y) == list(SIZES.values())
    assert list(bars[4].y) == [900, 700, None, None, 500]
    lines = precision_html.layers(comparison, "en").data
    assert [line.name for line in lines] == ["int8", "NF4", "NF4<br>+ double quant."]  # the others have no error
    assert list(lines[0].y) == [2.0, 2.0, 2.0]
    [heat] = precision_html.histogram(comparison, "nf4", "pt").data
    assert (list(heat.y)[0], max(heat.z[1])) == ("fora das camadas", 1.0)
    assert [name for _, name in precision_html.choices(comparison)] == ["int8", "nf4", "nf4_double"]


def test_a_comparison_is_shown_with_the_smallest_precision_s_histogram_and_an_empty_one_hides_the_results(
    built: Built, comparison: PrecisionComparison
) -> None:
    _, tab = built
    shown = tab.show(comparison)
    assert shown[tab.latest] is comparison
    assert shown[tab.results].visible
    assert shown[tab.precision].value == "nf4_double"
    assert shown[tab.histogram].data
    empty = tab.show(PrecisionComparison(model="m", task="", device="d", versions={}))
    assert not empty[tab.results].visible
    assert tab.histogram not in empty


def test_another_histogram_is_drawn_on_choosing(built: Built, comparison: PrecisionComparison) -> None:
    show = event(built[0], "show_histogram").fn
    assert show(latest=comparison, precision="nf4").data
    for precision in (None, "gone"):
        assert show(latest=comparison, precision=precision) == gr.skip()


def test_no_event_of_the_tab_is_part_of_the_public_api(built: Built) -> None:
    assert {block.api_visibility for block in built[0].fns.values() if block.fn} <= {"private"}


def test_measuring_shows_each_stage_then_everything_and_can_be_stopped(
    playground: Playground, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PEFT_PLAYGROUND_CACHE", str(tmp_path / "cache"))
    folder = str(save_tiny(tmp_path / "model"))

    with gr.Blocks() as blocks, gr.Tabs():
        with gr.Tab() as item:
            tab = PrecisionTab(playground, "en")
        tab.connect(blocks, item)
    events = job_events(blocks, tab.start)

    def measured(model: str, *, stop: bool = False) -> list[Shown]:
        visitor: Any = SimpleNamespace(session_hash="one")
        events.start(visitor, model=model, train=False, again=False)
        if stop:
            clicked(blocks, tab.stop)(visitor)
        return list(events.work(visitor))

    stopped = measured(folder, stop=True)
    assert "Stopped" in stopped[-1][tab.status]
    *steps, last = measured(f" {folder} ")
    texts = [step[tab.status] for step in steps]
    assert any("NF4: comparing each weight" in text for text in texts)
    widths = [int(text.split("width:")[1].split("%")[0]) for text in texts]
    assert widths == sorted(widths)
    assert "Measured on" in last[tab.status]
    assert list(last[tab.latest].measured) == list(PRECISIONS)
    [kept] = measured(folder)
    assert "From an earlier time: fp32, bf16, int8, NF4" in kept[tab.status]
    with pytest.raises(gr.Error, match="Choose a base model"):
        measured("  ")
    with playground.worker.model_lock(), pytest.raises(gr.Error):
        measured(folder)
