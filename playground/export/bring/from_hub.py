"""An adapter of the Hub: its two files by name, and no other; asked for and fetched as models are."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path

from playground.errors import ModelError
from playground.export.bring.files import TOO_LARGE, WANTED, WEIGHTS, check_complete
from playground.model.sources.download import Came
from playground.model.sources.hub import HUB_TIMEOUT_SECONDS, check_room, clear_failures, fetched


@dataclass(frozen=True)
class HubAdapter:
    """`files` are those that are fetched, with their sizes; `revision` is the commit that they are of."""

    hub_id: str
    revision: str
    files: dict[str, int]

    @property
    def name(self) -> str:
        return f"{self.hub_id}@{self.revision[:12]}"


def about_adapter(hub_id: str, most_bytes: int) -> HubAdapter:
    """What the Hub has of an adapter; nothing is fetched. Raises ModelError, also for one with pickled weights only."""
    from huggingface_hub import HfApi

    with clear_failures(hub_id):
        info = HfApi().model_info(hub_id, files_metadata=True, timeout=HUB_TIMEOUT_SECONDS)
        sizes = {item.rfilename: item.size or 0 for item in info.siblings or ()}
        revision = info.sha or "main"
    files = {name: sizes[name] for name in WANTED if name in sizes}
    check_complete(files, sorted(sizes), hub_id)
    if files[WEIGHTS] > most_bytes:
        raise ModelError(TOO_LARGE, file=WEIGHTS, limit=most_bytes)
    return HubAdapter(hub_id, revision, files)


def fetching_adapter(adapter: HubAdapter) -> Generator[Came, None, None]:
    """Closing the iterator ends the download. Raises ModelError."""
    needed = sum(adapter.files.values())
    check_room(adapter.hub_id, needed)
    yield from fetched(adapter.hub_id, adapter.revision, list(adapter.files), needed)


def files_of(adapter: HubAdapter) -> list[Path]:
    """Where the files lie that were fetched. Raises ModelError."""
    from huggingface_hub import hf_hub_download

    with clear_failures(adapter.hub_id):
        return [
            Path(hf_hub_download(adapter.hub_id, name, revision=adapter.revision, local_files_only=True))
            for name in adapter.files
        ]
