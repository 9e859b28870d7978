"""Data sets of the Hugging Face Hub: what parts they have, and their first rows."""

from __future__ import annotations

import itertools
import queue
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, TypeVar

from playground.data.columns import Row
from playground.data.example import Table
from playground.data.formats.table import to_table
from playground.errors import DataError, reason_of
from playground.files import is_disk_full
from playground.model.sources.fetch import failure_of
from playground.texts import Text

Item = TypeVar("Item")

TIMEOUT_SECONDS = 5
SILENT_SECONDS = 8.0  # between two rows, or before the first one
MAX_ROWS = 20_000
TRAIN = "train"
MEDIA = ("Image", "Audio", "Video", "Pdf")  # features of `datasets` that no language model here reads
SHOWN_NAMES = 30

NO_HUB = Text(
    "{dataset}: the Hugging Face Hub cannot be reached ({reason}). Check the connection, use an included data set,"
    " or upload a file.",
    "{dataset}: o Hugging Face Hub não pode ser alcançado ({reason}). Confira a conexão, use um conjunto incluído"
    " ou envie um arquivo.",
)
SILENT = Text("no answer within {seconds:.0f} seconds", "sem resposta em {seconds:.0f} segundos")
NOT_ON_HUB = Text(
    "{dataset}: there is no such data set on the Hugging Face Hub, or it is private. Check the spelling, or log in"
    " with `hf auth login`.",
    "{dataset}: esse conjunto não existe no Hugging Face Hub, ou é privado. Confira a grafia, ou entre com"
    " `hf auth login`.",
)
GATED = Text(
    "{dataset}: its owner asks for consent. Accept the terms on https://huggingface.co/datasets/{dataset} and log in"
    " with `hf auth login`.",
    "{dataset}: o dono pede consentimento. Aceite os termos em https://huggingface.co/datasets/{dataset} e entre com"
    " `hf auth login`.",
)
TOO_MANY_REQUESTS = Text(
    "{dataset}: the Hub has had too many requests from here (HTTP 429). Try again in {wait} seconds.",
    "{dataset}: o Hub recebeu pedidos demais daqui (HTTP 429). Tente de novo em {wait} segundos.",
)
CHOOSE_SUBSET = Text(
    "{dataset} has several subsets, and none is the default. Choose one (data.subset): {known}.",
    "{dataset} tem vários subconjuntos, e nenhum é o padrão. Escolha um (data.subset): {known}.",
)
NO_SUBSET = Text(
    "{dataset} has no subset {value}. It has: {known}.", "{dataset} não tem o subconjunto {value}. Ele tem: {known}."
)
NO_SPLIT = Text(
    "{dataset} has no split {value}. It has: {known}.", "{dataset} não tem a divisão {value}. Ele tem: {known}."
)
CHOOSE_SPLIT = Text(
    "{dataset} has no split called train. Choose one (data.split): {known}.",
    "{dataset} não tem uma divisão chamada train. Escolha uma (data.split): {known}.",
)
UNREADABLE = Text(
    "{dataset}: cannot be read ({reason}). Download one of its files and upload it here.",
    "{dataset}: não pode ser lido ({reason}). Baixe um dos arquivos e envie-o aqui.",
)


@dataclass(frozen=True, kw_only=True)
class HubDataset:
    """What a data set is made of. `subset` and `split` are those that are read when none is chosen; None: choose."""

    subsets: tuple[str, ...]
    splits: tuple[str, ...]  # of `subset`
    subset: str | None
    split: str | None
    licence: str  # empty where its owner does not say


def read_hub(dataset: str, limit: int | None = None, subset: str | None = None, split: str | None = None) -> Table:
    """The first rows (at most 20,000) of one split of a Hub data set: `train` where none is named.

    The same rows are not fetched again while the Hub says that the data set is unchanged. Raises DataError, within
    ten seconds where the Hub is silent. What a full disk raises passes through.
    """
    info = _info(dataset)
    with _clear_errors(dataset, bool(info.gated)):
        return _read(dataset, info.sha, min(limit or MAX_ROWS, MAX_ROWS), subset, split)


def parts_of(dataset: str, subset: str | None = None) -> HubDataset:
    """The subsets of a Hub data set, and the splits of one of them: of the default one where `subset` is not there.

    Raises DataError as `read_hub` does.
    """
    info = _info(dataset)
    licence = (info.card_data.get("license") if info.card_data else None) or ""
    with _clear_errors(dataset, bool(info.gated)):
        found = _parts(dataset, info.sha, subset)
    return HubDataset(**found, licence=licence if isinstance(licence, str) else ", ".join(map(str, licence)))


@lru_cache(maxsize=4)
def _read(dataset: str, commit: str, limit: int, subset: str | None, split: str | None) -> Table:
    def rows() -> Iterator[Row]:
        parts = _builder(dataset, commit, subset).as_streaming_dataset()
        part = parts[chosen_split(dataset, list(parts), split)]
        features = dict(part.features or {})
        undecoded = part.decode(False) if features else part
        for number, row in enumerate(itertools.islice(undecoded, limit), start=1):
            yield Row({name: _plain(cell, features.get(name)) for name, cell in row.items()}, number)

    return to_table(_as_it_comes(rows, SILENT_SECONDS), dataset)


