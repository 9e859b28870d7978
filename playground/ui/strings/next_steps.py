"""Texts of what comes after a run: its settings once more, its adapter tried and judged."""

from __future__ import annotations

from playground.texts import Text

STRINGS: dict[str, Text] = {
    "next_ask": Text("Ask both models", "Perguntar aos dois modelos"),
    "next_translate": Text("Translate with it", "Traduzir com ele"),
    "next_judge": Text("Ask for a verdict", "Pedir um veredito"),
    "next_no_adapter": Text(
        "None of these runs has an adapter: they ended before a first step was saved. Choose one that trained.",
        "Nenhuma destas execuções tem adaptador: terminaram antes de salvar o primeiro passo. Escolha uma que treinou.",
    ),
    "runs_use": Text("Use these settings", "Usar estas configurações"),
    "filled_from": Text("Filled with the settings of “{name}”.", "Preenchido com as configurações de “{name}”."),
    "filled_without": Text("Not everything could be filled in:", "Nem tudo pôde ser preenchido:"),
}
