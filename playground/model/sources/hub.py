"""A model's files from the Hub: what is allowed in, how large it is, and what is said when it does not come."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import time
from collections.abc import Collection, Generator, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from playground.catalog.models import MODELS
from playground.errors import ModelError, without_folders
from playground.files import FULL
from playground.model.sources.download import Came, DownloadError, download
from playground.model.sources.fetch import failure_of
from playground.texts import Text

HUB_TIMEOUT_SECONDS = 5.0  # the promise is a clear answer within 10, importing the client included
FIRST_BYTE_SECONDS = 6.0  # a few small requests come before it
PATIENCE_SECONDS = 60.0  # for the next byte of a download that runs: a pause is shown, and forgiven
REMEMBERED_SECONDS = 300.0  # what the Hub said of a model: the page asks with every edit
CONVERTER = "SFconvertbot"  # the Hub's own account that offers older models' weights as safetensors, by pull request
PATTERNS = ["*.json", "*.safetensors", "*.model", "*.spm", "*.txt", "*.jinja"]  # never a pickle, never code
WEIGHTS, INDEX = "model.safetensors", "model.safetensors.index.json"
SHARD = re.compile(r"model-\d+-of-\d+\.safetensors")
SUFFIXES = tuple(pattern.removeprefix("*") for pattern in PATTERNS)

NOT_ON_HUB = Text(
    "The Hub has no model {source}, or it is private. Check the spelling; for a private one, set HF_TOKEN.",
    "O Hub não tem o modelo {source}, ou ele é privado. Confira a grafia; se for privado, defina HF_TOKEN.",
)
NO_SAFETENSORS = Text(
    "{source} has no safetensors weights ({reason}). Pickled weights are not read; convert them first.",
    "{source} não tem pesos em safetensors ({reason}). Pesos em pickle não são lidos; converta-os antes.",
)
OWN_CODE = Text(
    "{source} works only with its own code, which is never run here: it could do anything. Choose a model that the"
    " transformers library itself knows.",
    "{source} só funciona com código próprio, que nunca é executado aqui: ele poderia fazer qualquer coisa. Escolha um"
    " modelo que a própria biblioteca transformers conheça.",
)
NO_HUB = Text(
    "The Hub did not answer within {seconds:.0f} seconds, and {source} is not on this machine. "
    "Check the connection, or pick a model that needs none: {included}.",
    "O Hub não respondeu em {seconds:.0f} segundos, e {source} não está nesta máquina. "
    "Verifique a conexão, ou escolha um modelo que não precisa dela: {included}.",
)
GATED = Text(
    "{source} asks for its licence to be accepted. Accept it on the model's Hub page, then set HF_TOKEN and try again.",
    "{source} exige que sua licença seja aceita. Aceite-a na página do modelo no Hub, defina HF_TOKEN e tente de novo.",
)
REFUSED = Text(
    "The Hub refused {source} (HTTP {status}): the token in HF_TOKEN is missing, wrong, or may not read it. "
    "Check the token and try again.",
    "O Hub recusou {source} (HTTP {status}): o token em HF_TOKEN falta, está errado ou não pode lê-lo. "
    "Confira o token e tente de novo.",
)
TOO_MANY_REQUESTS = Text(
    "The Hub has had too many requests from here, and did not give {source} (HTTP 429). Try again in {wait} seconds.",
    "O Hub recebeu pedidos demais daqui, e não forneceu {source} (HTTP 429). Tente de novo em {wait} segundos.",
)
HUB_TROUBLE = Text(
    "The Hub answered, but could not give {source} ({reason}). Try again in a few minutes.",
    "O Hub respondeu, mas não conseguiu fornecer {source} ({reason}). Tente de novo em alguns minutos.",
)
BROKEN_OFF = Text(
    "The download of {source} stopped: nothing came for {seconds:.0f} seconds. The files that came whole are kept."
    " Check the connection and start again.",
    "O download de {source} parou: nada chegou por {seconds:.0f} segundos. Os arquivos que chegaram inteiros ficam."
    " Verifique a conexão e comece de novo.",
)
NO_ROOM = Text(
    "{source} needs {needed:bytes} on the disk, and {free:bytes} are free. Free some space, or choose a smaller model.",
    "{source} precisa de {needed:bytes} no disco, e {free:bytes} estão livres. Libere espaço, ou escolha um modelo"
    " menor.",
)
DISK_FILLED = Text(
    "The disk filled up while {source} was downloaded, which needs {needed:bytes} in all. The files that came whole"
    " are kept. Free some space and start again.",
    "O disco encheu durante o download de {source}, que precisa de {needed:bytes} ao todo. Os arquivos que chegaram"
    " inteiros ficam. Libere espaço e comece de novo.",
)
CANNOT_WRITE = Text(
    "{source} cannot be kept on this machine ({reason}). Check the folder of HF_HOME.",
    "{source} não pode ser guardado nesta máquina ({reason}). Confira a pasta de HF_HOME.",
)


@dataclass(frozen=True, kw_only=True)
class HubModel:
    """What the Hub says of a model. `files` are those that a download fetches, with their sizes in bytes."""

    hub_id: str  # as it is called today
    revision: str
    files: dict[str, int]
    licence: str  # empty where its owner does not say
    gated: bool

    @property
    def bytes(self) -> int:
        return sum(self.files.values())


def asks_for_own_code(error: Exception) -> bool:
    """Whether transformers refused because a model brings its own code."""
    return "custom code" in str(error) or "trust_remote_code" in str(error)


def about(hub_id: str) -> HubModel:
    """What would be downloaded, asked of the Hub, which has five seconds; nothing is kept. Raises ModelError.

    Weights that are only pickled are taken from the Hub's own conversion of them, if there is one.
    """
    return _about(hub_id, int(time.monotonic() // REMEMBERED_SECONDS))


@lru_cache(maxsize=64)
def _about(hub_id: str, _: int) -> HubModel:
    from huggingface_hub import HfApi

    with clear_failures(hub_id):
        api = HfApi()
        info, revision = api.model_info(hub_id, files_metadata=True, timeout=HUB_TIMEOUT_SECONDS), "main"
        if not any(item.rfilename.endswith(".safetensors") for item in info.siblings or ()):
            revision = _converted(hub_id)
            info = api.model_info(hub_id, files_metadata=True, timeout=HUB_TIMEOUT_SECONDS, revision=revision)
    sizes = {item.rfilename: item.size or 0 for item in info.siblings or ()}
    licence = (info.card_data.get("license") if info.card_data else None) or ""
    return HubModel(
        hub_id=info.id,
        revision=revision,
        files={name: sizes[name] for name in wanted_files(sizes)},
        licence=licence if isinstance(licence, str) else ", ".join(map(str, licence)),
        gated=bool(info.gated),
    )


def wanted_files(names: Collection[str]) -> list[str]:
    """Of a model's files those that are read: its weights once, as safetensors, and what belongs to its tokenizer."""
    weights = [WEIGHTS] if WEIGHTS in names else [name for name in names if SHARD.fullmatch(name)]
    others = [name for name in names if "/" not in name and name.endswith(SUFFIXES)]
    rest = [name for name in others if not name.endswith((".safetensors", ".safetensors.index.json"))]
    return [*rest, *([INDEX] if INDEX in names and WEIGHTS not in names else []), *weights]


