"""What is told before a run: counts against the attached adapter, bytes against the saved file, and the findings."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import torch

from playground.catalog.methods import METHODS
from playground.config import RunConfig
from playground.data.encode import Encoded, EncodedPair
from playground.data.read import load_split
from playground.errors import ConfigError, ModelError
from playground.model.adapt import attach_new, detach
from playground.model.load import load_base
from playground.preflight import report as preflight
from playground.preflight import token_lengths
from playground.preflight.meta_model import Outline, meta_base, nf4_bytes, outline, tensor_bytes
from playground.preflight.report import Preflight
from playground.service import Playground
from playground.train.checkpoint import save_adapter
from tests.kinds import ONE_OF_EACH_KIND
from tests.tiny import TINY_FAMILIES, save_tiny, save_tiny_translator

CAUSAL = "llama"
EXAMPLES = {CAUSAL: [Encoded([5, 6, 7, 8, 9], 2)] * 8, "pairs": [EncodedPair([5, 6, 7], [8, 9, 10])] * 8}
LLAMA_7B = {
    "architectures": ["LlamaForCausalLM"], "model_type": "llama", "hidden_size": 4096, "intermediate_size": 11008,
    "num_hidden_layers": 32, "num_attention_heads": 32, "num_key_value_heads": 32, "vocab_size": 32000,
    "max_position_embeddings": 4096, "tie_word_embeddings": False,
}  # fmt: skip


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> Any:
    @cache
    def make(family: str) -> str:
        folder = tmp_path_factory.mktemp(family)
        return str(save_tiny(folder) if family == CAUSAL else save_tiny_translator(folder, family))

    return make


@pytest.fixture
def llama_7b(tmp_path: Path) -> str:
    """A folder with the configuration of Llama 7B and nothing else."""
    folder = tmp_path / "llama-7b"
    folder.mkdir()
    (folder / "config.json").write_text(json.dumps(LLAMA_7B), encoding="utf-8")
    return str(folder)


def settings(playground: Playground, base_model: str, method: str, **params: Any) -> RunConfig:
    languages = {"source_language": "en", "target_language": "pt"} if CAUSAL not in base_model else {}
    return playground.check(
        {
            "base_model": base_model,
            "data": {"dataset": "everyday-phrases" if languages else "notes-to-json", **languages},
            "method": {"method": method, "params": params},
        }
    )


def kinds(report: Preflight) -> list[str]:
    return [finding.kind for finding in report.findings]


def count(config: RunConfig, examples: Any = ()) -> Outline:
    return outline(config, meta_base(config.base_model), examples)


# All methods are counted where they are trained: tests/train/test_every_method.py.
EACH = [
    (name, family)
    for name, spec in METHODS.items()
    for family in (CAUSAL, *TINY_FAMILIES)
    if family == CAUSAL or (spec.group == "start_here" and "seq2seq_lm" in spec.tasks)
]


# --- counts -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(("method", "family"), EACH)
def test_counts_and_bytes_are_those_of_the_adapter_that_training_attaches(
    method: str, family: str, playground: Playground, folders: Any, tmp_path: Path
) -> None:
    config = settings(playground, folders(family), method)
    before = torch.random.get_rng_state()
    examples = EXAMPLES[CAUSAL if family == CAUSAL else "pairs"]
    base = load_base(folders(family), METHODS[method].quantization)
    plain = tensor_bytes(base.model)
    try:
        model = attach_new(base, config, examples)
    except ModelError:
        with pytest.raises(ModelError):
            count(config, examples)
        return
    before = torch.random.get_rng_state()
    told = count(config, examples)
    assert torch.equal(torch.random.get_rng_state(), before)  # a run that trains beside it keeps its random numbers
    assert (told.trainable_parameters, told.total_parameters) == model.get_nb_trainable_parameters()
    assert sum(place.parameters for place in told.places) == told.trainable_parameters
    assert told.added_bytes == tensor_bytes(model) - plain
    save_adapter(model, tmp_path / "adapter")
    saved = (tmp_path / "adapter" / "adapter_model.safetensors").stat().st_size
    assert told.adapter_bytes == pytest.approx(saved, rel=0.02)
    detach(model)


@pytest.mark.parametrize("method", ["lora", "adalora", "full", "ia3", "vera"])
def test_counts_on_a_bf16_base_are_those_of_its_adapter(
    method: str, playground: Playground, folders: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    bf16 = (torch.device("cpu"), torch.bfloat16, "cpu_bf16")
    monkeypatch.setattr("playground.model.load.choose_device", lambda: bf16)
    config = settings(playground, folders(CAUSAL), method)
    told = count(config, EXAMPLES[CAUSAL])
    model = attach_new(load_base(folders(CAUSAL)), config, EXAMPLES[CAUSAL])
    assert (told.trainable_parameters, told.total_parameters) == model.get_nb_trainable_parameters()
    assert told.added_bytes + told.base_bytes == tensor_bytes(model)


def test_a_seven_billion_model_is_counted_without_weights(playground: Playground, llama_7b: str) -> None:
    told = count(settings(playground, llama_7b, "lora", r=8, target_modules="all-linear"))
    # Each matrix d_in x d_out gets r (d_in + d_out); a layer has q, k, v, o, then gate, up and down.
    layer = 8 * (4 * (4096 + 4096) + 3 * (4096 + 11008))
    assert told.trainable_parameters == 32 * layer
    base = 2 * 32000 * 4096 + 4096 + 32 * (4 * 4096**2 + 3 * 4096 * 11008 + 2 * 4096)
    assert told.total_parameters - told.trainable_parameters == base
    assert len(told.places) == 32 * 7
    assert {place.layer for place in told.places} == {str(number) for number in range(32)}
    up = [place.parameters for place in told.places if place.module == "mlp.up_proj"]
    assert up == [8 * (4096 + 11008)] * 32


@pytest.mark.parametrize("method", ONE_OF_EACH_KIND)
def test_every_kind_of_method_is_counted_on_a_seven_billion_model(
    method: str, playground: Playground, llama_7b: str
) -> None:
    told = count(settings(playground, llama_7b, method))
    assert 0 < told.trainable_parameters <= told.total_parameters
    assert all(parameter.is_meta for parameter in told.model.parameters())


def test_the_bytes_of_nf4_are_those_of_the_loaded_base(playground: Playground, folders: Any) -> None:
    told = count(settings(playground, folders(CAUSAL), "qlora"))
    base = load_base(folders(CAUSAL), "nf4")
    quantized = [module.weight for module in base.model.modules() if type(module).__name__ == "Linear4bit"]
    assert quantized
    packed = sum(weight.numel() for weight in quantized)
    scales = sum(
        state.absmax.numel() + state.state2.absmax.numel() * 4 for state in (weight.quant_state for weight in quantized)
    )
    others = tensor_bytes(base.model) - packed
    assert told.base_bytes == others + packed + scales
    assert nf4_bytes(4096 * 4096, double_quant=False) == 4096 * 4096 // 2 + 4096 * 4096 // 64 * 4


# --- what is wrong ----------------------------------------------------------------------------------


def test_a_folder_without_weights_can_be_counted_and_is_not_ready(playground: Playground, llama_7b: str) -> None:
    report = playground.preflight(settings(playground, llama_7b, "lora").to_values())
    assert not report.ready
    assert report.trainable_parameters == 19_988_480
    assert "no_weights" in kinds(report)
    assert report.tokens is None
    # Seven billion weights of two or four bytes, whichever this machine trains in, and more for the rest.
    assert report.memory is not None
    assert report.memory.total > 2 * report.total_parameters
    assert ("too_little_memory" in kinds(report)) is (report.memory.total > report.memory.installed)


def test_a_model_id_without_a_configuration_is_told_clearly(playground: Playground, tmp_path: Path) -> None:
    folder = tmp_path / "empty-model"
    folder.mkdir()
    (folder / "config.json").write_text("{}", encoding="utf-8")
    with pytest.raises(ModelError, match=r"no config\.json that can be read"):
        playground.preflight({"base_model": str(folder), "data": {"dataset": "notes-to-json"}})
    with pytest.raises(ModelError, match="cannot be counted|There is no model|Hub"):
        playground.preflight({"base_model": "nobody/nothing-here", "data": {"dataset": "notes-to-json"}})


def test_impossible_target_modules_name_those_that_exist(playground: Playground, tiny_model: str) -> None:
    values = {
        "base_model": tiny_model,
        "data": {"dataset": "notes-to-json"},
        "method": {"method": "lora", "params": {"target_modules": ["nonsense"]}},
    }
    with pytest.raises(ModelError, match="q_proj"):
        playground.preflight(values)


def test_a_rank_of_ten_thousand_is_refused_before_anything_is_built(playground: Playground, tiny_model: str) -> None:
    values = {
        "base_model": tiny_model,
        "data": {"dataset": "notes-to-json"},
        "method": {"method": "lora", "params": {"r": 10_000}},
    }
    with pytest.raises(ConfigError, match="256"):
        playground.preflight(values)


def test_a_rank_above_the_layers_smaller_side_is_told(playground: Playground, values: dict[str, Any]) -> None:
    values["method"] = {"method": "lora", "params": {"r": 40}}
    report = playground.preflight(values)
    # The tiny model is 64 wide; its keys and values (2 heads of 16) have 32 rows, in each of 2 layers.
    found = next(finding for finding in report.findings if finding.kind == "rank_above_layer")
    assert "4 of the 14" in found.message.en
    assert report.ready


@pytest.mark.parametrize(("factor", "told"), [(1.0, False), (9.0, False), (11.0, True), (0.09, True)])
def test_a_learning_rate_far_from_the_tuned_one_is_told(
    factor: float, told: bool, playground: Playground, values: dict[str, Any]
) -> None:
    values["training"]["learning_rate"] = METHODS["lora"].learning_rate * factor
    assert ("far_learning_rate" in kinds(playground.preflight(values))) is told


@pytest.mark.parametrize("shuffled", [False, True])
def test_a_control_is_told(playground: Playground, values: dict[str, Any], shuffled: bool) -> None:
    values["data"]["shuffled_answers"] = shuffled
    report = playground.preflight(values)
    assert ("shuffled_answers" in kinds(report)) is shuffled
    assert report.ready


def test_what_the_limit_on_tokens_costs_is_what_the_run_says(
    playground: Playground, values: dict[str, Any], make_run: Any
) -> None:
    from playground.runs.session import run

    values["data"]["max_tokens"] = 40
    report = playground.preflight(values)
    folder = make_run(values)
    run(folder, lambda: False)
    [started] = [event for event in folder.read_since(0)[0] if event["event"] == "RunStarted"]
    assert report.tokens is not None
    assert report.tokens.train_examples == started["train_examples"]
    assert report.tokens.dropped_examples == started["dropped_examples"]
    assert report.tokens.truncated_examples == started["truncated_examples"] > 0
    assert report.trainable_parameters == started["trainable_parameters"]
    assert {"truncated"} <= set(kinds(report))
    assert 0 < report.tokens.lost_tokens < report.tokens.tokens


def test_data_that_does_not_fit_keeps_a_run_from_being_ready(playground: Playground, values: dict[str, Any]) -> None:
    values["data"]["max_tokens"] = 16
    report = playground.preflight(values)
    assert not report.ready
    assert report.findings[0].kind == "data"


@pytest.mark.parametrize("place", ["here", "hub"])
def test_examples_that_stand_twice_are_told_with_the_remedy_and_keep_no_run_from_starting(
    playground: Playground, folders: Any, tmp_path: Path, place: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each of twelve stands three times; who asks the same stays on one side, so nothing leaks."""
    path = tmp_path / "rows.jsonl"
    rows = [json.dumps({"prompt": f"Pier {n}?", "completion": f"{n}."}) for n in range(12)]
    path.write_text("\n".join(rows * 3), encoding="utf-8")
    config = playground.check({"base_model": folders(CAUSAL), "data": {"dataset": str(path)}})
    monkeypatch.setattr(preflight, "where_is", lambda _: place)
    monkeypatch.setattr(preflight, "to_download", lambda _: None)
    report = preflight.preflight(config)
    (twice,) = [finding for finding in report.findings if finding.kind in ("duplicates", "leak", "empty", "same")]
    repeats = len(load_split(config.data, config.seed).train) * 2 // 3
    assert twice.message.en.startswith(f"{repeats} training examples repeat an earlier one")
    assert "Delete them" in twice.message.en
    assert "Apague-os" in twice.message.pt
    assert report.ready


def test_training_prompts_that_are_held_out_as_well_are_told_with_the_remedy(
    playground: Playground, folders: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As in a data set whose two parts were made by somebody else."""
    config = playground.check({"base_model": folders(CAUSAL), "data": {"dataset": "notes-to-json"}, "seed": 7})
    split = load_split(config.data, config.seed)
    leaked = split._replace(held_out=[*split.held_out, split.train[3], split.train[5]])
    monkeypatch.setattr(token_lengths, "load_split", lambda *_: leaked)
    report = preflight.preflight(config)
    (leak,) = [finding for finding in report.findings if finding.kind == "leak"]
    assert leak.message.en.startswith("2 training prompts also occur in the held-out part")
    assert "Take them out of one of the two." in leak.message.en
    assert "Tire-os de uma das duas partes." in leak.message.pt
    assert report.ready
