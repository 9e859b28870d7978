"""An adapter added into the weights of its base, for whatever knows no adapters."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from peft import PeftModel

from playground.errors import ModelError, reason_of
from playground.model.adapt import LIBRARY_ERRORS
from playground.model.load import BaseModel, load_base
from playground.texts import Text

NOT_MERGED = Text(
    "The adapter cannot be merged into {model} ({reason}). Choose a run of another method, such as LoRA.",
    "O adaptador não pode ser mesclado a {model} ({reason}). Escolha uma execução de outro método, como LoRA.",
)


def merged(source: str, adapter: Path | None) -> BaseModel:
    """A base of its own in float32, with the adapter in its weights. Raises ModelError.

    An adapter that learned on rounded weights (QLoRA) is added to the exact ones.
    """
    base = load_base(source, dtype="float32")
    if adapter is None:
        return base
    try:
        model = PeftModel.from_pretrained(base.model, str(adapter))
        plain = model.merge_and_unload(safe_merge=True)
    except (*LIBRARY_ERRORS, OSError) as error:
        raise ModelError(NOT_MERGED, model=source, reason=reason_of(error)) from error
    return replace(base, model=plain.eval())
