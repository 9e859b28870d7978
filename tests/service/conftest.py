from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest


@pytest.fixture
def says(monkeypatch: pytest.MonkeyPatch) -> Callable[[Any], None]:
    """What pre-flight answers, when it is asked whether anything speaks against a run; nothing at first."""

    def answer(reasons_against: Any) -> None:
        monkeypatch.setattr("playground.preflight.report.reasons_against", reasons_against)

    answer(lambda _: None)
    return answer