def from_hub(hub_id: str) -> str:
    """A local snapshot, downloaded if need be; the first answer has a time limit, a running download has none.

    Raises ModelError.
    """
    for _ in downloading(hub_id):
        pass
    folder = downloaded(hub_id)
    if folder is None:
        raise ModelError(NO_SAFETENSORS, source=hub_id, reason="no model.safetensors")
    return folder


def without_weights(hub_id: str) -> str:
    """A folder with all of a model but its weights: enough for its tokenizer. Raises ModelError."""
    from huggingface_hub import hf_hub_download

    model = about(hub_id)
    small = [name for name in model.files if not name.endswith(".safetensors")]
    if not all(_is_here(hub_id, name, model.revision) for name in small):
        for _ in fetched(hub_id, model.revision, small):
            pass
    with clear_failures(hub_id):
        config = hf_hub_download(hub_id, "config.json", revision=model.revision, local_files_only=True)
    return str(Path(config).parent)


def downloading(hub_id: str) -> Generator[tuple[Came, int], None, None]:
    """Download a model that is not here yet: what came so far, and how many bytes it is in all. Raises ModelError.

    Closing the iterator ends the download. A disk that is too small is refused before the first byte.
    """
    if downloaded(hub_id) is not None:
        return
    model = about(hub_id)
    if not any(name.endswith(".safetensors") for name in model.files):
        raise ModelError(NO_SAFETENSORS, source=hub_id, reason="no model.safetensors")
    here = sum(size for name, size in model.files.items() if _is_here(hub_id, name, model.revision))
    check_room(hub_id, model.bytes - here)
    with contextlib.closing(fetched(hub_id, model.revision, list(model.files), model.bytes)) as news:
        for came in news:
            yield Came(min(here + came.done, model.bytes), came.silent), model.bytes


def fetched(hub_id: str, revision: str, files: Sequence[str], needed: int = 0) -> Generator[Came, None, None]:
    """`download`, whose failures become a ModelError; `needed` bytes are all that the model takes."""
    with clear_failures(hub_id, needed):
        yield from download(hub_id, revision, files, FIRST_BYTE_SECONDS, PATIENCE_SECONDS)


