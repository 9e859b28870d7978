"""The languages a loaded model has, and text as the tokens that say which of them is meant.

encode_source(base, "Hello.", Languages("en", "pt"))    # M2M100: __en__ ▁Hello . </s>
encode_target(base, "Olá.", Languages("en", "pt"))      # M2M100: __pt__ ▁Olá . </s>
forced_bos(base, Languages("en", "pt"))                 # M2M100: __pt__, the first token of every translation
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

from playground.catalog.codes import KNOWN, canonical, primary
from playground.catalog.families import FAMILIES, M2M100_CODES, Family
from playground.catalog.languages import english_name, language_name, match, to_product
from playground.catalog.models import MODELS
from playground.data.example import Languages
from playground.errors import ModelError
from playground.model.load import BaseModel
from playground.texts import Language, Text

NOT_FOR_TRANSLATION = Text(
    "{model} is not a translation model that this app knows. Choose one of these families: {families}.",
    "{model} não é um modelo de tradução que este app conheça. Escolha uma destas famílias: {families}.",
)
UNKNOWN_SOURCE = Text(
    "{model} does not translate from {code}. Its source languages are: {known}.",
    "{model} não traduz de {code}. Seus idiomas de origem são: {known}.",
)
UNKNOWN_TARGET = Text(
    "{model} does not translate into {code}. Its target languages are: {known}.",
    "{model} não traduz para {code}. Seus idiomas de destino são: {known}.",
)
SAME_LANGUAGE = Text(
    "Source and target are the same language, {code}. Choose two different ones.",
    "Origem e destino são o mesmo idioma, {code}. Escolha dois diferentes.",
)
NO_CODE = Text(
    "A language is missing: give the source and the target language, such as en and pt.",
    "Falta um idioma: informe o de origem e o de destino, como en e pt.",
)
AND_MORE = Text(
    "{names}, and {count} more that it has a code for but has not learned",
    "{names}, e mais {count} para os quais tem um código, mas que não aprendeu",
)

OWN_CODE = re.compile(r"[a-z]{2,3}_[A-Z][A-Za-z]{1,3}")  # por_Latn of NLLB, pt_XX of mBART-50
MARIAN_TOKEN = re.compile(r">>(\w+)<<")
MARIAN_NAME = re.compile(r"opus-mt-(?:tc-(?:big|base|bible-big)-)?(\w+)-(\w+)$")


@dataclass(frozen=True)
class Table:
    """From the product's codes to the ids of the model's language tokens; None where no token says the language."""

    sources: Mapping[str, int | None]
    targets: Mapping[str, int | None]

    @cached_property
    def token_ids(self) -> frozenset[int]:
        return frozenset(token for token in (*self.sources.values(), *self.targets.values()) if token is not None)


def languages_of(base: BaseModel) -> tuple[str, ...]:
    """The product codes of every language that `base` reads or writes; empty for a model that is no translator."""
    return tuple(dict.fromkeys([*source_languages(base), *target_languages(base)]))


def source_languages(base: BaseModel) -> tuple[str, ...]:
    return tuple(_table(base).sources) if base.family else ()


def target_languages(base: BaseModel) -> tuple[str, ...]:
    return tuple(_table(base).targets) if base.family else ()


def trained_languages(base: BaseModel) -> tuple[str, ...]:
    """Those of `languages_of` that the model is known to have learned; all of them where nobody says."""
    card = MODELS.get(base.source)
    known = (card.languages if card else ()) or (base.family.languages if base.family else ())
    every = languages_of(base)
    return tuple(code for code in known if code in every) or every


def resolve_languages(base: BaseModel, languages: Languages) -> Languages:
    """`languages` in the codes of `languages_of`: pt for pt_BR where the model tells no regions apart.

    Raises ModelError, with what is allowed, unless `base` can translate in this direction.
    """
    if base.family is None:
        families = ", ".join(family.label for family in FAMILIES)
        raise ModelError(NOT_FOR_TRANSLATION, model=base.source, families=families)
    if not (languages.source or "").strip() or not (languages.target or "").strip():
        raise ModelError(NO_CODE)
    table = _table(base)
    source, target = match(languages.source, table.sources), match(languages.target, table.targets)
    if source is None:
        known = _list(base, table.sources)
        raise ModelError(UNKNOWN_SOURCE, model=base.source, code=_shown(languages.source), known=known)
    if target is None:
        known = _list(base, table.targets)
        raise ModelError(UNKNOWN_TARGET, model=base.source, code=_shown(languages.target), known=known)
    if source == target:
        raise ModelError(SAME_LANGUAGE, code=source)
    return Languages(source, target)


def encode_source(base: BaseModel, text: str, languages: Languages) -> list[int]:
    """What the encoder reads, uncut. Tokens that `text` spells out, such as </s>, are text. Raises ModelError."""
    token, asked = opening_token(base, text, languages)
    start = [] if token is None else [token]
    return [*start, *_text_ids(base, asked), base.tokenizer.eos_token_id]


def opening_token(base: BaseModel, text: str, languages: Languages) -> tuple[int | None, str]:
    """The token that comes before a source text, and the text as this family wants it. Raises ModelError."""
    found = resolve_languages(base, languages)
    table = _table(base)
    naming = base.family.naming if base.family else ""
    if naming == "prompted":
        text = f"translate {english_name(found.source)} to {english_name(found.target)}: {text}"
    return table.targets[found.target] if naming == "fixed_pair" else table.sources[found.source], text


def encode_target(base: BaseModel, text: str, languages: Languages) -> list[int]:
    """The labels: what the decoder should write, neither shifted nor cut. Raises ModelError."""
    found = resolve_languages(base, languages)
    bos = forced_bos(base, found)
    start = [] if bos is None else [bos]
    return [*start, *_text_ids(base, text, target=True), base.tokenizer.eos_token_id]


def forced_bos(base: BaseModel, languages: Languages) -> int | None:
    """The first token of every translation in this direction; None where the family forces none.

    One `generate` call has one: sentences of different targets never share a batch.
    """
    found = resolve_languages(base, languages)
    if base.family is None or base.family.naming != "language_tokens":
        return None
    return _table(base).targets[found.target]


def cut(ids: list[int], limit: int) -> list[int]:
    """At most `limit` tokens, the last one, which ends the sentence, always among them."""
    return ids if len(ids) <= limit else [*ids[: limit - 1], ids[-1]]


def language_token_ids(base: BaseModel) -> frozenset[int]:
    """Every token that names a language and is never text."""
    return _table(base).token_ids


def _text_ids(base: BaseModel, text: str, *, target: bool = False) -> list[int]:
    arguments: dict[str, Any] = {"add_special_tokens": False, "split_special_tokens": True}
    # Marian has other pieces for the target; the other families' text is the same on both sides.
    other_pieces = target and base.family is not None and base.family.naming == "fixed_pair"
    found = base.tokenizer(**{"text_target" if other_pieces else "text": text}, **arguments)["input_ids"]
    # Some vocabularies hold </s> and the languages as pieces of text, which the text may spell out.
    reserved = _reserved_ids(base.tokenizer, _table(base).token_ids)
    return [base.tokenizer.unk_token_id if token in reserved else token for token in found]


@lru_cache(maxsize=4)
def _reserved_ids(tokenizer: Any, languages: frozenset[int]) -> frozenset[int]:
    return languages.union(tokenizer.all_special_ids)


def _table(base: BaseModel) -> Table:
    if base.family is None:
        return Table({}, {})
    rows = len(base.model.get_input_embeddings().weight)  # which an adapter's layer around it has as well
    return _build_table(base.family, base.tokenizer, base.source, rows)


@lru_cache(maxsize=4)
def _build_table(family: Family, tokenizer: Any, source: str, vocabulary: int) -> Table:
    if family.naming == "prompted":
        codes: dict[str, int | None] = dict.fromkeys([*family.languages, *M2M100_CODES])
        return Table(codes, codes)
    if family.naming == "fixed_pair":
        return _marian_table(tokenizer, source)
    if family.name == "m2m100":
        own = list(tokenizer.lang_code_to_token)
    else:
        own = [token for token in map(str, tokenizer.all_special_tokens) if OWN_CODE.fullmatch(token)]
    ids = {code: int(tokenizer.convert_tokens_to_ids(family.token.format(code=code))) for code in own}
    real = [code for code in own if ids[code] < vocabulary]
    languages = {product: ids[code] for product, code in _products(real).items()}
    return Table(languages, languages)


def _marian_table(tokenizer: Any, source: str) -> Table:
    """Marian's tokenizer names its pair; one with many targets has a token for each of them."""
    named = MARIAN_NAME.search(source)
    pair = [getattr(tokenizer, "source_lang", None), getattr(tokenizer, "target_lang", None)]
    first, second = (given or (named.group(side) if named else "") for side, given in enumerate(pair, start=1))
    tokens = [found.group(1) for name in tokenizer.supported_language_codes if (found := MARIAN_TOKEN.fullmatch(name))]
    if tokens:
        ids = {own: int(tokenizer.convert_tokens_to_ids(f">>{own}<<")) for own in tokens}
        targets: dict[str, int | None] = {code: ids[own] for code, own in _products(tokens).items()}
    else:
        targets = dict.fromkeys(_members(second))
    return Table(dict.fromkeys(_members(first)), targets)


def _members(code: str) -> list[str]:
    """The language of a Marian side; a group such as ROMANCE or mul does not list its members: any language."""
    language = to_product(primary(code))
    return [language] if language in KNOWN else list(M2M100_CODES)


def _products(own: Iterable[str]) -> dict[str, str]:
    """Product code -> own code. Of several with one product code, such as zho_Hans and zho_Hant, the first has it."""
    found: dict[str, str] = {}
    for code in own:
        product = to_product(primary(code))
        found[product if product in M2M100_CODES and product not in found else code] = code
    return found


def _shown(code: str) -> str:
    return repr(canonical(code[:40]))


def _list(base: BaseModel, codes: Iterable[str]) -> Text:
    """By name, with the codes; of the languages that the model has not learned only how many they are."""
    trained, known = trained_languages(base), list(codes)
    learned = [code for code in known if code in trained]
    more = len(known) - len(learned)

    def names(ui: Language) -> str:
        found = ", ".join(sorted(f"{language_name(code, ui)} ({code})" for code in learned))
        return AND_MORE.to(ui, names=found, count=more) if more else found

    return Text(names("en"), names("pt"))
