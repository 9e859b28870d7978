from __future__ import annotations

import pytest

from playground.verdict.judge import Verdict
from tests.verdict.outputs import verdict_of


@pytest.fixture(scope="session")
def verdict() -> Verdict:
    """On 200 sentences, of which the adapter changes fewer words than the base."""
    return verdict_of(200, 0.5, 0.4)
