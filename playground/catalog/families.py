"""How each family of translation models names its languages, and which of its layers adapters go to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

# The 100 codes of M2M100 (Fan et al. 2020), which are the product's codes wherever one fits.
M2M100 = (
    "af am ar ast az ba be bg bn br bs ca ceb cs cy da de el en es et fa ff fi fr fy ga gd gl gu ha he hi hr ht hu hy"
    " id ig ilo is it ja jv ka kk km kn ko lb lg ln lo lt lv mg mk ml mn mr ms my ne nl no ns oc or pa pl ps pt ro ru"
    " sd si sk sl so sq sr ss su sv sw ta th tl tn tr uk ur uz vi wo xh yi yo zh zu"
)
M2M100_CODES = tuple(M2M100.split())
# The languages of mC4 (Xue et al. 2021, table 6) that M2M100 has a code for.
MT5 = (
    "af am ar az be bg bn ca ceb cs cy da de el en es et fa fi fr fy ga gd gl gu ha he hi ht hu hy id ig is it ja jv ka"
    " kk km kn ko lb lo lt lv mg mk ml mn mr ms my ne nl no pa pl ps pt ro ru sd si sk sl so sq sr su sv sw ta th tr uk"
    " ur uz vi xh yi yo zh zu"
)
MT5_CODES = tuple(MT5.split())

ATTENTION = ("q_proj", "k_proj", "v_proj", "out_proj")
Naming = Literal["language_tokens", "fixed_pair", "prompted"]


@dataclass(frozen=True, kw_only=True)
class Family:
    """`target_modules` are the attention's projections, `feedforward_modules` the two layers after it.

    language_tokens: a token for the language opens source and target, and generation is forced to begin with it.
    fixed_pair: the model translates one pair, or one source into targets named by a `>>code<<` token.
    prompted: the source opens with an instruction that names both languages in English.
    """

    name: str
    label: str
    model_types: tuple[str, ...]
    tokenizer_classes: tuple[str, ...] = ()  # those that tell families of one model type apart; none: any tokenizer
    naming: Naming
    token: str = "{code}"  # how a language token is spelt
    languages: tuple[str, ...] = ()  # product codes that the family was trained on, where its tokenizer does not say
    target_modules: tuple[str, ...] = ATTENTION
    feedforward_modules: tuple[str, ...] = ("fc1", "fc2")


T5_MODULES = ("q", "k", "v", "o")

FAMILIES: tuple[Family, ...] = (
    Family(
        name="m2m100",
        label="M2M100",
        model_types=("m2m_100",),
        tokenizer_classes=("M2M100Tokenizer",),
        naming="language_tokens",
        token="__{code}__",
    ),
    Family(
        name="nllb",
        label="NLLB",
        model_types=("m2m_100",),
        tokenizer_classes=("NllbTokenizer", "NllbTokenizerFast"),
        naming="language_tokens",
    ),
    Family(
        name="mbart50",
        label="mBART-50",
        model_types=("mbart",),
        tokenizer_classes=("MBart50Tokenizer", "MBart50TokenizerFast"),
        naming="language_tokens",
    ),
    Family(name="marian", label="MarianMT", model_types=("marian",), naming="fixed_pair"),
    Family(
        name="t5",
        label="T5",
        model_types=("t5",),
        naming="prompted",
        languages=("en", "de", "fr", "ro"),
        target_modules=T5_MODULES,
        feedforward_modules=("wi", "wi_0", "wi_1", "wo"),
    ),
    Family(
        name="mt5",
        label="mT5 / mT0",
        model_types=("mt5", "umt5"),
        naming="prompted",
        languages=MT5_CODES,
        target_modules=T5_MODULES,
        feedforward_modules=("wi_0", "wi_1", "wo"),
    ),
)


def family_of(model_type: str, tokenizer_class: str) -> Family | None:
    """The family of a model by its config's `model_type` and the name of its tokenizer's class; None if unknown."""
    of_type = [family for family in FAMILIES if model_type in family.model_types]
    return next(
        (item for item in of_type if not item.tokenizer_classes or tokenizer_class in item.tokenizer_classes), None
    )
