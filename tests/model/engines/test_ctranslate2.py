"""CTranslate2 writes what PyTorch writes: every family, greedy and with beams, with an adapter, rounded and not."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import peft
import pytest
import torch
from transformers import AutoTokenizer

from playground.catalog.capabilities import no_merge
from playground.data.example import Example, Languages, Message
from playground.errors import ModelError
from playground.model.engines.ctranslate2_search import FastTranslator
from playground.model.engines.log_probabilities import log_probabilities, reference_ids
from playground.model.engines.to_ctranslate2 import FAMILIES, Quantization, to_ctranslate2
from playground.model.load import BaseModel, load_base
from playground.model.merge import merged
from playground.model.translate import Translation, TranslationConfig, translate
from tests.tiny import save_tiny_translator

MINI = "m2m100-mini"
EN_PT = Languages("en", "pt")
SENTENCES = (
    "Save the file before closing the editor.", "The cat sat on the mat.", "Where is the house?", "", "Open it.",
    "Do you want to delete this item? You do not have permission to open this file.",
)  # fmt: skip
GREEDY = TranslationConfig(num_beams=1, max_new_tokens=24)
TINY = ("m2m100", "nllb", "mbart50", "marian", "marian-many")

Fast = Callable[..., FastTranslator]


@pytest.fixture(scope="module")
def mini() -> BaseModel:
    return merged(MINI, None)


@pytest.fixture(scope="module")
def fast(mini: BaseModel, tmp_path_factory: pytest.TempPathFactory) -> Fast:
    """The embedded model, converted once for each quantization."""
    made: dict[str, FastTranslator] = {}

    def convert(quantization: Quantization) -> FastTranslator:
        if quantization not in made:
            folder = tmp_path_factory.mktemp(quantization) / "model"
            to_ctranslate2(merged(MINI, None), folder, quantization)
            made[quantization] = FastTranslator(folder, mini, quantization)
        return made[quantization]

    return convert


def in_order(results: Any) -> list[Translation]:
    found = dict(results)
    return [found[place] for place in range(len(found))]


@pytest.mark.parametrize("family", TINY)
def test_a_tiny_model_of_each_family_translates_as_in_pytorch(family: str, tmp_path: Path) -> None:
    source = str(save_tiny_translator(tmp_path / "model", family))
    base = load_base(source)
    assert base.family is not None
    assert base.family.name in FAMILIES
    to_ctranslate2(load_base(source), tmp_path / "converted", "float32")
    fast = FastTranslator(tmp_path / "converted", base, "float32")
    slow = in_order(translate(base.model, base, SENTENCES, EN_PT, GREEDY))
    made = in_order(fast.translate(SENTENCES, EN_PT, GREEDY))
    assert [item.text for item in made] == [item.text for item in slow]
    assert [item.truncated for item in made] == [item.truncated for item in slow]
    assert [item.confidence for item in made] == pytest.approx([item.confidence for item in slow], abs=1e-3)
    assert len({item.text for item in made}) > 2  # or the comparison would say nothing


def test_with_beams_and_penalties_the_embedded_model_translates_as_in_pytorch(mini: BaseModel, fast: Fast) -> None:
    for decoding in (TranslationConfig(max_new_tokens=40), TranslationConfig(num_beams=1, repetition_penalty=1.3)):
        slow = in_order(translate(mini.model, mini, SENTENCES, EN_PT, decoding))
        made = in_order(fast("float32").translate(SENTENCES, EN_PT, decoding))
        assert [item.text for item in made] == [item.text for item in slow]


def test_references_are_as_likely_as_in_pytorch(mini: BaseModel, fast: Fast) -> None:
    pairs = [("Save the file.", "Salve o arquivo."), ("The cat sleeps.", "O gato dorme.")]
    examples = [Example((Message("user", one),), other, EN_PT) for one, other in pairs]
    ids = reference_ids(mini, examples)
    slow = log_probabilities(mini.model, mini, ids)
    made = fast("float32").log_probabilities([source for source, _ in ids], [target for _, target in ids])
    assert [len(row) for row in made] == [len(target) for _, target in ids]
    for one, other in zip(made, slow, strict=True):
        assert one == pytest.approx(other, abs=1e-3)


@pytest.mark.parametrize("quantization", ["int16", "int8"])
def test_rounded_weights_are_smaller_and_still_translate(
    quantization: Quantization, mini: BaseModel, fast: Fast
) -> None:
    made = in_order(fast(quantization).translate(["Save the file."], EN_PT, GREEDY))
    assert [item.text for item in made] == ["Salve o arquivo."]
    ids = reference_ids(mini, [Example((Message("user", "Save the file."),), "Salve o arquivo.", EN_PT)])
    known = log_probabilities(mini.model, mini, ids)[0][1:]
    found = fast(quantization).log_probabilities([ids[0][0]], [ids[0][1]])[0][1:]
    apart = max(abs(one - other) for one, other in zip(known, found, strict=True))
    assert 0 < apart < 0.5


def test_a_merged_adapter_translates_as_the_adapter_does_beside_its_base(tmp_path: Path) -> None:
    base = load_base(MINI, dtype="float32")
    with torch.random.fork_rng():
        torch.manual_seed(3)
        config = peft.LoraConfig(r=4, lora_alpha=64, target_modules=["fc1", "q_proj"], init_lora_weights=False)
        model = peft.get_peft_model(base.model, config).eval()
    model.save_pretrained(tmp_path / "adapter")
    beside = in_order(translate(model, base, SENTENCES, EN_PT, GREEDY))
    to_ctranslate2(merged(MINI, tmp_path / "adapter"), tmp_path / "converted", "float32")
    inside = in_order(FastTranslator(tmp_path / "converted", base, "float32").translate(SENTENCES, EN_PT, GREEDY))
    model.unload()
    assert [item.text for item in inside] == [item.text for item in beside]
    plain = in_order(translate(base.model, base, SENTENCES, EN_PT, GREEDY))
    assert [item.text for item in plain] != [item.text for item in beside]


def test_a_stop_is_heard_between_two_batches(fast: Fast) -> None:
    seen: list[int] = []
    many = [f"Open file number {number}." for number in range(200)]
    for place, _ in fast("int8").translate(many, EN_PT, GREEDY, batch_size=8, should_stop=lambda: len(seen) >= 8):
        seen.append(place)
    assert len(seen) == 8


def test_the_vocabulary_is_the_tokenizers_own_with_every_language(mini: BaseModel, fast: Fast) -> None:
    fast("int8")
    tokens = fast("int8").vocabulary
    assert len(tokens) == mini.model.config.vocab_size
    assert len(set(tokens)) == len(tokens)
    assert {"__en__", "__pt__", "__gl__"} < set(tokens)


def test_what_other_programs_need_lies_in_the_folder(mini: BaseModel, tmp_path: Path) -> None:
    folder = tmp_path / "model"
    to_ctranslate2(merged(MINI, None), folder, "int8")
    names = {path.name for path in folder.iterdir()}
    assert {"model.bin", "config.json", "shared_vocabulary.json", "tokenizer_config.json", "vocab.json"} <= names
    read = AutoTokenizer.from_pretrained(folder)
    assert read("Save the file.")["input_ids"] == mini.tokenizer("Save the file.")["input_ids"]
    assert type(read) is type(mini.tokenizer)


@pytest.mark.parametrize("family", ["t5", "mt5"])
def test_a_family_that_was_not_seen_to_come_out_equal_is_refused(family: str, tmp_path: Path) -> None:
    base = load_base(str(save_tiny_translator(tmp_path / "model", family)))
    with pytest.raises(ModelError, match="M2M100, NLLB"):
        to_ctranslate2(base, tmp_path / "converted")
    assert not (tmp_path / "converted").exists()


def test_a_causal_model_is_refused(tiny_model: str, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="cannot be converted"):
        to_ctranslate2(load_base(tiny_model), tmp_path / "converted")


@pytest.mark.parametrize(
    ("method", "said"),
    [("lora", None), ("full", None), ("qlora", None), ("prefix_tuning", "virtual tokens"), ("lily", "merged")],
)
def test_methods_that_cannot_be_merged_are_known_before_anything_is_loaded(method: str, said: str | None) -> None:
    found = no_merge(method)
    assert (found is None) == (said is None)
    if found and said:
        assert said in found.en
        assert found.pt != found.en
