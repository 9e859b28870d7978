"""Where an adapter sits and what it changed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

from playground.catalog.methods import METHODS
from playground.errors import BusyError
from playground.model.libraries import load_libraries
from playground.runs.folder import RunFolder
from playground.service.inside.knobs import KnobCalls

if TYPE_CHECKING:
    from playground.inside.where.answers import Answers
    from playground.inside.where.layer_effects import LayerEffects
    from playground.inside.where.soft_prompt import SoftPrompt
    from playground.inside.where.weights import Spectrum, Weights
    from playground.model.load import BaseModel


class KeptViews(NamedTuple):
    """The views of a run, as far as each was ever made."""

    weights: Weights | None = None
    answers: Answers | None = None
    prompt: SoftPrompt | None = None
    layers: LayerEffects | None = None


Stop = Callable[[], bool]


def never() -> bool:
    return False


class ViewCalls(KnobCalls):
    """Each view grows and is kept. All raise as `look_inside`, and ModelError for a method that has none."""

    def changed_weights(self, run_id: str, should_stop: Stop = never) -> Iterator[Weights | BusyError]:
        """How much each layer's weights have changed, and how many directions the change uses."""
        folder = self._to_look_into(run_id)
        load_libraries()
        from playground.inside.where.weights import weights_of

        method = METHODS[folder.config.method.method].label
        yield from self._by_turns(
            partial(self._adapted, folder), lambda both: weights_of(folder, both[1], method), should_stop
        )

    def spectrum(self, run_id: str, layer: str) -> Spectrum:
        """Of one layer, whatever the method. Raises ModelError for a name that the adapter does not have."""
        folder = self._to_look_into(run_id)
        load_libraries()
        from playground.inside.where.weights import spectrum_in

        with self._adapted(folder) as (_, model):
            return spectrum_in(model, layer)

    def changed_answers(self, run_id: str, should_stop: Stop = never) -> Iterator[Answers | BusyError]:
        """The adapter's answers to a few held-out prompts, token by token, as the base sees them."""
        folder = self._to_look_into(run_id)
        load_libraries()
        from playground.inside.opened import known_of
        from playground.inside.where.answers import answers_of

        yield from self._by_turns(
            partial(self._adapted, folder),
            lambda both: answers_of(folder, *both, known_of(folder, both[0]).texts.held_out),
            should_stop,
        )

    def soft_prompt(self, run_id: str, should_stop: Stop = never) -> Iterator[SoftPrompt | BusyError]:
        """What each virtual token is near to, how much it is looked at, and what goes with it."""
        folder = self._to_look_into(run_id)
        load_libraries()
        from playground.inside.opened import known_of
        from playground.inside.where.soft_prompt import soft_prompt_of

        method = METHODS[folder.config.method.method].label
        yield from self._by_turns(
            partial(self._adapted, folder),
            lambda both: soft_prompt_of(folder, *both, known_of(folder, both[0]).texts.task, method),
            should_stop,
        )

    def layer_effects(self, run_id: str, should_stop: Stop = never) -> Iterator[LayerEffects | BusyError]:
        """What the task loses without each layer's change, and gains from it alone."""
        folder = self._to_look_into(run_id)
        load_libraries()
        from playground.inside.opened import known_of
        from playground.inside.where.layer_effects import layer_effects_of

        method = METHODS[folder.config.method.method].label
        yield from self._by_turns(
            partial(self._adapted, folder),
            lambda both: layer_effects_of(folder, *both, known_of(folder, both[0]).texts.task, method),
            should_stop,
        )

    def kept_views(self, run_id: str) -> KeptViews:
        """What was found earlier, whole or not. Raises RunError. Loads no model."""
        folder = self._to_look_into(run_id)
        load_libraries()
        from playground.inside.where import answers, layer_effects, soft_prompt, weights

        return KeptViews(*(view.KEPT.read(folder) for view in (weights, answers, soft_prompt, layer_effects)))

    @contextmanager
    def _adapted(self, folder: RunFolder) -> Iterator[tuple[BaseModel, Any]]:
        load_libraries()
        from playground.compare.adapters import adapted

        with self._model(in_turns=True), adapted(folder) as both:
            yield both
