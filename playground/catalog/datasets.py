"""Data sets offered by name; a file of one's own or a Hub id works as well."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from playground.texts import Text

DATASETS_DIR = Path(__file__).resolve().parents[2] / "assets" / "datasets"
SUFFIXES = (".csv", ".tsv", ".json", ".jsonl", ".parquet")
UPLOAD_METRICS = ("exact_match", "chrf")
PAIR_METRICS = ("chrf", "bleu")
JSON_METRICS = ("valid_json", "exact_match", "key_accuracy")


@dataclass(frozen=True, kw_only=True)
class DatasetCard:
    """`location` is a folder under assets/datasets, or `package:NAME/PART` for text that a Python package carries.

    A folder holds train.jsonl and test.jsonl; the second is the fixed held-out split.
    """

    name: str
    label: str
    licence: str
    summary: Text
    metrics: tuple[str, ...]  # names in playground.measure.metrics
    location: str
    columns: tuple[str, str] = ("prompt", "completion")


def _intents(part: str, label: str, summary: Text) -> DatasetCard:
    return DatasetCard(
        name=f"home-assistant-intents/{part}",
        label=label,
        licence="Apache-2.0",
        summary=summary,
        metrics=JSON_METRICS,
        location=f"package:home_assistant_intents/{part}",
    )


DATASETS: dict[str, DatasetCard] = {
    card.name: card
    for card in (
        DatasetCard(
            name="notes-to-json",
            label="Notes to JSON",
            licence="CC0-1.0",
            summary=Text(
                "Turn a short note into strict JSON; success can be counted.",
                "Transformar um bilhete curto em JSON estrito; o sucesso pode ser contado.",
            ),
            metrics=JSON_METRICS,
            location="notes-to-json",
        ),
        DatasetCard(
            name="blunt-to-courteous",
            label="Blunt to courteous",
            licence="CC0-1.0",
            summary=Text(
                "Rewrite a blunt message in a courteous tone.",
                "Reescrever uma mensagem ríspida em tom cortês.",
            ),
            metrics=("chrf",),
            location="blunt-to-courteous",
        ),
        _intents(
            "en",
            "Home Assistant commands (English)",
            Text(
                "Spoken commands of a smart home, to intent and slots as JSON.",
                "Comandos falados em inglês para uma casa inteligente, em intenção e campos JSON.",
            ),
        ),
        _intents(
            "pt-BR",
            "Home Assistant commands (Portuguese)",
            Text(
                "Spoken commands in Brazilian Portuguese, to intent and slots as JSON.",
                "Comandos falados de uma casa inteligente, em intenção e campos JSON.",
            ),
        ),
    )
}
