from __future__ import annotations

import pytest

from playground.ui.compare.tab import CompareTab


@pytest.fixture
def tab_class() -> type[CompareTab]:
    return CompareTab
