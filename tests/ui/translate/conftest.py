from __future__ import annotations

import pytest

from playground.ui.translate.tab import TranslateTab


@pytest.fixture
def tab_class() -> type[TranslateTab]:
    return TranslateTab
