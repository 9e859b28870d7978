"""How base and adapters translate."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from playground.model.libraries import load_libraries
from playground.service.access import Access

if TYPE_CHECKING:
    from playground.translate.text import ModelLanguages, TranslateRequest, TranslateUpdate


class TranslateCalls(Access):
    """The calls of the room `translate`."""

    def translate(
        self, request: TranslateRequest, should_stop: Callable[[], bool] = lambda: False
    ) -> Iterator[TranslateUpdate]:
        """Base and adapters on the same text, rows as they are made. Raises BusyError while a run trains."""
        load_libraries()
        from playground.translate.text import translations

        request = replace(request, base_model=self._base_model(request.base_model, request.run_ids))
        with self._model():
            yield from translations(request, self.store, should_stop)

    def model_languages(self, base_model: str) -> ModelLanguages:
        """Loads the model, from the Hub if need be. Raises ModelError for what is no translation model."""
        load_libraries()
        from playground.translate.text import model_languages

        base_model = self._base_model(base_model)
        with self._model():
            return model_languages(base_model)
