"""Where the base of an export is on this machine, and whether it is the one that it was trained on."""

from __future__ import annotations

from pathlib import Path

from playground.catalog.datasets import HUB_PREFIX
from playground.catalog.models import MODELS, included_path
from playground.errors import ModelError, RunError
from playground.export.proof import Base
from playground.files import sha256_of
from playground.model.sources.base_file import sha256_of_weights
from playground.model.sources.files import locate, where_is
from playground.texts import Text

NOT_HERE = Text(
    "The base {name} of this export is not here. Download it, or say where it lies with --base FOLDER.",
    "A base {name} desta exportação não está aqui. Baixe-a, ou diga onde ela está com --base PASTA.",
)
NO_WEIGHTS = Text(
    "{name} holds no safetensors weights. Give the folder of the base {base}.",
    "{name} não contém pesos safetensors. Dê a pasta da base {base}.",
)


def base_elsewhere(base: Base, source: str) -> list[str]:
    """What a runner is told of a base that neither lies in the export nor in a package: its folder."""
    return [str(Path(locate(source)).absolute())] if base.where in ("hub", "folder") else []


def found_base(base: Base, given: Path | None) -> Path | None:
    """The folder or file of a base outside the export; None for one that lies in it.

    Downloads nothing. Raises RunError where it is not here.
    """
    if base.where == "inside":
        return None
    if given is not None:
        if not any(given.glob("*.safetensors")):
            raise RunError(NO_WEIGHTS, name=given.name[-80:], base=base.name)
        return given
    if base.where == "package":
        # A stranger's names of package and file are not followed: only those of the catalog are.
        card = MODELS.get(base.name)
        packaged = included_path(base.name) if card and card.source == f"package:{base.package}/{base.file}" else None
        if packaged is None:
            raise RunError(NOT_HERE, name=base.name[:80])
        return packaged
    try:
        # With the prefix it is never taken for a folder of this machine, whatever a stranger called it.
        hub_id = f"{HUB_PREFIX}{base.name}"
        if base.where == "hub" and where_is(hub_id) == "here":
            return Path(locate(hub_id))
    except ModelError as error:
        raise RunError(NOT_HERE, name=base.name[:80]) from error
    raise RunError(NOT_HERE, name=base.name[:80])


def is_the_base(base: Base, place: Path) -> bool:
    """Whether the weights at `place` are those that the export names."""
    found = sha256_of(place) if place.is_file() else sha256_of_weights(place)[1]
    return found == base.sha256
