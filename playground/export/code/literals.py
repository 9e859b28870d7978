"""Values as Python writes them, with double quotes: whatever a user wrote stays a literal."""

from __future__ import annotations

from typing import Any


def literal(value: Any) -> str:
    """Python that makes a plain value again."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{literal(key)}: {literal(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(literal, value)) + "]"
    written = repr(value)
    # repr takes single quotes unless there is one in the text, and escapes whatever cannot be seen.
    is_plain = isinstance(value, str) and written[0] == "'" and '"' not in value and "'" not in value
    return f'"{written[1:-1]}"' if is_plain else written


def call(name: str, arguments: list[str], width: int = 110) -> str:
    """A call on one line, or with a line for each argument where that would be too long."""
    line = f"{name}({', '.join(arguments)})"
    return line if len(line) <= width else f"{name}(\n" + "".join(f"    {part},\n" for part in arguments) + ")"
