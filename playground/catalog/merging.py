"""Which methods' adapters can become weights of their base: where they cannot, why."""

from __future__ import annotations

from playground.catalog.capabilities import can_merge
from playground.catalog.methods import METHODS
from playground.texts import Text

IS_BESIDE = Text(
    "{method} learns virtual tokens, which stand before the text and cannot become weights of the base. Choose a run of"
    " another method, such as LoRA.",
    "{method} aprende tokens virtuais, que ficam antes do texto e não podem virar pesos da base. Escolha uma execução"
    " de outro método, como LoRA.",
)
CANNOT_MERGE = Text(
    "An adapter of {method} cannot be merged into its base. Choose a run of another method, such as LoRA.",
    "Um adaptador de {method} não pode ser mesclado à base. Escolha uma execução de outro método, como LoRA.",
)


def no_merge(method: str) -> Text | None:
    """Why adapters of a method cannot be merged; None where they can."""
    if can_merge(method):
        return None
    text = IS_BESIDE if METHODS[method].prompt_learning else CANNOT_MERGE
    return text.filled(method=METHODS[method].label)
