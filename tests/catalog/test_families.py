"""Which family a model belongs to, against what the models' own libraries say."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from transformers import AutoModelForSeq2SeqLM
from transformers.models.m2m_100.tokenization_m2m_100 import FAIRSEQ_LANGUAGE_CODES

from playground.catalog.families import FAMILIES, M2M100_CODES, family_of
from tests.tiny import save_tiny_translator


@pytest.mark.parametrize(
    ("model_type", "tokenizer_class", "name"),
    [
        ("m2m_100", "M2M100Tokenizer", "m2m100"),  # facebook/m2m100_418M
        ("m2m_100", "NllbTokenizer", "nllb"),  # facebook/nllb-200-distilled-600M has M2M100's architecture
        ("m2m_100", "NllbTokenizerFast", "nllb"),
        ("mbart", "MBart50Tokenizer", "mbart50"),
        ("mbart", "MBart50TokenizerFast", "mbart50"),
        ("marian", "MarianTokenizer", "marian"),
        ("t5", "T5Tokenizer", "t5"),
        ("t5", "T5TokenizerFast", "t5"),
        ("mt5", "T5Tokenizer", "mt5"),  # google/mt5-small and bigscience/mt0-small alike
    ],
)
def test_a_family_is_known_by_architecture_and_tokenizer(model_type: str, tokenizer_class: str, name: str) -> None:
    family = family_of(model_type, tokenizer_class)
    assert family is not None
    assert family.name == name


@pytest.mark.parametrize(
    ("model_type", "tokenizer_class"),
    [("llama", "PreTrainedTokenizerFast"), ("bart", "BartTokenizer"), ("mbart", "MBartTokenizer"), ("m2m_100", "X")],
)
def test_what_names_its_languages_in_no_known_way_has_no_family(model_type: str, tokenizer_class: str) -> None:
    assert family_of(model_type, tokenizer_class) is None


def test_the_product_codes_are_those_of_the_published_tokenizer() -> None:
    assert list(M2M100_CODES) == FAIRSEQ_LANGUAGE_CODES["m2m100"]


def test_names_tell_families_apart() -> None:
    assert len({family.name for family in FAMILIES}) == len({family.label for family in FAMILIES}) == len(FAMILIES)


@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.name)
def test_the_modules_to_adapt_exist_in_the_model(family: object, tmp_path: Path) -> None:
    model = AutoModelForSeq2SeqLM.from_pretrained(save_tiny_translator(tmp_path, family.name))
    linear = {name.rpartition(".")[2] for name, part in model.named_modules() if isinstance(part, torch.nn.Linear)}
    assert set(family.target_modules) <= linear
    assert set(family.feedforward_modules) & linear
    assert linear - {*family.target_modules, *family.feedforward_modules} == {"lm_head"}
