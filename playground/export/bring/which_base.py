"""Which base an adapter was trained on, as far as it says so itself."""

from __future__ import annotations

from pathlib import PurePath, PureWindowsPath

from playground.catalog.models import MODELS
from playground.catalog.resolve import HUB_ID
from playground.export.bring.opening import Opened
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


def _known_as(text: str) -> str | None:
    last = PureWindowsPath(text).name if "\\" in text else PurePath(text).name
    for name in (text, last):
        if name in MODELS:
            return name
    if text.lower() in INCLUDED_AS:
        return INCLUDED_AS[text.lower()]
    return text if HUB_ID.fullmatch(text) else None
