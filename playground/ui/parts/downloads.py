"""Files that the page offers: written where gradio keeps what it serves, so that its housekeeping removes them."""

from __future__ import annotations

import tempfile
from pathlib import Path

import gradio as gr
from gradio.utils import get_upload_folder


def new_folder() -> Path:
    """A fresh folder whose name nobody can guess; what gradio serves from it goes after `KEEP_UPLOADS_SECONDS`."""
    root = Path(get_upload_folder())
    root.mkdir(parents=True, exist_ok=True)
    return Path(tempfile.mkdtemp(dir=root))


def written(name: str, content: str | bytes) -> str:
    """The path of a new file called `name`; a text is written as UTF-8."""
    path = new_folder() / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return str(path)


def download_button(name: str, content: str | bytes) -> gr.DownloadButton:
    """The button that carries a new file."""
    return gr.DownloadButton(value=written(name, content), visible=True)
