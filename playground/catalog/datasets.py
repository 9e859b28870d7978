"""Data sets offered by name; a file of one's own or a Hub id works as well."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path, PurePath
from typing import Literal

from playground.texts import Text

DATASETS_DIR = Path(__file__).resolve().parents[2] / "assets" / "datasets"
TEXT_SUFFIXES = (".txt", ".md")  # one is read as text, two are aligned line by line
SUFFIXES = (
    ".csv", ".tsv", ".json", ".jsonl", ".parquet", ".tmx", ".xlf", ".xliff", ".po", *TEXT_SUFFIXES, ".zip", ".gz",
    ".tab", ".ndjson", ".parq", ".sdlxliff", ".mqxliff", ".mxliff", ".xml",
)  # fmt: skip
UPLOAD_PREFIX = "upload:"  # before the name of a file that a visitor sent (playground.uploads)
HUB_PREFIX = "hub:"  # before the id of a data set or model that is the Hub's, whatever a local folder is called
KEPT_NAME = re.compile(r"[0-9a-f]{12}-[\w.-]{1,60}\.[a-z]{2,8}")  # digest, the visitor's own name, suffix
UPLOAD_METRICS = ("exact_match", "chrf")
PAIR_METRICS = ("chrf", "bleu")
JSON_METRICS = ("valid_json", "exact_match", "key_accuracy")


@dataclass(frozen=True, kw_only=True)
class DatasetCard:
    """`location` is a folder under assets/datasets, or `package:NAME/PART` for text that a Python package carries.

    A folder holds train.jsonl and test.jsonl; the second is the fixed held-out split. A translation set has a column
    for each of its `languages`; where these are empty, the package decides (`playground.data.read.languages_of_data`).
    """

    name: str
    label: Text
    licence: str
    summary: Text
    metrics: tuple[str, ...]  # names in playground.compare.metrics
    location: str
    task: Literal["causal_lm", "seq2seq_lm"] = "causal_lm"  # the kind of model that it is for
    languages: tuple[str, ...] = ()


def _intents(part: str, label: Text, summary: Text) -> DatasetCard:
    return DatasetCard(
        name=f"home-assistant-intents/{part}",
        label=label,
        licence="Apache-2.0",
        summary=summary,
        metrics=JSON_METRICS,
        location=f"package:home_assistant_intents/{part}",
    )


GENERAL_SET = DATASETS_DIR / "software-messages" / "test.jsonl"  # never trained on: shows what a run unlearns

DATASETS: dict[str, DatasetCard] = {
    card.name: card
    for card in (
        DatasetCard(
            name="notes-to-json",
            label=Text("Notes to JSON", "Anotações em JSON"),
            licence="CC0-1.0",
            summary=Text(
                "Turn a short note into strict JSON; success can be counted.",
                "Transformar uma anotação curta em JSON estrito; o sucesso pode ser contado.",
            ),
            metrics=JSON_METRICS,
            location="notes-to-json",
        ),
        DatasetCard(
            name="blunt-to-courteous",
            label=Text("Blunt to courteous", "De ríspido a cortês"),
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
            Text("Home Assistant commands (English)", "Comandos do Home Assistant (inglês)"),
            Text(
                "Spoken commands of a smart home, to intent and slots as JSON.",
                "Comandos de voz para uma casa, em inglês, transformados em JSON com intenção e campos.",
            ),
        ),
        _intents(
            "pt-BR",
            Text("Home Assistant commands (Portuguese)", "Comandos do Home Assistant (português)"),
            Text(
                "Spoken commands in Brazilian Portuguese, to intent and slots as JSON.",
                "Comandos de voz para uma casa, em português do Brasil, transformados em JSON com intenção e campos.",
            ),
        ),
        DatasetCard(
            name="everyday-phrases",
            label=Text("Everyday phrases", "Frases do dia a dia"),
            licence="CC0-1.0",
            summary=Text(
                "Short sentences about home, family, food, travel and feelings, in English, Portuguese, Spanish and"
                " French.",
                "Frases curtas sobre casa, família, comida, viagem e sentimentos, em inglês, português, espanhol e"
                " francês.",
            ),
            metrics=PAIR_METRICS,
            location="everyday-phrases",
            task="seq2seq_lm",
            languages=("en", "pt", "es", "fr"),
        ),
        DatasetCard(
            name="django-catalogs",
            label=Text("Django's texts (software localisation)", "Textos do Django (localização de software)"),
            licence="BSD-3-Clause",
            summary=Text(
                "What a web framework says to its users, in English and about 80 languages, Galician and Catalan"
                " included.",
                "O que um framework web diz a seus usuários, em inglês e cerca de 80 idiomas, galego e catalão "
                "entre eles.",
            ),
            metrics=PAIR_METRICS,
            location="package:django",
            task="seq2seq_lm",
        ),
    )
}


@lru_cache(maxsize=1024)  # a list of thousands of runs names few data sets
def shown_dataset(dataset: str) -> str:
    """A data set's name as a page may show it: of a file its own name, without folder and digest."""
    name = dataset.removeprefix(UPLOAD_PREFIX).removeprefix(HUB_PREFIX)
    path = PurePath(name)
    if path.is_absolute() or path.suffix.lower() in SUFFIXES:
        name = path.name
    return name.partition("-")[2] if KEPT_NAME.fullmatch(name) else name
