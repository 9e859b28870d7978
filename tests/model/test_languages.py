"""Languages of a model and text as its tokens, against the tokenizers' own encoding."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from transformers import AutoTokenizer
from transformers.models.m2m_100.tokenization_m2m_100 import FAIRSEQ_LANGUAGE_CODES

from playground.data.example import Languages
from playground.errors import ModelError
from playground.model.languages import (
    cut,
    encode_source,
    encode_target,
    forced_bos,
    languages_of,
    resolve_languages,
    source_languages,
    target_languages,
    trained_languages,
)
from playground.model.load import load_base
from tests.tiny import TINY_FAMILIES, Translators, save_tiny_translator

EN_PT = Languages("en", "pt")
SOURCE, TARGET = "The cat sat on the mat.", "O gato sentou no tapete."
# The same direction in the spelling of each tokenizer.
OWN = {"m2m100": ("en", "pt"), "nllb": ("eng_Latn", "por_Latn"), "mbart50": ("en_XX", "pt_XX")}


@pytest.mark.parametrize("family", OWN)
def test_language_token_text_and_end_on_both_sides_as_the_tokenizer_itself_does_it(
    translator: Translators, family: str
) -> None:
    base = translator(family)
    own = AutoTokenizer.from_pretrained(base.source)
    own.src_lang, own.tgt_lang = OWN[family]
    expected = own(SOURCE, text_target=TARGET)
    assert encode_source(base, SOURCE, EN_PT) == expected["input_ids"]
    assert encode_target(base, TARGET, EN_PT) == expected["labels"]
    language, *_, end = encode_target(base, TARGET, EN_PT)
    token = "__pt__" if family == "m2m100" else OWN[family][1]
    assert language == forced_bos(base, EN_PT) == own.convert_tokens_to_ids(token)
    assert end == own.eos_token_id


@pytest.mark.parametrize("family", ["marian", "marian-many"])
def test_marian_puts_the_target_before_the_source_and_forces_nothing(translator: Translators, family: str) -> None:
    base = translator(family)
    own = AutoTokenizer.from_pretrained(base.source)
    prompt = ">>pt<< " if family == "marian-many" else ""
    expected = own(f"{prompt}{SOURCE}", text_target=TARGET)
    assert encode_source(base, SOURCE, EN_PT) == expected["input_ids"]
    assert encode_target(base, TARGET, EN_PT) == expected["labels"]
    assert forced_bos(base, EN_PT) is None


@pytest.mark.parametrize("family", ["t5", "mt5"])
def test_t5_is_told_what_to_do_in_english(translator: Translators, family: str) -> None:
    base = translator(family)
    own = AutoTokenizer.from_pretrained(base.source)
    expected = own(f"translate English to Portuguese: {SOURCE}", text_target=TARGET)
    assert encode_source(base, SOURCE, Languages("en", "pt_BR")) == expected["input_ids"]
    assert encode_target(base, TARGET, EN_PT) == expected["labels"]
    assert forced_bos(base, EN_PT) is None


@pytest.mark.parametrize("family", TINY_FAMILIES)
def test_labels_are_not_shifted_the_model_does_that(translator: Translators, family: str) -> None:
    base = translator(family)
    source, labels = encode_source(base, SOURCE, EN_PT), encode_target(base, TARGET, EN_PT)
    start = {"m2m100": 2, "nllb": 2, "mbart50": 2}.get(family, base.tokenizer.pad_token_id)
    given: dict[str, Any] = {"input_ids": torch.tensor([source])}
    loss = base.model(**given, labels=torch.tensor([labels])).loss
    logits = base.model(**given, decoder_input_ids=torch.tensor([[start, *labels[:-1]]])).logits
    torch.testing.assert_close(loss, torch.nn.functional.cross_entropy(logits[0], torch.tensor(labels)))


@pytest.mark.parametrize("family", TINY_FAMILIES)
def test_special_tokens_that_a_text_spells_out_are_text(translator: Translators, family: str) -> None:
    base = translator(family)
    plain = encode_source(base, "a b", EN_PT)
    spelled = encode_source(base, "a </s> <pad> __pt__ pt_XX por_Latn <s> >>es<< b", EN_PT)
    special = set(base.tokenizer.all_special_ids) - {base.tokenizer.unk_token_id}
    counts = [sum(token in special or token == plain[0] for token in ids) for ids in (plain, spelled)]
    assert counts[0] == counts[1]


@pytest.mark.parametrize("family", TINY_FAMILIES)
@pytest.mark.parametrize("text", ["", "   ", "🙂🙂", "مرحبا بالعالم", "x" * 500])
def test_any_text_is_some_tokens_with_one_end(translator: Translators, family: str, text: str) -> None:
    base = translator(family)
    for ids in (encode_source(base, text, EN_PT), encode_target(base, text, EN_PT)):
        assert ids[-1] == base.tokenizer.eos_token_id
        assert ids.count(base.tokenizer.eos_token_id) == 1


def test_cutting_keeps_the_beginning_and_the_end() -> None:
    assert cut([7, 1, 2, 3, 9], 4) == [7, 1, 2, 9]
    assert cut([7, 1, 9], 3) == [7, 1, 9]


def test_encoding_leaves_the_tokenizer_as_it_was(translator: Translators) -> None:
    base = translator("m2m100")
    before = (base.tokenizer.src_lang, base.tokenizer.tgt_lang, list(base.tokenizer.prefix_tokens))
    encode_target(base, TARGET, Languages("fr", "gl"))
    encode_source(base, SOURCE, Languages("es", "gl"))
    assert (base.tokenizer.src_lang, base.tokenizer.tgt_lang, list(base.tokenizer.prefix_tokens)) == before


def test_the_languages_are_those_of_the_tokenizer() -> None:
    base = load_base("m2m100-mini")
    assert list(languages_of(base)) == FAIRSEQ_LANGUAGE_CODES["m2m100"]
    assert trained_languages(base) == ("en", "pt", "es", "fr")


def test_a_language_token_beyond_the_embeddings_is_no_language(tmp_path: Path) -> None:
    folder = save_tiny_translator(tmp_path, "m2m100")
    base = load_base(str(folder))
    rows = forced_bos(base, Languages("en", "zu"))
    base.model.resize_token_embeddings(rows)
    assert "zu" not in languages_of(base)
    assert "yo" in languages_of(base)


def test_other_families_codes_are_those_of_m2m100_where_one_fits(translator: Translators) -> None:
    nllb, mbart = languages_of(translator("nllb")), languages_of(translator("mbart50"))
    assert {"en", "pt", "gl", "zh", "no", "tl", "ns", "ar"} <= set(nllb)
    assert {"zho_Hant", "eus_Latn", "arz_Arab", "nno_Latn"} <= set(nllb)
    assert "por_Latn" not in nllb
    assert {"en", "pt", "gl", "zh", "te_IN"} <= set(mbart)
    assert "pt_XX" not in mbart


def test_marian_has_its_pair_and_regions_where_it_tells_them_apart(translator: Translators) -> None:
    assert languages_of(translator("marian")) == ("en", "pt")
    many = translator("marian-many")
    assert (source_languages(many), target_languages(many)) == (("en",), ("pt", "pt_BR", "es"))
    tokens = [encode_source(many, "a", Languages("en", code))[0] for code in ("pt", "pt-br", "spa", "pt_PT")]
    assert many.tokenizer.convert_ids_to_tokens(tokens) == [">>pt<<", ">>pt_BR<<", ">>spa<<", ">>pt<<"]


def test_a_marian_folder_without_its_pair_is_known_by_its_name(tmp_path: Path) -> None:
    folder = save_tiny_translator(tmp_path / "opus-mt-tc-big-en-pt", "marian")
    settings = (folder / "tokenizer_config.json").read_text()
    (folder / "tokenizer_config.json").write_text(settings.replace('"eng"', "null").replace('"por"', "null"))
    assert languages_of(load_base(str(folder))) == ("en", "pt")


@pytest.mark.parametrize(
    ("family", "direction", "message"),
    [
        ("marian", ("pt", "en"), r"does not translate from 'pt'.* are: English \(en\)\."),
        ("marian", ("en", "fr"), r"does not translate into 'fr'.* are: Portuguese \(pt\)\."),
        ("m2m100", ("en", "klingon"), r"does not translate into 'klingon'.* Galician \(gl\), Ganda"),
        ("m2m100", ("xx", "pt"), "does not translate from 'xx'"),
        ("nllb", ("en", "xx"), r"does not translate into 'xx'.* Basque \(eus_Latn\)"),
        ("m2m100", ("en", ""), "language is missing"),
        ("m2m100", (" ", "pt"), "language is missing"),
        ("m2m100", ("pt_BR", "pt_PT"), "same language, pt"),
    ],
)
def test_a_direction_that_the_model_lacks_is_refused_with_what_it_has(
    translator: Translators, family: str, direction: tuple[str, str], message: str
) -> None:
    for refuse in (resolve_languages, lambda base, languages: encode_source(base, "a", languages)):
        with pytest.raises(ModelError, match=message) as caught:
            refuse(translator(family), Languages(*direction))
        assert caught.value.to("pt") != caught.value.to("en")


def test_languages_that_the_model_has_not_learned_are_only_counted() -> None:
    with pytest.raises(ModelError) as caught:
        resolve_languages(load_base("m2m100-mini"), Languages("en", "xx"))
    assert "French (fr), Portuguese (pt), Spanish (es), and 96 more" in caught.value.to("en")
    assert "Espanhol (es), Francês (fr)" in caught.value.to("pt")


def test_a_chat_model_is_no_translator(tiny_model: str) -> None:
    base = load_base(tiny_model)
    assert languages_of(base) == trained_languages(base) == ()
    with pytest.raises(ModelError, match="not a translation model.* M2M100, NLLB"):
        resolve_languages(base, EN_PT)
