"""An adapter as it came, taken apart in a folder of its own that goes afterwards."""

from __future__ import annotations

import json
import re
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

from playground.errors import ModelError, RunError, cut, reason_of
from playground.export.bring.files import CONFIG, WANTED, WEIGHTS, check_complete, copy_wanted, only_adapter
from playground.export.bring.unpacking import is_zip, unpack
from playground.export.headers.safetensors_file import Stored, tensors_in
from playground.export.proof import Proof, read_proof
from playground.files import is_disk_full, sha256_of
from playground.model.sources import base_file
from playground.model.sources.base_file import BaseFile
from playground.runs.claims import cannot_write
from playground.texts import Text

UPLOAD_BYTES = 50_000_000  # as every upload
OWNER_BYTES = 4_000_000_000
SHA256 = re.compile("[0-9a-f]{64}")
MAX_SENT = 10  # files at once

NOTHING_SENT = Text(
    "There is no adapter to open. Send a zip, or adapter_config.json and adapter_model.safetensors together.",
    "Não há adaptador para abrir. Envie um zip, ou adapter_config.json e adapter_model.safetensors juntos.",
)
ZIP_AND_MORE = Text(
    "{count} files came ({names}), and a zip is an adapter by itself. Take all but one zip out of the list.",
    "Vieram {count} arquivos ({names}), e um zip já é um adaptador inteiro. Deixe só um zip na lista.",
)
NOT_THERE = Text(
    "There is no folder or file {file} that can be read. Check the path.",
    "Não há pasta ou arquivo legível {file}. Confira o caminho.",
)
BAD_CONFIG = Text(
    "adapter_config.json of {file} cannot be read ({reason}). Save the adapter once more with PEFT's save_pretrained.",
    "adapter_config.json de {file} não pode ser lido ({reason}). Salve o adaptador de novo com o save_pretrained da"
    " PEFT.",
)


@dataclass(frozen=True)
class Opened:
    """`config` is what its adapter_config.json says, not checked yet; `weights` a file whose header is sound.

    `base` and `proof` are what this house once noted of it: which base it was trained on, and how it was taken away.
    """

    name: str
    config: dict[str, Any]
    weights: Path
    tensors: dict[str, Stored]
    base: BaseFile | None
    proof: Proof | None
    sha256: str


@contextmanager
def opened(sent: Sequence[Path], name: str, most_bytes: int) -> Iterator[Opened]:
    """The adapter in a folder, a zip or single files, called `name`; copied, so that nobody changes it meanwhile.

    Raises ModelError for whatever is no adapter, or one that cannot be opened safely.
    """
    with tempfile.TemporaryDirectory(prefix="adapter-") as place:
        folder = Path(place)
        try:
            _bring_together(sent, folder, cut(name, 80), most_bytes)
        except OSError as error:
            if is_disk_full(error):
                raise cannot_write(error) from error
            raise ModelError(NOT_THERE, file=repr(cut(name, 80))) from error
        yield Opened(
            name=name,
            config=_config(folder / CONFIG, cut(name, 80)),
            weights=folder / WEIGHTS,
            tensors=tensors_in(folder / WEIGHTS),
            base=_note_of_base(folder),
            proof=_proof(folder),
            sha256=sha256_of(folder / WEIGHTS),
        )


def _bring_together(sent: Sequence[Path], folder: Path, name: str, most_bytes: int) -> None:
    if not 1 <= len(sent) <= MAX_SENT:
        raise ModelError(NOTHING_SENT)
    for path in sent:
        if not path.exists():
            raise ModelError(NOT_THERE, file=repr(cut(str(path), 120)))
    if len(sent) == 1 and sent[0].is_dir():
        files = _in_folder(sent[0], name)
    elif len(sent) == 1 and is_zip(sent[0]):
        unpack(sent[0], folder, most_bytes)
        return
    elif any(map(is_zip, sent)):
        names = ", ".join(cut(path.name, 40) for path in sent)
        raise ModelError(ZIP_AND_MORE, count=len(sent), names=names)
    else:
        files = {path.name: path for path in sent if path.name in WANTED}
        check_complete(files, [path.name for path in sent], name)
    copy_wanted(folder, files, most_bytes)


def _in_folder(folder: Path, name: str) -> dict[str, Path]:
    """In the folder itself, else in the one folder below it that has an adapter."""
    place = folder
    if not (folder / CONFIG).is_file():
        below = [path / CONFIG for path in sorted(folder.iterdir()) if (path / CONFIG).is_file()]
        place = Path(only_adapter(below, name)) if below else folder
    files = {file: place / file for file in WANTED if (place / file).is_file()}
    check_complete(files, sorted(path.name for path in place.iterdir()), name)
    return files


def _note_of_base(folder: Path) -> BaseFile | None:
    found = base_file.kept(folder)
    return found if found and SHA256.fullmatch(found.sha256) else None


def _proof(folder: Path) -> Proof | None:
    """A hint, and no more: of what it says only names that are known here are used."""
    try:
        return read_proof(folder)
    except RunError:
        return None


def _config(path: Path, name: str) -> dict[str, Any]:
    try:
        found = json.loads(path.read_text(encoding="utf-8"), parse_constant=_no_number)
        if not isinstance(found, dict):
            raise TypeError("it is no JSON object")
    except (ValueError, TypeError, RecursionError) as error:
        raise ModelError(BAD_CONFIG, file=name, reason=reason_of(error, 120)) from error
    return found


def _no_number(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is no number")
