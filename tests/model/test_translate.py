"""Translations in batches, against transformers' and PEFT's own generation of single sentences."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import peft
import pytest
import torch
from peft import PeftModel, get_peft_model

from playground.data.example import Languages
from playground.errors import ModelError, PlaygroundError
from playground.model.adapt import detach
from playground.model.languages import encode_source, forced_bos
from playground.model.load import BaseModel, load_base
from playground.model.translate import Translation, TranslationConfig, translate
from tests.tiny import TINY_FAMILIES, Translators, save_tiny_translator

EN_PT = Languages("en", "pt")
SENTENCES = (
    "Save the file before closing the editor, and look at the rain on the floor.",
    "The cat sat.",
    "  ",
    "Ticket: the printer does not print.",
    "rain",
    "Where is the house? Where is it?",
)
SHORT = TranslationConfig(num_beams=1, max_new_tokens=12)
BEAMS = TranslationConfig(num_beams=3, max_new_tokens=12, length_penalty=0.8)
# Every method, with weights far enough from zero to change what is written.
ADAPTERS: dict[str, Any] = {
    "lora": lambda: peft.LoraConfig(r=4, init_lora_weights=False, target_modules="all-linear"),
    "adalora": lambda: peft.AdaLoraConfig(
        init_r=4, target_r=2, total_step=10, init_lora_weights=False, target_modules="all-linear"
    ),
    "prompt_tuning": lambda: peft.PromptTuningConfig(num_virtual_tokens=5),
    "prompt_tuning_one_submodule": lambda: peft.PromptTuningConfig(num_virtual_tokens=5, num_transformer_submodules=1),
    "p_tuning": lambda: peft.PromptEncoderConfig(num_virtual_tokens=5, encoder_hidden_size=16),
    "prefix_tuning": lambda: peft.PrefixTuningConfig(num_virtual_tokens=5),
}


@contextmanager
def adapted(base: BaseModel, method: str) -> Iterator[PeftModel]:
    config = ADAPTERS[method]()
    config.task_type = "SEQ_2_SEQ_LM"
    with torch.random.fork_rng():
        torch.manual_seed(1)
        model = get_peft_model(base.model, config)
        for name, weight in model.named_parameters():
            if weight.requires_grad and "embedding" in name:
                torch.nn.init.normal_(weight, std=1.0)
    model.eval()
    try:
        yield model
    finally:
        detach(model)
        base.model.requires_grad_(False)


def all_of(model: Any, base: BaseModel, decoding: TranslationConfig, **options: Any) -> list[Translation]:
    found = dict(translate(model, base, SENTENCES, EN_PT, decoding, **options))
    assert sorted(found) == list(range(len(SENTENCES)))
    return [found[index] for index in range(len(SENTENCES))]


def alone(model: Any, base: BaseModel, sentence: str, decoding: TranslationConfig) -> tuple[str, list[int], float]:
    """Text, tokens and confidence as the libraries themselves give them, one sentence and no batch."""
    ids = torch.tensor([encode_source(base, sentence, EN_PT)])
    beams = {"length_penalty": decoding.length_penalty, "early_stopping": True} if decoding.num_beams > 1 else {}
    with torch.no_grad():
        output = model.generate(
            input_ids=ids, attention_mask=torch.ones_like(ids), num_beams=decoding.num_beams, do_sample=False,
            max_new_tokens=decoding.max_new_tokens, forced_bos_token_id=forced_bos(base, EN_PT), **beams,
            return_dict_in_generate=True, output_scores=True, output_logits=True,
        )  # fmt: skip
    tokens = output.sequences[0, 1:].tolist()
    eos = base.tokenizer.eos_token_id
    tokens = tokens[: tokens.index(eos) + 1] if eos in tokens else tokens
    indices = output.beam_indices if decoding.num_beams > 1 else None
    plain = [scores.log_softmax(dim=-1) for scores in output.logits]
    rows = indices[0].tolist() if indices is not None else [0] * len(tokens)
    chances = [float(plain[step][rows[step], token]) for step, token in enumerate(tokens)]
    counted = chances if forced_bos(base, EN_PT) is None else chances[1:]
    names = base.tokenizer.get_vocab().items()
    hidden = {token for name, token in names if name.startswith((">>", "__"))}  # which decoding lets through
    hidden.update(getattr(base.tokenizer, "id_to_lang_token", ()))
    text = base.tokenizer.decode([token for token in tokens if token not in hidden], skip_special_tokens=True)
    return text.strip(), tokens, float(torch.tensor(counted).mean().exp())


@pytest.mark.parametrize("decoding", [SHORT, BEAMS], ids=["greedy", "beams"])
@pytest.mark.parametrize("family", TINY_FAMILIES)
def test_a_batch_translates_as_transformers_does_one_by_one(
    translator: Translators, family: str, decoding: TranslationConfig
) -> None:
    base = translator(family)
    for sentence, found in zip(SENTENCES, all_of(base.model, base, decoding), strict=True):
        if sentence.strip():
            text, tokens, confidence = alone(base.model, base, sentence, decoding)
            assert found.text == text
            assert found.confidence == pytest.approx(confidence, rel=1e-3)
            assert found.truncated == (tokens[-1] != base.tokenizer.eos_token_id)
        else:
            assert found == Translation("", 1.0, truncated=False)


@pytest.mark.parametrize("decoding", [SHORT, BEAMS], ids=["greedy", "beams"])
@pytest.mark.parametrize(
    ("family", "method"),
    [*(("m2m100", method) for method in ADAPTERS), ("marian", "prompt_tuning"), ("marian", "prefix_tuning"),
     ("t5", "prompt_tuning"), ("t5", "prefix_tuning")],
)  # fmt: skip
def test_a_batch_with_an_adapter_translates_as_peft_does_one_by_one(
    translator: Translators, family: str, method: str, decoding: TranslationConfig
) -> None:
    base = translator(family)
    plain = all_of(base.model, base, decoding)
    with adapted(base, method) as model:
        found = all_of(model, base, decoding)
        assert [item.text for item in found] != [item.text for item in plain], "the adapter does something"
        for sentence, item in zip(SENTENCES, found, strict=True):
            if sentence.strip():
                text, _, confidence = alone(model, base, sentence, decoding)
                assert item.text == text
                assert item.confidence == pytest.approx(confidence, rel=1e-3)
        with model.disable_adapter():
            assert all_of(model, base, decoding) == plain
    assert all_of(base.model, base, decoding) == plain


def test_lora_on_a_quantized_base_translates_in_batches_too(tmp_path: Path) -> None:
    base = load_base(str(save_tiny_translator(tmp_path, "m2m100", d_model=64)), "nf4")
    with adapted(base, "lora") as model:
        for sentence, item in zip(SENTENCES, all_of(model, base, BEAMS), strict=True):
            if sentence.strip():
                assert item.text == alone(model, base, sentence, BEAMS)[0]


@pytest.mark.parametrize("size", [1, 3])
@pytest.mark.parametrize("beams", [1, 4])
@pytest.mark.parametrize("family", ["m2m100", "t5"])
def test_a_translation_does_not_depend_on_its_batch_even_where_it_never_ends(
    translator: Translators, family: str, beams: int, size: int
) -> None:
    base, decoding = translator(family), TranslationConfig(num_beams=beams, max_new_tokens=40)
    together = all_of(base.model, base, decoding)
    assert any(item.truncated for item in together), "random weights loop, each up to its own limit"
    for one, other in zip(together, all_of(base.model, base, decoding, batch_size=size), strict=True):
        assert (one.text, one.truncated) == (other.text, other.truncated)
        assert one.confidence == pytest.approx(other.confidence, rel=1e-3)


def test_the_language_token_is_forced_and_never_in_the_text(translator: Translators) -> None:
    base = translator("m2m100")
    assert base.tokenizer.decode([forced_bos(base, EN_PT)], skip_special_tokens=True) == "__pt__", "left to itself"
    assert alone(base.model, base, SENTENCES[0], SHORT)[1][0] == forced_bos(base, EN_PT)
    for target in ("pt", "gl", "fr"):
        found = dict(translate(base.model, base, SENTENCES, Languages("en", target), SHORT))
        assert not any("__" in item.text for item in found.values())


@pytest.mark.parametrize("family", TINY_FAMILIES)
def test_nothing_comes_from_the_models_own_defaults(translator: Translators, family: str) -> None:
    """The published num_beams, max_length and forced end of these models would change a translation unasked."""
    own = translator(family).model.generation_config
    assert (own.num_beams, own.max_length, own.forced_eos_token_id, own.forced_bos_token_id) == (None,) * 4
    assert (own.bad_words_ids is not None) == family.startswith("marian")


def test_a_source_longer_than_the_model_reads_is_cut_and_said_to_be(translator: Translators) -> None:
    base = translator("marian")  # 128 positions, and not one more
    long = "The cat sat on the mat. " * 60
    ((_, found),) = translate(base.model, base, [long], EN_PT, SHORT)
    assert found.truncated
    with adapted(base, "prompt_tuning") as model:
        ((_, found),) = translate(model, base, [long], EN_PT, TranslationConfig(num_beams=1, max_new_tokens=1024))
        assert found.truncated


def test_a_paragraph_of_fifty_thousand_characters_is_no_trouble(translator: Translators) -> None:
    base = translator("m2m100")
    ((_, found),) = translate(base.model, base, ["rain cat " * 5556], EN_PT, SHORT)
    assert found.truncated


def test_stopping_ends_before_the_next_batch(translator: Translators) -> None:
    base = translator("m2m100")
    seen: list[int] = []
    for index, _ in translate(
        base.model, base, SENTENCES, EN_PT, SHORT, batch_size=2, should_stop=lambda: len(seen) >= 3
    ):
        seen.append(index)
    assert len(seen) == 3  # the one of spaces, and a batch of two
    assert list(translate(base.model, base, ["a cat"], EN_PT, SHORT, should_stop=lambda: True)) == []


def test_stopping_reaches_into_the_batch_at_work(translator: Translators) -> None:
    base = translator("m2m100")
    asked: list[int] = []

    def stop() -> bool:
        asked.append(1)
        return len(asked) > 4

    long = TranslationConfig(num_beams=1, max_new_tokens=60)
    assert list(translate(base.model, base, [SENTENCES[0]], EN_PT, long, should_stop=stop)) == []
    assert len(asked) < 10


def test_short_sentences_come_first(translator: Translators) -> None:
    base = translator("m2m100")
    order = [index for index, _ in translate(base.model, base, SENTENCES, EN_PT, SHORT, batch_size=1)]
    lengths = [len(encode_source(base, SENTENCES[index], EN_PT)) for index in order[1:]]
    assert order[0] == 2
    assert lengths == sorted(lengths)


def test_a_model_in_training_goes_on_training(translator: Translators) -> None:
    base = translator("t5")  # with dropout
    plain = all_of(base.model, base, SHORT)
    with adapted(base, "lora") as model:
        still = all_of(model, base, SHORT)
        model.train()
        steps = translate(model, base, SENTENCES, EN_PT, SHORT, batch_size=1)
        assert next(steps)[0] == 2
        next(steps)
        assert model.training, "between two translations too"
        assert all_of(model, base, SHORT) == still
        assert model.training
        ids = torch.tensor([encode_source(base, "a cat", EN_PT)])
        model(input_ids=ids, labels=ids).loss.backward()
        assert any(weight.grad is not None for weight in model.parameters())
    base.model.eval()
    assert all_of(base.model, base, SHORT) == plain


def test_nothing_to_translate_is_no_translation(translator: Translators) -> None:
    base = translator("m2m100")
    assert list(translate(base.model, base, [], EN_PT, SHORT)) == []
    with pytest.raises(ModelError, match="does not translate"):
        list(translate(base.model, base, [], Languages("en", "xx"), SHORT))


@pytest.mark.parametrize(
    ("name", "value"),
    [("num_beams", 0), ("num_beams", 17), ("max_new_tokens", 0), ("max_new_tokens", 5000), ("length_penalty", -1.0),
     ("no_repeat_ngram_size", -1), ("repetition_penalty", 0.5), ("length_penalty", float("nan"))],
)  # fmt: skip
def test_decoding_out_of_bounds_says_what_is_allowed(name: str, value: float) -> None:
    with pytest.raises(PlaygroundError, match=f"{name} is .*: use a value from"):
        TranslationConfig(**{name: value})  # type: ignore[arg-type]


def test_repetition_controls_do_what_they_say(translator: Translators) -> None:
    base = translator("marian")
    found = all_of(base.model, base, TranslationConfig(num_beams=1, max_new_tokens=30, no_repeat_ngram_size=1))
    for item in found:
        words = base.tokenizer(text_target=item.text)["input_ids"]
        assert len(set(words)) > len(words) * 0.8
    other = all_of(base.model, base, TranslationConfig(num_beams=1, max_new_tokens=30, repetition_penalty=3.0))
    assert [item.text for item in other] != [item.text for item in all_of(base.model, base, SHORT)]


def test_equal_signatures_mean_equal_searches() -> None:
    assert TranslationConfig().signature() == "beam:4|lp:1|max:min(200,3n+16)|ngram:0|rep:1"
    assert TranslationConfig(num_beams=1).signature() == "beam:1|max:min(200,3n+16)|ngram:0|rep:1"
    one = TranslationConfig(num_beams=1)
    assert one.signature() == TranslationConfig(num_beams=1, length_penalty=2.0).signature()
    assert len({
        TranslationConfig(**{name: value}).signature()  # type: ignore[arg-type]
        for name, value in [("num_beams", 5), ("max_new_tokens", 99), ("length_penalty", 0.9),
                            ("no_repeat_ngram_size", 3), ("repetition_penalty", 1.1)]
    }) == 5  # fmt: skip


@pytest.fixture(scope="module")
def mini() -> BaseModel:
    return load_base("m2m100-mini")


TECHNICAL = (
    "Save the file before closing the editor.",
    "Delete all files?",
    "The server could not be reached; check your network settings and try again later.",
    "Open",
    "This option is not available for the selected device.",
)


@pytest.mark.parametrize("decoding", [TranslationConfig(num_beams=1), TranslationConfig()], ids=["greedy", "beams"])
def test_the_included_model_translates_a_batch_as_it_does_single_sentences(
    mini: BaseModel, decoding: TranslationConfig
) -> None:
    found = dict(translate(mini.model, mini, TECHNICAL, EN_PT, decoding))
    for index, sentence in enumerate(TECHNICAL):
        text, _, confidence = alone(mini.model, mini, sentence, decoding)
        assert found[index].text == text
        assert found[index].confidence == pytest.approx(confidence, abs=1e-3)
        assert not found[index].truncated
    assert "arquivo" in found[0].text


def test_the_included_model_writes_the_language_that_was_asked_for(mini: BaseModel) -> None:
    words = {"pt": "arquivo", "es": "archivo", "fr": "fichier"}
    for target, word in words.items():
        ((_, found),) = translate(mini.model, mini, ["Delete the file."], Languages("en", target), TranslationConfig())
        assert word in found.text.lower()


def test_confidence_is_higher_for_text_the_model_was_trained_on(mini: BaseModel) -> None:
    sentences = ["Delete all files?", "My grandmother danced on the beach all night."]
    known, unknown = (item.confidence for _, item in translate(mini.model, mini, sentences, EN_PT, TranslationConfig()))
    assert known > unknown + 0.2
