"""Tiny translation models, each loaded once."""

from __future__ import annotations

from functools import cache

import pytest

from playground.model.load import BaseModel, load_base
from tests.tiny import Translators, save_tiny_translator


@pytest.fixture(scope="session")
def translator(tmp_path_factory: pytest.TempPathFactory) -> Translators:
    """The tiny model of a family; whoever puts an adapter into it takes it out again."""

    @cache
    def load(family: str) -> BaseModel:
        return load_base(str(save_tiny_translator(tmp_path_factory.mktemp(family), family)))

    return load