def check_room(source: str, needed: int) -> None:
    """Raises ModelError where the disk of the Hub's cache has less than `needed` bytes free."""
    from huggingface_hub import constants

    place = Path(constants.HF_HUB_CACHE)
    while not place.exists():
        place = place.parent
    free = shutil.disk_usage(place).free
    if free < needed:
        raise ModelError(NO_ROOM, source=source, needed=needed, free=free)


def downloaded(hub_id: str) -> str | None:
    """A complete snapshot from an earlier download, of the model itself or of its conversion."""
    from huggingface_hub import get_cached_repo_tree, snapshot_download
    from huggingface_hub.errors import CachedRepoTreeNotFoundError, LocalEntryNotFoundError

    for revision in (None, *conversions(hub_id)):
        patterns = PATTERNS
        with contextlib.suppress(CachedRepoTreeNotFoundError):
            tree = get_cached_repo_tree(hub_id, revision=revision)
            patterns = wanted_files([item.path for item in tree])
        with contextlib.suppress(LocalEntryNotFoundError):
            folder = snapshot_download(hub_id, revision=revision, allow_patterns=patterns, local_files_only=True)
            if _is_whole(Path(folder)):
                return folder
    return None


def conversions(hub_id: str) -> list[str]:
    """The revisions with the Hub's conversions of a model of which something was downloaded."""
    from huggingface_hub import constants
    from huggingface_hub.file_download import repo_folder_name

    refs = Path(constants.HF_HUB_CACHE) / repo_folder_name(repo_id=hub_id, repo_type="model") / "refs"
    return [f"refs/pr/{ref.name}" for ref in sorted(refs.glob("refs/pr/*"))]


def _is_whole(folder: Path) -> bool:
    """Whether weights and configuration are there, all parts of them; other programs download files one by one."""
    if not (folder / "config.json").exists():
        return False
    if (folder / WEIGHTS).exists():
        return True
    shards = [SHARD.fullmatch(path.name) for path in folder.glob("*.safetensors")]
    counts = {int(found[0].partition("-of-")[2].removesuffix(".safetensors")) for found in shards if found}
    return counts == {len(shards)}


def _is_here(hub_id: str, name: str, revision: str) -> bool:
    from huggingface_hub import try_to_load_from_cache

    return isinstance(try_to_load_from_cache(hub_id, name, revision=revision), str)


def _converted(hub_id: str) -> str:
    """The revision with the Hub's conversion of pickled weights. Raises ModelError where there is none."""
    from huggingface_hub import HfApi

    for offer in HfApi().get_repo_discussions(hub_id, author=CONVERTER, discussion_type="pull_request"):
        if (
            offer.author == CONVERTER
            and offer.status == "open"
            and "safetensors" in offer.title
            and offer.git_reference
        ):
            return str(offer.git_reference)
    raise ModelError(NO_SAFETENSORS, source=hub_id, reason="only other formats on the Hub")


@contextlib.contextmanager
def clear_failures(hub_id: str, needed: int = 0) -> Iterator[None]:
    """Turn what the Hub's client raises into a ModelError."""
    from huggingface_hub.utils import httpx  # type: ignore[attr-defined]  # whichever client it brings

    try:
        yield
    except DownloadError as error:
        raise _said(hub_id, error.values, needed) from error
    except (OSError, ValueError, TypeError, KeyError, AttributeError, httpx.HTTPError) as error:
        raise _said(hub_id, failure_of(error), needed) from error


def _said(hub_id: str, failure: dict[str, Any], needed: int) -> ModelError:
    kind, reason, status = failure["kind"], str(failure.get("reason", "")), failure.get("status")
    if kind == "gated":
        return ModelError(GATED, source=hub_id)
    if kind == "missing":
        return ModelError(NOT_ON_HUB, source=hub_id)
    if status in (401, 403):
        return ModelError(REFUSED, source=hub_id, status=status)
    if status == 429:
        wait = str(failure.get("wait", ""))
        return ModelError(TOO_MANY_REQUESTS, source=hub_id, wait=wait if wait.isdecimal() else "60")
    if kind == "status":
        return ModelError(HUB_TROUBLE, source=hub_id, reason=f"HTTP {status}")
    if kind == "silent":
        late = failure.get("done", 0) > 0
        seconds = PATIENCE_SECONDS if late else HUB_TIMEOUT_SECONDS
        included = ", ".join(name for name, card in MODELS.items() if card.included)
        return ModelError(BROKEN_OFF if late else NO_HUB, source=hub_id, seconds=seconds, included=included)
    if kind == "disk" and failure["errno"] in FULL:
        return ModelError(DISK_FILLED, source=hub_id, needed=needed)
    if kind == "disk":
        return ModelError(CANNOT_WRITE, source=hub_id, reason=os.strerror(failure["errno"]))
    return ModelError(HUB_TROUBLE, source=hub_id, reason=without_folders(reason))
