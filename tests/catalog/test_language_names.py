"""Languages by name, and codes that mean the same."""

from __future__ import annotations

import pytest
from transformers.models.mbart50.tokenization_mbart50 import FAIRSEQ_LANGUAGE_CODES as MBART50_CODES
from transformers.models.nllb.tokenization_nllb import FAIRSEQ_LANGUAGE_CODES as NLLB_CODES

from playground.catalog.families import M2M100_CODES
from playground.catalog.languages import english_name, language_name, match
from playground.texts import LANGUAGES


@pytest.mark.parametrize(
    ("code", "english", "portuguese"),
    [
        ("pt", "Portuguese", "Português"),
        ("gl", "Galician", "Galego"),
        ("zh", "Chinese", "Chinês"),
        ("pt_BR", "Portuguese (Brazil)", "Português (Brasil)"),
        ("pt-br", "Portuguese (Brazil)", "Português (Brasil)"),
        ("en_XX", "English", "Inglês"),  # mBART-50: XX is no region
        ("te_IN", "Telugu (India)", "Télugo (Índia)"),
        ("zho_Hant", "Chinese (Traditional)", "Chinês (tradicional)"),
        ("zho_Hans", "Chinese", "Chinês"),
        ("ace_Latn", "Acehnese", "Achém"),
        ("ace_Arab", "Acehnese (Arabic)", "Achém (árabe)"),
        ("arz_Arab", "Egyptian Arabic", "Árabe egípcio"),
        ("ns", "Northern Sotho", "Soto setentrional"),  # M2M100's own code; elsewhere nso
        ("tl", "Filipino", "Filipino"),
        ("sr@latin", "Serbian", "Sérvio"),  # gettext
        ("qqq", "qqq", "qqq"),
        ("", "", ""),
    ],
)
def test_a_language_has_a_name_in_the_language_of_the_page(code: str, english: str, portuguese: str) -> None:
    assert (language_name(code, "en"), language_name(code, "pt")) == (english, portuguese)


def test_every_language_of_every_family_has_a_name_of_its_own_in_both_languages() -> None:
    for codes in (M2M100_CODES, NLLB_CODES, MBART50_CODES):
        for ui in LANGUAGES:
            names = [language_name(code, ui) for code in codes]
            assert [name for name in names if name in codes] == []
            assert len(set(names)) == len(names), "no two languages of a model share a name"


@pytest.mark.parametrize(
    ("code", "found"),
    [
        ("pt", "pt"), ("PT", "pt"), ("pt-BR", "pt"), ("pt_PT", "pt"), ("por", "pt"), ("por_Latn", "pt"),
        ("eu", None),
        ("zh_CN", "zh"), ("zho_Hans", "zh"), ("nb", "no"), ("nob_Latn", "no"), ("tgl_Latn", "tl"), ("fil", "tl"),
        ("nso_Latn", "ns"), ("arb_Arab", "ar"), ("pes_Arab", "fa"), ("swh_Latn", "sw"), ("zsm_Latn", "ms"),
        ("ydd_Hebr", "yi"), ("plt_Latn", "mg"), ("xx", None), ("", None), ("portuguese", None),
    ],
)  # fmt: skip
def test_codes_that_mean_a_language_of_the_model_find_it(code: str, found: str | None) -> None:
    assert match(code, M2M100_CODES) == found


def test_the_very_same_region_wins_over_the_language_alone() -> None:
    assert match("pt-br", ["pt", "pt_BR", "pt_PT"]) == "pt_BR"
    assert match("pt_BR", ["pt_PT", "pt"]) in ("pt_PT", "pt")
    assert match("pt", ["en", "por_Latn"]) == "por_Latn"
    assert match("zh-hant", ["zh", "zho_Hant"]) == "zho_Hant"
    assert match("zh_TW", ["zh", "zho_Hant"]) == "zh"
    assert match("eu", ["en", "eus_Latn"]) == "eus_Latn"
    assert match("prs_Arab", ["fa", "prs_Arab"]) == "prs_Arab"
    assert match("fa_AF", ["fa", "prs_Arab"]) == "fa"


def test_an_instruction_names_the_language_without_region() -> None:
    assert english_name("pt_BR") == "Portuguese"
