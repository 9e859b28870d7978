"""A race that ends soon."""

from __future__ import annotations

from typing import Any

import pytest


@pytest.fixture
def race_values(values: dict[str, Any]) -> dict[str, Any]:
    """Three quick entrants on the tiny model."""
    values.pop("method")
    return {**values, "name": "tiny race", "race": {"entrants": ["lora", "prefix_tuning", "prompt_tuning"]}}
