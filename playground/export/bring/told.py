"""What an adapter says itself of how it was trained: on which base, with which method, on which data."""

from __future__ import annotations

from pathlib import PurePath, PureWindowsPath

from playground.catalog.datasets import DATASETS
from playground.catalog.models import MODELS
from playground.catalog.resolve import HUB_ID
from playground.export.bring.opening import Opened
from playground.export.bring.settings import Trained
from playground.model.sources.files import EMBEDDED_HUB_ID

INCLUDED_AS = {hub_id.lower(): name for name, hub_id in EMBEDDED_HUB_ID.items()}


def guessed_base(adapter: Opened) -> str | None:
    """The name of a model that can be asked for here; None where the adapter only says where it lay elsewhere.

    A note of this house beside it comes first, then what PEFT writes.
    """
    said = [adapter.base.base_model if adapter.base else None, adapter.config.get("base_model_name_or_path")]
    return next((name for text in said if isinstance(text, str) and (name := _known_as(text.strip()))), None)


def said(adapter: Opened) -> str:
    """The Hub id that the adapter has for its base; empty where it has none."""
    text = adapter.config.get("base_model_name_or_path")
    return text if isinstance(text, str) and HUB_ID.fullmatch(text) else ""


def trained_as(adapter: Opened) -> Trained | None:
    """None for an adapter that this house did not take away itself."""
    if adapter.proof is None:
        return None
    return Trained(adapter.proof.method, adapter.proof.base.double_quant)


def included_data(adapter: Opened) -> dict[str, str]:
    """Data set and languages of its training, where that was an included set; empty otherwise."""
    found = adapter.proof.config.get("data") if adapter.proof else None
    if not isinstance(found, dict) or found.get("dataset") not in DATASETS:
        return {}
    names = ("dataset", "source_language", "target_language")
    return {name: found[name] for name in names if isinstance(found.get(name), str)}


def run_name(adapter: Opened) -> str:
    """What its run was called where it was taken away; empty otherwise."""
    found = adapter.proof.run.get("name") if adapter.proof else None
    return found if isinstance(found, str) else ""


def _known_as(text: str) -> str | None:
    last = PureWindowsPath(text).name if "\\" in text else PurePath(text).name
    for name in (text, last):
        if name in MODELS:
            return name
    if text.lower() in INCLUDED_AS:
        return INCLUDED_AS[text.lower()]
    return text if HUB_ID.fullmatch(text) else None
