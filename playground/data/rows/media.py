"""Rows that need pictures, films or sound, which no model here can see or hear."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from playground.data.left_out import Reason
from playground.data.rows.names import plain

COLUMNS: dict[str, Reason] = {
    "image": "image", "images": "image", "img": "image", "image_path": "image", "video": "image", "videos": "image",
    "audio": "sound", "audios": "sound", "audio_path": "sound", "sound": "sound", "speech": "sound",
}  # fmt: skip
# By the beginning of a part's type: image, image_url, input_image, video_url, audio, input_audio
PART_TYPES: tuple[tuple[str, Reason], ...] = (
    ("image", "image"), ("input_image", "image"), ("video", "image"), ("input_video", "image"),
    ("audio", "sound"), ("input_audio", "sound"),
)  # fmt: skip
# At the beginning or the end of a line, as trainers place it; HTML stands elsewhere, or is closed.
PLACEHOLDER = re.compile(r"^[ \t]*<(image|video|audio)>|<(image|video|audio)>[ \t]*$", re.MULTILINE)
FILE_TYPES: dict[str, Reason] = {"image": "image", "video": "image", "audio": "sound"}


def needed_by_cells(row: Mapping[str, object], columns: Sequence[str]) -> Reason | None:
    """What a row needs that has something in one of these columns."""
    filled = (column for column in columns if row.get(column) and not _is_empty(row.get(column)))
    return next((COLUMNS[plain(column)] for column in filled), None)


def _is_empty(value: object) -> bool:
    if isinstance(value, str):
        return value.strip() in ("", "[]", "null", "None")
    return isinstance(value, list) and not any(value)


def needed_by_part(part: Mapping[object, object]) -> Reason | None:
    """What a part of a message is, by its type, or by the key that holds it as Gemini's parts have it."""
    kind = str(part.get("type", "")).casefold()
    for beginning, reason in PART_TYPES:
        if kind.startswith(beginning):
            return reason
    for key in ("inlineData", "inline_data", "fileData", "file_data"):
        if isinstance(data := part.get(key), Mapping):
            mime = str(data.get("mimeType", data.get("mime_type", "image")))
            return FILE_TYPES.get(mime.partition("/")[0])
    return "image" if "image" in part or "image_url" in part else None


def needed_by_text(text: str) -> Reason | None:
    """What a text needs that has a placeholder for it, such as <image>."""
    if "<" not in text or not (found := PLACEHOLDER.search(text)):
        return None
    kind = found[1] or found[2]
    return None if f"</{kind}>" in text else FILE_TYPES[kind]
