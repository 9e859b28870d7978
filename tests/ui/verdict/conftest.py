from __future__ import annotations

import pytest

from playground.ui.verdict.tab import VerdictTab


@pytest.fixture
def tab_class() -> type[VerdictTab]:
    return VerdictTab
