"""Of a folder, a zip or single files, those that make an adapter; everything else is passed over, and never opened."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from pathlib import Path, PurePath
from typing import IO

from playground.errors import ModelError, cut
from playground.export import proof
from playground.model.sources import base_file
from playground.texts import Text

CONFIG, WEIGHTS = "adapter_config.json", "adapter_model.safetensors"
WANTED = (CONFIG, WEIGHTS, base_file.NAME, proof.NAME)
MOST_BYTES = {CONFIG: 5_000_000, base_file.NAME: 10_000, proof.NAME: proof.MAX_BYTES}
PICKLED = (".bin", ".pt", ".pth", ".ckpt", ".pkl", ".pickle")
BLOCK = 2**20

NO_ADAPTER_HERE = Text(
    "{file} holds no adapter: {missing} is missing (found: {names}). Send a folder that PEFT's save_pretrained wrote,"
    " as a zip, or its two files, adapter_config.json and adapter_model.safetensors.",
    "{file} não contém um adaptador: falta {missing} (encontrei: {names}). Envie uma pasta gravada pelo save_pretrained"
    " da PEFT, como zip, ou seus dois arquivos, adapter_config.json e adapter_model.safetensors.",
)
SEVERAL_ADAPTERS = Text(
    "{file} holds several adapters ({names}). Send one of them by itself.",
    "{file} contém vários adaptadores ({names}). Envie só um deles.",
)
ONLY_PICKLED = Text(
    "{file} holds its weights as {pickled}, a pickle, which could run any code when opened and is not read here. Where"
    " you trust it, convert it: PeftModel.from_pretrained(base, folder).save_pretrained(folder,"
    " safe_serialization=True), then send adapter_model.safetensors.",
    "{file} traz seus pesos em {pickled}, um pickle, que poderia executar qualquer código ao ser aberto e não é lido"
    " aqui. Se você confia nele, converta: PeftModel.from_pretrained(base, pasta).save_pretrained(pasta,"
    " safe_serialization=True), e envie adapter_model.safetensors.",
)
TOO_LARGE = Text(
    "{file} has more than {limit:bytes}. Bring a smaller adapter, or, on your own machine, bring it from the command"
    " line.",
    "{file} tem mais de {limit:bytes}. Traga um adaptador menor, ou, na sua própria máquina, traga-o pela linha de"
    " comando.",
)


def only_adapter(files: Iterable[PurePath], name: str) -> PurePath:
    """The folder of the one adapter among `files`. Raises ModelError where there are several."""
    places = sorted({file.parent for file in files if file.name == CONFIG}, key=lambda place: len(place.parts))
    if len(places) > 1:
        names = ", ".join(cut(str(place), 60) for place in places[:5])
        raise ModelError(SEVERAL_ADAPTERS, file=name, names=names)
    return places[0] if places else PurePath()


def check_complete(wanted: Collection[str], names: Sequence[str], name: str) -> None:
    """Raises ModelError where configuration or weights are missing among the files that came, called `names`."""
    missing = [file for file in (CONFIG, WEIGHTS) if file not in wanted]
    pickled = next((file for file in names if file.lower().endswith(PICKLED)), None)
    if pickled and WEIGHTS in missing:
        raise ModelError(ONLY_PICKLED, file=name, pickled=cut(pickled, 60))
    if missing:
        found = ", ".join(cut(file, 40) for file in names[:10]) or "–"
        raise ModelError(NO_ADAPTER_HERE, file=name, missing=missing[0], names=found)


def copy_wanted(place: Path, files: dict[str, Path], most_bytes: int) -> None:
    """A copy of each file in `place`, under its name. Raises ModelError for one that is too large."""
    for file, path in files.items():
        with path.open("rb") as stream:
            write_bounded(stream, place / file, most_bytes)


def write_bounded(stream: IO[bytes], to: Path, most_bytes: int, check: Callable[[int], None] = lambda _: None) -> None:
    """Write what a stream gives. Raises ModelError past the bound of a file of that name; `check` sees the count."""
    limit, count = MOST_BYTES.get(to.name, most_bytes), 0
    with to.open("wb") as out:
        while block := stream.read(BLOCK):
            count += len(block)
            check(count)
            if count > limit:
                raise ModelError(TOO_LARGE, file=to.name, limit=limit)
            out.write(block)
