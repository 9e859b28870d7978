"""Which weights a run stood on: the base's file by its SHA-256, kept with the adapter and compared when both meet."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from functools import lru_cache
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from playground.catalog.models import MODELS, included_path
from playground.files import sha256_of
from playground.model.sources.files import locate
from playground.texts import Text

NAME = "base.json"  # beside the adapter; PEFT passes it over
CARD = "README.md"
OTHER_BASE = Text(
    "{run} was trained on other weights of this base: their SHA-256 began with {trained}, this one's begins with"
    " {found}. Its answers are not those that its training measured.",
    "{run} foi treinada com outros pesos deste modelo base: o SHA-256 deles começava com {trained}, o "
    "deste começa com {found}. Suas respostas não são as que o treino mediu.",
)


@dataclass(frozen=True)
class BaseFile:
    """`sha256` is that of the one weight file, as the Hub shows it; of several, that of the list of theirs."""

    base_model: str
    file: str
    sha256: str


def base_file(source: str) -> BaseFile:
    """Of a model that is here: a file of hundreds of megabytes is read once. Raises ModelError."""
    packaged = included_path(source)
    if packaged is not None and packaged.is_file():
        return BaseFile(source, packaged.name, _sha256(packaged))
    return BaseFile(source, *sha256_of_weights(Path(locate(source))))


def sha256_of_weights(folder: Path) -> tuple[str, str]:
    """The name and SHA-256 of a model folder's one weight file; of several, those of the list of theirs."""
    paths = sorted(folder.glob("*.safetensors"))
    if len(paths) == 1:
        return paths[0].name, _sha256(paths[0])
    listed = "".join(f"{_sha256(path)}  {path.name}\n" for path in paths)
    return f"{len(paths)} *.safetensors", hashlib.sha256(listed.encode()).hexdigest()


def keep(folder: Path, base: BaseFile) -> None:
    """Write it into an adapter's folder, for programs and, in its model card, for people."""
    (folder / NAME).write_text(json.dumps(asdict(base), indent=2) + "\n", encoding="utf-8")
    card = MODELS.get(base.base_model)
    whose = f"\n\n{card.weights.en}" if card and card.weights else ""
    note = f"\n## Base weights\n\nTrained on `{base.file}`, SHA-256 `{base.sha256}`.{whose}\n"
    readme = folder / CARD
    readme.write_text((readme.read_text(encoding="utf-8") if readme.exists() else "") + note, encoding="utf-8")


def kept(folder: Path) -> BaseFile | None:
    """None for an adapter that came without, or whose file was damaged."""
    try:
        return TypeAdapter(BaseFile).validate_json((folder / NAME).read_bytes(), strict=True)
    except (OSError, ValidationError):
        return None


def difference(run: str, adapter: Path, source: str) -> Text | None:
    """What to warn of where an adapter meets another base than that of its training."""
    trained = kept(adapter)
    if trained is None:
        return None
    found = base_file(source)
    if trained.sha256 == found.sha256:
        return None
    return OTHER_BASE.filled(run=run, trained=trained.sha256[:12], found=found.sha256[:12])


def _sha256(path: Path) -> str:
    known = path.stat()
    return _digest(path.resolve(), known.st_size, known.st_mtime_ns)


@lru_cache(maxsize=64)
def _digest(path: Path, _size: int, _changed: int) -> str:
    return sha256_of(path)
