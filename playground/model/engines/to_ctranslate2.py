"""A translation model as a folder that CTranslate2 reads: model.bin, its vocabulary, and the tokenizer's own files."""

from __future__ import annotations

import json
import shutil
import tempfile
from pathlib import Path
from typing import Any, Literal, get_args

from ctranslate2.converters import TransformersConverter

from playground.errors import ModelError, reason_of
from playground.model.load import BaseModel
from playground.texts import Text

Quantization = Literal["float32", "int16", "int8"]
QUANTIZATIONS: tuple[Quantization, ...] = get_args(Quantization)
FAMILIES = ("m2m100", "nllb", "mbart50", "marian")  # those of catalog/families.py that were seen to come out equal

NO_ENGINE = Text(
    "{model} cannot be converted for CTranslate2. These families of translation models can: M2M100, NLLB, mBART-50,"
    " MarianMT. Use PyTorch for it.",
    "{model} não pode ser convertido para o CTranslate2. Estas famílias de modelos de tradução podem: M2M100, NLLB,"
    " mBART-50, MarianMT. Use PyTorch com ele.",
)
NOT_CONVERTED = Text(
    "{model} could not be converted for CTranslate2 ({reason}). Use PyTorch for it.",
    "{model} não pôde ser convertido para o CTranslate2 ({reason}). Use PyTorch com ele.",
)
OTHER_VOCABULARY = Text(
    "its token {place} is {found}, where the tokenizer has {expected}",
    "seu token {place} é {found}, e o do tokenizador é {expected}",
)


def check_family(base: BaseModel) -> None:
    """Raises ModelError for a model that cannot be converted."""
    if base.family is None or base.family.name not in FAMILIES:
        raise ModelError(NO_ENGINE, model=base.source)


def to_ctranslate2(base: BaseModel, folder: Path, quantization: Quantization = "int8") -> None:
    """Fill `folder`, which may not be there yet, from a model in float32 whose adapter has been merged.

    Its configuration is no more what it was afterwards: give a model that is not needed again. Raises ModelError.
    """
    check_family(base)
    _settle(base)
    with tempfile.TemporaryDirectory() as temporary:
        base.model.config.save_pretrained(temporary)
        try:
            _InMemory(temporary, base).convert(str(folder), quantization=quantization, force=True)
            _check_vocabulary(folder, base.tokenizer)
        except (ValueError, TypeError, LookupError, RuntimeError, AttributeError, NotImplementedError) as error:
            shutil.rmtree(folder, ignore_errors=True)
            raise ModelError(NOT_CONVERTED, model=base.source, reason=reason_of(error)) from error
    base.tokenizer.save_pretrained(folder)


class _InMemory(TransformersConverter):  # type: ignore[misc]
    """Reads the configuration from a folder, and takes model and tokenizer as they are in memory."""

    def __init__(self, folder: str, base: BaseModel) -> None:
        super().__init__(folder)
        self.base = base

    def load_model(self, *_: Any, **__: Any) -> Any:
        return self.base.model

    def load_tokenizer(self, *_: Any, **__: Any) -> Any:
        return _Named(self.base)


class _Named:
    """The tokenizer, as the converter asks it, with a name for each row of the embedding and for nothing else.

    The converter looks for M2M100's languages in `special_tokens_map`, where transformers 5 no longer has them.
    """

    num_madeup_words = 0  # those without a token have a name already

    def __init__(self, base: BaseModel) -> None:
        self.tokenizer, self.rows = base.tokenizer, base.model.config.vocab_size
        # Needed in the file, though nothing begins with it: mBART-50's tokenizer has none of its own.
        self.bos_token = base.tokenizer.bos_token or base.tokenizer.eos_token

    def __getattr__(self, name: str) -> Any:
        return getattr(self.tokenizer, name)

    def get_vocab(self) -> dict[str, int]:
        return {_name(self.tokenizer, place): place for place in range(self.rows)}


def _name(tokenizer: Any, place: int) -> str:
    token = tokenizer.convert_ids_to_tokens(place)
    is_unknown = token is None or (token == tokenizer.unk_token and place != tokenizer.unk_token_id)
    return f"madeupword{place}" if is_unknown else str(token)


def _settle(base: BaseModel) -> None:
    """What the converter reads from the configurations of published mBART models, and newer ones leave out."""
    if base.family and base.family.name == "mbart50":
        base.model.config.normalize_before = True
        base.model.config.tokenizer_class = "MBart50Tokenizer"


def read_vocabulary(folder: Path) -> list[str]:
    """The tokens of a converted model, by their ids."""
    tokens: list[str] = json.loads((folder / "shared_vocabulary.json").read_text(encoding="utf-8"))
    return tokens


def _check_vocabulary(folder: Path, tokenizer: Any) -> None:
    """Raises ValueError unless each id names in the converted model the token that it names in the tokenizer."""
    for place, token in enumerate(read_vocabulary(folder)):
        if token != (expected := _name(tokenizer, place)):
            raise ValueError(OTHER_VOCABULARY.to("en", place=place, found=repr(token), expected=repr(expected)))
