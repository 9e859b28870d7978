"""What is sent to the Hub: the adapter with its card and its proof (playground/export/send.py sends it)."""

from __future__ import annotations

from playground.export.kinds.card import refusal, write

__all__ = ["refusal", "write"]
