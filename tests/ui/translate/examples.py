"""Values of the form, and a translation by base and adapter as it is shown."""

from __future__ import annotations

from typing import Any

from playground.compare.adapters import Column
from playground.data.example import Languages
from playground.model.translate import TranslationConfig
from playground.translate.text import Row, Translated, TranslateUpdate
from playground.ui.translate.choices import Offered
from tests.ui.compare.test_tab import HTML_NAME, SCRIPT

MINI, HUB = "m2m100-mini", "facebook/m2m100_418M"
FORM: dict[str, Any] = {
    "model": MINI, "runs": [], "source": "en", "target": "pt", "text": "x", "file": None, "engine": "pytorch",
    "beams": 1, "longest": 9, "length_penalty": 1, "ngram": 0, "repetition": 1, "marks": "added", "only": False,
}  # fmt: skip
ONE_WAY = Offered(("en",), ("de",), ("en", "de"))


def made(text: str, confidence: float = 0.5, *badges: str) -> Translated:
    return Translated(text, confidence, "truncated" in badges, badges)


def update(**changes: Any) -> TranslateUpdate:
    rows = [
        Row("two eggs", (made("dois ovos", 0.9), made(f"dois gatos {SCRIPT}", 0.3, "wrong_language"))),
        Row("three", (made("três", 0.55), made("três", 0.55))),
    ]
    values: dict[str, Any] = {
        "columns": [Column(MINI, None), Column(HTML_NAME, "20250101-000000-abcdef")],
        "languages": Languages("en", "pt"), "decoding": TranslationConfig(), "rows": rows,
        "texts": ["dois ovos\ntrês", "dois gatos\ntrês"], "done": 4, "total": 4, "is_final": True,
    }  # fmt: skip
    return TranslateUpdate(**{**values, **changes})
