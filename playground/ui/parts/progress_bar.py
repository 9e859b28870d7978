"""What is being done, in words that a screen reader speaks, and how much of it."""

from __future__ import annotations

from pathlib import Path

from markupsafe import Markup, escape

MOVE_BAR = Path(__file__).with_name("progress_bar.js").read_text(encoding="utf-8")  # for a component's own script


def progress_html(text: str, done: float | None = None) -> str:
    """`text` is escaped; `done`, from 0 to 1, adds a bar."""
    bar = "" if done is None else bar_html(text, done)
    return f'<p role="status">{escape(text)}</p>{bar}'


def bar_html(label: str, done: float | None) -> Markup:
    """The bar of what `label` names: `done` from 0 to 1, or None as long as nobody knows how much there is to do."""
    percent = 100 if done is None else round(100 * done)
    known = "" if done is None else Markup('aria-valuenow="{}" ').format(percent)
    return Markup(
        '<div class="pp-bar{}" role="progressbar" {}aria-valuemin="0" aria-valuemax="100" aria-label="{}">'
        '<div style="width:{}%"></div></div>'
    ).format(" pp-bar-waiting" if done is None else "", known, label, percent)
