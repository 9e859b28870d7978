"""What each method was seen to do on each family of models: read from the probe's table, never guessed."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

from playground.catalog.methods import METHODS
from playground.texts import Text

CAPABILITIES_FILE = Path(__file__).resolve().parents[2] / "assets" / "methods" / "capabilities.json"
PROBED_PACKAGES = ("peft", "transformers", "torch", "bitsandbytes")
CHECKS = ("train", "base_unchanged", "disable", "reload", "merge", "two_adapters")
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


@dataclass(frozen=True)
class Capability:
    """`failures` names the checks that failed, each with the library's reason (English)."""

    failures: dict[str, str]

    @property
    def trains(self) -> bool:
        """Whether a run can be begun, ended and used: it trains, the base stays, the file loads."""
        return not {"train", "base_unchanged", "disable", "reload"} & self.failures.keys()


@cache
def read_table(file: Path) -> dict[str, Any]:
    """One of the tables of assets/methods, which `python -m playground probe` writes."""
    table: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return table


def probed_versions() -> dict[str, str]:
    return dict(read_table(CAPABILITIES_FILE)["versions"])


def installed_versions() -> dict[str, str]:
    return {name: version(name).partition("+")[0] for name in PROBED_PACKAGES}


def families() -> list[str]:
    """transformers' model types that were probed."""
    return list(next(iter(read_table(CAPABILITIES_FILE)["results"].values())))


def capability(method: str, family: str, dtype: str = "fp32") -> Capability | None:
    """None for a family or method that was not probed: nothing is known."""
    found = read_table(CAPABILITIES_FILE)["results"].get(method, {}).get(family, {}).get(dtype)
    return None if found is None else Capability(found)


def can_merge(method: str) -> bool:
    """Whether an adapter of this method was seen to become weights of its base, on any family."""
    results = read_table(CAPABILITIES_FILE)["results"].get(method, {})
    return any("merge" not in family.get("fp32", {"merge": ""}) for family in results.values())


def no_merge(method: str) -> Text | None:
    """Why adapters of a method cannot be merged; None where they can."""
    if can_merge(method):
        return None
    text = IS_BESIDE if METHODS[method].prompt_learning else CANNOT_MERGE
    return text.filled(method=METHODS[method].label)
