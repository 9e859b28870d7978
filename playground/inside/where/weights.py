"""Where a change sits: its size in each layer and module, and its spectrum beside that of a random change."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass, replace
from typing import Any

from playground.errors import ModelError
from playground.inside.control import random_change, random_factors
from playground.inside.where.kept import KeptView
from playground.inside.where.spectra import effective_rank, matrix_spectrum, product_spectrum, spectrum
from playground.runs.folder import RunFolder
from playground.texts import Text
from playground.train.change import Map, as_map, ratio
from playground.train.weight_change import AdaptedLayer, adapted_layers

LAYERS_AT_ONCE = 16  # after which what is known is shown and kept
MATCHES = 1.05  # a spectrum whose effective rank is within this factor of the control's says nothing

NO_WEIGHTS = Text(
    "{method} changes no weight of the base, so there is no map of weights. See what its virtual tokens do, or what it"
    " changed in answers.",
    "{method} não muda nenhum peso da base, então não há mapa de pesos. Veja o que seus tokens virtuais fazem, ou o que"
    " ele mudou nas respostas.",
)
NO_CELL = Text("This adapter does not change {name}.", "Este adaptador não muda {name}.")


@dataclass(frozen=True)
class Spectrum:
    """Singular values of ΔW, largest first, and those of a random change of equal norm and rank."""

    values: tuple[float, ...]
    control: tuple[float, ...]

    @property
    def effective_rank(self) -> float:
        return effective_rank(list(self.values))

    @property
    def control_effective_rank(self) -> float:
        return effective_rank(list(self.control))

    @property
    def matches_control(self) -> bool:
        """Whether the change uses its directions as evenly as chance does."""
        return 0 < self.control_effective_rank <= self.effective_rank * MATCHES


@dataclass(frozen=True)
class Cell:
    """One adapted layer. Norms are Frobenius; `rank` and `spectrum` only of products, whose spectrum costs little."""

    name: str
    layer: str
    module: str
    norm: float
    base_norm: float
    rank: int | None
    spectrum: Spectrum | None

    @property
    def relative(self) -> float | None:
        return ratio(self.norm, self.base_norm)


@dataclass(frozen=True)
class Weights:
    """What is known of `total` layers."""

    cells: tuple[Cell, ...]
    total: int

    @property
    def is_whole(self) -> bool:
        return len(self.cells) == self.total

    def cell(self, name: str) -> Cell | None:
        """The layer with this name."""
        return next((cell for cell in self.cells if cell.name == name), None)

    def map(self) -> tuple[list[str], list[str], Map]:
        """Layers, modules, and ‖ΔW‖ / ‖W‖ in rows of layers."""
        return as_map({(cell.layer, cell.module): cell.relative for cell in self.cells})


KEPT = KeptView("weights", Weights)


def weights_of(folder: RunFolder, model: Any, method: str) -> Generator[Weights, None, None]:
    """Layer by layer, from what was kept. Raises ModelError for a method that changes no weight."""
    layers = adapted_layers(model, model.active_adapter)
    if not layers:
        raise ModelError(NO_WEIGHTS, method=method)
    found = KEPT.read(folder)
    if found is None or found.total != len(layers):
        found = Weights((), len(layers))
    yield found
    while not found.is_whole:
        done = len(found.cells)
        more = tuple(_cell(layer) for layer in layers[done : done + LAYERS_AT_ONCE])
        found = replace(found, cells=(*found.cells, *more))
        KEPT.keep(folder, found)
        yield found


def spectrum_in(model: Any, name: str) -> Spectrum:
    """Of the layer with this name, be it a product or not. Raises ModelError where the adapter has none there."""
    layer = next((layer for layer in adapted_layers(model, model.active_adapter) if layer.name == name), None)
    if layer is None:
        raise ModelError(NO_CELL, name=name)
    return _spectrum(layer)


def _cell(layer: AdaptedLayer) -> Cell:
    norm, base_norm = layer.norms()
    rank = layer.rank
    own = _spectrum(layer) if rank is not None else None
    return Cell(layer.name, layer.layer, layer.module, norm, base_norm, rank, own)


def _spectrum(layer: AdaptedLayer) -> Spectrum:
    factors = random_factors(layer)
    if factors is not None:
        control = product_spectrum(*factors)
    else:
        changes = random_change(layer)
        control = matrix_spectrum(changes.get("weight", next(iter(changes.values())))) if changes else []
    return Spectrum(tuple(spectrum(layer)), tuple(control))
