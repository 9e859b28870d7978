"""Precisions side by side: the loss against transformers' own, what is kept on disk, and what goes wrong."""

from __future__ import annotations

import gc
import json
import math
import threading
import weakref
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import torch

from playground.catalog.precisions import PRECISIONS
from playground.data.example import Languages
from playground.data.read import general_pairs
from playground.errors import BusyError, ModelError
from playground.model import in_memory
from playground.model.load import BaseModel, load_base
from playground.model.pairs import encode_pairs
from playground.precision import comparison, kept_measurements, training_memory
from playground.precision.comparison import PrecisionComparison, compare_precisions, fixed_items, fixed_loss
from playground.service import Playground
from tests.tiny import save_tiny, save_tiny_translator

NAMES = list(PRECISIONS)


@pytest.fixture(scope="module")
def causal(tmp_path_factory: pytest.TempPathFactory) -> str:
    return str(save_tiny(tmp_path_factory.mktemp("causal")))


@pytest.fixture(scope="module")
def translator(tmp_path_factory: pytest.TempPathFactory) -> str:
    return str(save_tiny_translator(tmp_path_factory.mktemp("m2m100"), "m2m100", d_model=64, encoder_ffn_dim=128))


@pytest.fixture(autouse=True)
def own_cache(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A temporary one, except for the embedded model, which is slow to unpack."""
    if not request.node.get_closest_marker("slow"):
        monkeypatch.setenv("PEFT_PLAYGROUND_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache" / "quantization"


class Loads(list[str]):
    """The precisions that were loaded, in order; not one while another one is in memory."""

    def __init__(self) -> None:
        super().__init__()
        self._bases: list[weakref.ref[BaseModel]] = []

    @property
    def in_memory(self) -> list[BaseModel]:
        """The bases that nobody has let go of."""
        gc.collect()
        return [base for found in self._bases if (base := found()) is not None]

    def load(self, source: str, kind: str | None, double: bool, dtype: str | None) -> BaseModel:
        assert not self.in_memory
        self.append(dtype or f"{kind}{double}")
        base = load_base(source, kind, double, dtype)
        self._bases.append(weakref.ref(base))
        return base


@pytest.fixture
def loads(monkeypatch: pytest.MonkeyPatch) -> Loads:
    loads = Loads()
    monkeypatch.setattr(comparison, "load_base", loads.load)
    return loads


def last(found: Iterator[PrecisionComparison]) -> PrecisionComparison:
    return list(found)[-1]


# --- figures --------------------------------------------------------------------------------------


@torch.no_grad()
def test_the_loss_of_the_fixed_text_is_that_of_transformers(causal: str) -> None:
    base = load_base(causal, dtype="float32")
    ids = base.tokenizer(comparison.TEXT_FILE.read_text(encoding="utf-8"))["input_ids"]
    total, count = 0.0, 0
    for start in range(0, len(ids), 512):
        window = torch.tensor([ids[start : start + 512]])
        total += float(base.model(input_ids=window, labels=window).loss) * (window.shape[1] - 1)
        count += window.shape[1] - 1
    assert count > 1000
    loss, tokens = fixed_loss(base)
    assert tokens == count
    assert loss == pytest.approx(total / count, rel=1e-5)


@torch.no_grad()
def test_the_loss_of_the_fixed_pairs_is_that_of_transformers(translator: str) -> None:
    base = load_base(translator, dtype="float32")
    pairs = general_pairs(Languages("en", "pt"))
    total, count = 0.0, 0
    for item in encode_pairs(pairs, base, base.context_tokens).items:
        labels = torch.tensor([item.labels])
        total += float(base.model(input_ids=torch.tensor([item.input_ids]), labels=labels).loss) * labels.numel()
        count += labels.numel()
    loss, tokens = fixed_loss(base)
    assert (tokens, len(pairs)) == (count, 100)
    assert loss == pytest.approx(total / count, rel=1e-4)


def test_a_text_to_text_model_reads_the_pairs_without_languages(tmp_path: Path) -> None:
    base = load_base(str(save_tiny_translator(tmp_path, "t5")), dtype="float32")
    assert len(fixed_items(base)) == 100
    assert math.isfinite(fixed_loss(base)[0])


@pytest.mark.parametrize("kind", ["causal", "translator"])
def test_every_precision_is_measured_one_at_a_time_and_none_stays_in_memory(
    kind: str, request: pytest.FixtureRequest, loads: Loads
) -> None:
    source = request.getfixturevalue(kind)
    in_memory.base_in_memory(source)
    steps = list(compare_precisions(source))
    found = steps[-1]
    assert loads == ["float32", "bfloat16", "int8False", "nf4False", "nf4True"]
    assert not in_memory._kept
    assert (list(found.measured), found.failed, found.current, found.stopped) == (NAMES, {}, "", False)
    sizes = [item.weight_bytes for item in found.measured.values()]
    plain = load_base(source, dtype="float32").model
    assert sizes[:2] == [sum(value.numel() * width for value in plain.parameters()) for width in (4, 2)]
    assert sizes[3] < sizes[0]
    for item in found.measured.values():
        assert item.tokens_per_second > 0
        assert item.load_seconds > 0
        assert item.perplexity == pytest.approx(math.exp(item.loss))
    worst = [max(module.relative for module in item.errors.modules) for item in found.measured.values()]
    assert worst[0] == 0 < worst[1] < worst[2] < worst[3]
    assert {(step.current, step.stage) for step in steps if step.stage} == {
        (name, stage) for name in NAMES for stage in ("loading", "weights", "writing", "reading")
    }


# --- kept results ---------------------------------------------------------------------------------


def test_what_was_measured_is_kept_and_not_measured_again(causal: str, loads: Loads) -> None:
    first = last(compare_precisions(causal))
    second = last(compare_precisions(causal))
    assert len(loads) == 5
    assert second.measured == first.measured
    assert (second.kept, first.kept) == (tuple(NAMES), ())
    assert second.task == "causal_lm"
    assert last(compare_precisions(causal, again=True)).kept == ()
    assert len(loads) == 10


@pytest.mark.parametrize(
    ("name", "other"),
    [
        ("installed_version", lambda *_: "99.0"),
        ("device_name", lambda: "another processor"),
    ],
)
def test_another_version_or_device_is_measured_anew(
    causal: str, loads: Loads, monkeypatch: pytest.MonkeyPatch, name: str, other: Callable[..., str]
) -> None:
    last(compare_precisions(causal))
    monkeypatch.setattr(kept_measurements, name, other)
    assert last(compare_precisions(causal)).kept == ()
    assert len(loads) == 10


def test_a_model_whose_weights_were_replaced_is_measured_anew(tmp_path: Path, loads: Loads) -> None:
    folder = save_tiny(tmp_path / "model")
    before = last(compare_precisions(str(folder)))
    save_tiny(folder, seed=1)
    after = last(compare_precisions(str(folder)))
    assert after.kept == ()
    assert after.measured["fp32"].loss != before.measured["fp32"].loss


def test_a_broken_file_is_left_aside_and_written_anew(causal: str, own_cache: Path, loads: Loads) -> None:
    last(compare_precisions(causal))
    [path] = own_cache.iterdir()
    of_another_shape = json.loads(path.read_text(encoding="utf-8")) | {"measured": {"fp32": {"no": "such"}}}
    for text in ("", "{", "[]", '{"key": 1}', json.dumps(of_another_shape)):
        path.write_text(text, encoding="utf-8")
        loads.clear()
        assert last(compare_precisions(causal)).kept == (), text
        assert len(loads) == 5, text
        assert last(compare_precisions(causal)).kept == tuple(NAMES), text
        assert [item.name for item in own_cache.iterdir()] == [path.name], text


def test_a_folder_that_cannot_be_written_costs_the_file_and_not_the_result(
    causal: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "taken").write_text("", encoding="utf-8")
    monkeypatch.setenv("PEFT_PLAYGROUND_CACHE", str(tmp_path / "taken"))
    assert list(last(compare_precisions(causal)).measured) == NAMES


# --- stopping and failing -------------------------------------------------------------------------


def test_a_stop_keeps_what_is_finished_and_the_next_time_goes_on(causal: str, loads: Loads) -> None:
    wanted = threading.Event()
    steps = []
    for step in compare_precisions(causal, should_stop=wanted.is_set):
        steps.append(step)
        if step.current == "bf16":
            wanted.set()
    assert steps[-1].stopped
    assert list(steps[-1].measured) == ["fp32"]
    assert last(compare_precisions(causal)).kept == ("fp32",)
    assert loads[:2] == ["float32", "bfloat16"]
    assert loads.count("float32") == 1


def test_a_closed_iterator_leaves_no_base_and_the_model_free(causal: str, loads: Loads, playground: Playground) -> None:
    found = playground.compare_precisions(causal)
    for step in found:
        if step.stage == "writing":
            break
    found.close()
    assert not loads.in_memory
    with playground.worker.model_lock():
        pass


def test_a_precision_that_fails_is_told_and_the_others_go_on(
    causal: str, monkeypatch: pytest.MonkeyPatch, own_cache: Path
) -> None:
    def fail(source: str, kind: str | None, double: bool, dtype: str | None) -> BaseModel:
        if kind == "int8":
            raise RuntimeError("no kernel\nfor this device")
        return load_base(source, kind, double, dtype)

    monkeypatch.setattr(comparison, "load_base", fail)
    found = last(compare_precisions(causal))
    assert list(found.measured) == [name for name in NAMES if name != "int8"]
    assert "int8 could not be measured (no kernel for this device)" in found.failed["int8"].en
    assert "int8 não pôde ser medido" in found.failed["int8"].pt
    assert "int8" not in json.loads(next(own_cache.iterdir()).read_text(encoding="utf-8"))["measured"]


def test_an_unknown_model_and_one_that_writes_no_text_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="There is no model"):
        last(compare_precisions("no model/with spaces"))
    folder = save_tiny(tmp_path / "bert")
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    (folder / "config.json").write_text(json.dumps(config | {"model_type": "bert", "architectures": ["BertModel"]}))
    with pytest.raises(ModelError, match="does not write text"):
        last(compare_precisions(str(folder)))


def test_nothing_is_measured_while_the_model_is_in_use(causal: str, playground: Playground) -> None:
    with playground.worker.model_lock():
        with pytest.raises(BusyError, match="comparison or a measurement"):
            last(playground.compare_precisions(causal))


# --- memory of training ---------------------------------------------------------------------------


def test_training_is_measured_in_a_process_of_its_own_and_kept(causal: str, loads: Loads) -> None:
    """The quantized base starts from the loss of the plain one: it is the same model, squeezed."""
    found = last(compare_precisions(causal, train=True))
    assert list(found.training) == [name for name, item in PRECISIONS.items() if item.trains_as]
    losses = [item.loss for item in found.training.values()]
    assert losses == pytest.approx([losses[0]] * 3, rel=0.1)
    for item in found.training.values():
        assert item.peak_bytes >= item.loaded_bytes > 0
        assert (item.steps, item.batch_size) == (2, 4)
    assert last(compare_precisions(causal, train=True)).training == found.training
    assert last(compare_precisions(causal)).training == {}


def test_a_process_that_fails_is_told_and_one_that_is_stopped_ends(causal: str) -> None:
    with pytest.raises(ModelError, match="ended with status 1: .*KeyError"):
        training_memory.training_memory(causal, "causal_lm", "int3", lambda: False)
    with pytest.raises(training_memory.StoppedError):
        training_memory.training_memory(causal, "causal_lm", "fp32", lambda: True)


@pytest.mark.slow
def test_on_the_embedded_model_nf4_is_the_smallest_and_loses_the_most(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(comparison, "NEW_TOKENS", 4)  # how fast it writes is not asked here
    found = last(compare_precisions("smollm2-135m-instruct", again=True))
    assert found.failed == {}
    items = [found.measured[name] for name in ("fp32", "bf16", "int8", "nf4", "nf4_double")]
    sizes = [item.weight_bytes for item in items]
    assert sizes == sorted(sizes, reverse=True)
    assert sizes[:2] == [4 * 134_515_008, 2 * 134_515_008]
    assert items[0].loss < items[3].loss < items[0].loss + 0.5
    assert abs(items[1].loss - items[0].loss) < 0.02
