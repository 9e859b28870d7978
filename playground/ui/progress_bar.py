"""What is being done, in words that a screen reader speaks, and how much of it."""

from __future__ import annotations

from markupsafe import escape


def progress_html(text: str, done: float | None = None) -> str:
    """`text` is escaped; `done`, from 0 to 1, adds a bar."""
    bar = "" if done is None else f'<div class="pp-bar"><div style="width:{round(100 * done)}%"></div></div>'
    return f'<p role="status">{escape(text)}</p>{bar}'