@lru_cache(maxsize=16)
def _parts(dataset: str, commit: str, subset: str | None) -> dict[str, Any]:
    def look() -> Iterator[dict[str, Any]]:
        import datasets

        path, revision = f"hf://datasets/{dataset}", commit
        names = tuple(datasets.get_dataset_config_names(path, revision=revision))
        chosen = subset if subset in names else datasets.get_dataset_default_config_name(path, revision=revision)
        if chosen is None:
            yield {"subsets": names, "splits": (), "subset": None, "split": None}
            return
        splits = tuple(_builder(dataset, commit, chosen).as_streaming_dataset())
        yield {"subsets": names, "splits": splits, "subset": chosen, "split": _usual_split(splits)}

    (found,) = _as_it_comes(look, SILENT_SECONDS)
    return found


def chosen_split(dataset: str, known: list[str], split: str | None) -> str:
    """Raises DataError for a split that is not there, and where several could be meant."""
    found = _usual_split(known) if split is None else split
    if found in known:
        return str(found)
    if split is None:
        raise DataError(CHOOSE_SPLIT, dataset=dataset, known=_listed(known))
    raise DataError(NO_SPLIT, dataset=dataset, value=repr(split), known=_listed(known))


def _usual_split(known: Sequence[str]) -> str | None:
    return TRAIN if TRAIN in known else known[0] if len(known) == 1 else None


def _builder(dataset: str, commit: str, subset: str | None) -> Any:
    import datasets

    # With its scheme, as `datasets` would prefer a local folder of that name.
    path = f"hf://datasets/{dataset}"
    try:
        return datasets.load_dataset_builder(path, subset, revision=commit)
    except ValueError:
        known = datasets.get_dataset_config_names(path, revision=commit)
        if subset in known or (subset is None and len(known) == 1):
            raise
        value = {"dataset": dataset, "value": repr(subset), "known": _listed(known)}
        raise DataError(CHOOSE_SUBSET if subset is None else NO_SUBSET, **value) from None


@lru_cache(maxsize=1)
def _client() -> Any:
    """Imported before anybody counts the seconds: it takes some itself."""
    import datasets
    from huggingface_hub import HfApi

    return datasets and HfApi()


def _info(dataset: str) -> Any:
    """Asked first, because it has a time limit of its own."""
    client = _client()
    with _clear_errors(dataset):
        return client.dataset_info(dataset, timeout=TIMEOUT_SECONDS)


def _as_it_comes(make: Callable[[], Iterator[Item]], seconds: float) -> Iterator[Item]:
    """The items of an iterator that works in a thread. Raises TimeoutError where the next one takes too long.

    The connections below cannot be told to give up: a thread that waits for one is left to itself.
    """
    told: queue.SimpleQueue[tuple[str, Any]] = queue.SimpleQueue()
    left = threading.Event()

    def work() -> None:
        try:
            for item in make():
                told.put(("item", item))
                if left.is_set():
                    return
            told.put(("end", None))
        except BaseException as error:  # noqa: BLE001 - raised again where it is waited for
            told.put(("error", error))

    _client()
    threading.Thread(target=work, name="hub data", daemon=True).start()
    try:
        while True:
            try:
                kind, value = told.get(timeout=seconds)
            except queue.Empty:
                raise TimeoutError from None
            if kind == "error":
                raise value
            if kind == "end":
                return
            yield value
    finally:
        left.set()


@contextmanager
def _clear_errors(dataset: str, gated: bool = False) -> Iterator[None]:
    """Turn whatever the Hub's clients raise into a DataError; of a `gated` data set they may say that there is none."""
    from datasets.exceptions import DatasetNotFoundError

    try:
        yield
    except DataError:
        raise
    except DatasetNotFoundError as error:
        raise DataError(GATED if gated else NOT_ON_HUB, dataset=dataset) from error
    except Exception as error:
        if is_disk_full(error):
            raise
        raise _said(dataset, error) from error


def _said(dataset: str, error: Exception) -> DataError:
    failure = failure_of(error)
    kind, status = failure["kind"], failure.get("status")
    if kind == "gated":
        return DataError(GATED, dataset=dataset)
    if kind == "missing":
        return DataError(NOT_ON_HUB, dataset=dataset)
    if status == 429:
        wait = str(failure.get("wait", ""))
        return DataError(TOO_MANY_REQUESTS, dataset=dataset, wait=wait if wait.isdecimal() else "60")
    if kind == "status":
        return DataError(NO_HUB, dataset=dataset, reason=f"HTTP {status}")
    if isinstance(error, TimeoutError) and not str(error):
        return DataError(NO_HUB, dataset=dataset, reason=SILENT.filled(seconds=SILENT_SECONDS))
    return DataError(NO_HUB if kind == "silent" else UNREADABLE, dataset=dataset, reason=reason_of(error, 200))


def _plain(cell: object, feature: Any) -> object:
    """A class as its name, and of pictures and sounds only that there is one."""
    kind = type(feature).__name__
    if kind == "ClassLabel" and isinstance(cell, int):
        return feature.int2str(cell) if 0 <= cell < feature.num_classes else cell
    if kind in MEDIA and cell is not None:
        return kind.lower()
    return cell


def _listed(names: list[str]) -> str:
    shown = ", ".join(names[:SHOWN_NAMES])
    return shown if len(names) <= SHOWN_NAMES else f"{shown}, …"
