"""What quantization does to a base."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from playground.model.libraries import load_libraries
from playground.service.access import Access

if TYPE_CHECKING:
    from playground.precision.comparison import PrecisionComparison


class PrecisionCalls(Access):
    """The calls of the room `precision`."""

    def compare_precisions(
        self,
        base_model: str,
        *,
        train: bool = False,
        again: bool = False,
        should_stop: Callable[[], bool] = lambda: False,
    ) -> Iterator[PrecisionComparison]:
        """The base in fp32, bf16, int8 and NF4, as it is measured. Raises BusyError while a run trains."""
        load_libraries()
        from playground.precision.comparison import compare_precisions

        base_model = self._base_model(base_model)
        with self._model():
            yield from compare_precisions(base_model, train=train, again=again, should_stop=should_stop)
