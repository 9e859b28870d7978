"""A model's files from the Hub: what is allowed in, and what is said when it does not come."""

from __future__ import annotations

import contextlib
from pathlib import Path

from playground.errors import ModelError
from playground.files import is_disk_full
from playground.texts import Text

HUB_TIMEOUT_SECONDS = 5.0  # the promise is a clear answer within 10, importing the client included
CONVERTER = "SFconvertbot"  # the Hub's own account that offers older models' weights as safetensors, by pull request
PATTERNS = ["*.json", "*.safetensors", "*.model", "*.spm", "*.txt", "*.jinja"]  # never a pickle, never code

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
    "Check the connection, or pick smollm2-135m-instruct or m2m100-mini, which need none.",
    "O Hub não respondeu em {seconds:.0f} segundos, e {source} não está nesta máquina. "
    "Verifique a conexão, ou escolha smollm2-135m-instruct ou m2m100-mini, que não precisam dela.",
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
HUB_TROUBLE = Text(
    "The Hub answered, but could not give {source} ({reason}). Try again in a few minutes.",
    "O Hub respondeu, mas não conseguiu fornecer {source} ({reason}). Tente de novo em alguns minutos.",
)


def asks_for_own_code(error: Exception) -> bool:
    """Whether transformers refused because a model brings its own code."""
    return "custom code" in str(error) or "trust_remote_code" in str(error)


def from_hub(hub_id: str) -> str:
    """A local snapshot, downloaded if need be. The first request has a time limit; a running download has none.

    Weights that are only pickled are taken from the Hub's own conversion of them, if there is one.
    Raises ModelError; an OSError for a full disk passes through.
    """
    from huggingface_hub import HfApi, snapshot_download
    from huggingface_hub.errors import GatedRepoError, HfHubHTTPError, RepositoryNotFoundError
    from huggingface_hub.utils import httpx  # type: ignore[attr-defined]  # whichever client it brings

    found = downloaded(hub_id)
    if found is not None:
        return found
    try:
        files = [item.rfilename for item in HfApi().model_info(hub_id, timeout=HUB_TIMEOUT_SECONDS).siblings or ()]
        revision = None if any(name.endswith(".safetensors") for name in files) else _converted(hub_id)
        return snapshot_download(hub_id, revision=revision, allow_patterns=PATTERNS)
    except GatedRepoError as error:
        raise ModelError(GATED, source=hub_id) from error
    except RepositoryNotFoundError as error:
        raise ModelError(NOT_ON_HUB, source=hub_id) from error
    except HfHubHTTPError as error:
        status = error.response.status_code
        if status in (401, 403):
            raise ModelError(REFUSED, source=hub_id, status=status) from error
        raise ModelError(HUB_TROUBLE, source=hub_id, reason=f"HTTP {status}") from error
    except (OSError, httpx.HTTPError) as error:
        if is_disk_full(error):
            raise
        raise ModelError(NO_HUB, source=hub_id, seconds=HUB_TIMEOUT_SECONDS) from error
    except (ValueError, TypeError, KeyError) as error:  # a proxy's page in place of the Hub's answer
        raise ModelError(HUB_TROUBLE, source=hub_id, reason=type(error).__name__) from error


def downloaded(hub_id: str) -> str | None:
    """A complete snapshot from an earlier download, of the model itself or of its conversion."""
    from huggingface_hub import constants, snapshot_download
    from huggingface_hub.errors import LocalEntryNotFoundError
    from huggingface_hub.file_download import repo_folder_name

    refs = Path(constants.HF_HUB_CACHE) / repo_folder_name(repo_id=hub_id, repo_type="model") / "refs"
    for revision in (None, *(f"refs/pr/{ref.name}" for ref in sorted(refs.glob("refs/pr/*")))):
        with contextlib.suppress(LocalEntryNotFoundError):
            folder = snapshot_download(hub_id, revision=revision, allow_patterns=PATTERNS, local_files_only=True)
            if any(Path(folder).glob("*.safetensors")) and (Path(folder) / "config.json").exists():
                return folder
    return None


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
