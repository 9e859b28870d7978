"""An adapter and its card, sent to the Hub; what arrived is brought back and compared.

The token is a parameter all the way: it is never kept, logged, or part of an error, whose causes are dropped because
some of them (a header that cannot be sent) repeat it.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from playground.catalog.resolve import HUB_ID
from playground.errors import PlaygroundError, RunError, cut
from playground.files import sha256_of
from playground.texts import Text

TOKEN_VARIABLE = "HF_TOKEN"
TOKEN_SHAPE = re.compile(r"[\x21-\x7e]{8,500}")  # what a header can carry
SENT = ("*.json", "*.safetensors", "*.md", "*.txt", "*.model", "*.spm", "*.jinja")
SUMMARY = "Adapter of a run of PEFT Playground"

BAD_ID = Text(
    "{repo_id} is no name of a repository. Write it as owner/name, with letters, digits, - _ and . in both.",
    "{repo_id} não é um nome de repositório. Escreva dono/nome, com letras, dígitos, - _ e . nas duas partes.",
)
NO_TOKEN = Text(
    "A token that may write is needed: type one, or set HF_TOKEN where the app starts. The Hub makes them in its"
    " settings, under Access Tokens.",
    "É preciso um token que possa escrever: digite um, ou defina HF_TOKEN onde o aplicativo é iniciado. O Hub cria"
    " tokens nas suas configurações, em Access Tokens.",
)
OWN_TOKEN = Text(
    "Type a token of your own: the one of this machine is its owner's. The Hub makes tokens in its settings, under"
    " Access Tokens.",
    "Digite um token seu: o desta máquina é do dono dela. O Hub cria tokens nas suas configurações, em Access Tokens.",
)
BAD_TOKEN = Text(
    "This is no token: it has {length} characters, or some that none has. Copy it again from the Hub's settings.",
    "Isto não é um token: tem {length} caracteres, ou alguns que nenhum tem. Copie de novo das configurações do Hub.",
)
REFUSED = Text(
    "The Hub refused the token for {repo_id} (HTTP {status}). Use one that may write there, and check the owner's"
    " name.",
    "O Hub recusou o token para {repo_id} (HTTP {status}). Use um que possa escrever ali, e confira o nome do dono.",
)
IS_PUBLIC = Text(
    "{repo_id} exists already and everybody can see it, but a private one was asked for. Choose another name, or say"
    " that it may be public.",
    "{repo_id} já existe e todos podem ver, mas foi pedido um privado. Escolha outro nome, ou diga que pode ser"
    " público.",
)
NO_ANSWER = Text(
    "The Hub did not answer ({reason}). Check the connection and try again; what was not sent whole is not there.",
    "O Hub não respondeu ({reason}). Verifique a conexão e tente de novo; o que não foi enviado inteiro não está lá.",
)
NO_HUB = Text(
    "What answered is no Hub ({reason}). Check HF_ENDPOINT, and whether a login page of the network is in between.",
    "O que respondeu não é um Hub ({reason}). Confira HF_ENDPOINT, e se há uma página de login da rede no caminho.",
)
TROUBLE = Text(
    "The Hub did not take {repo_id} (HTTP {status}). Try again in a few minutes.",
    "O Hub não aceitou {repo_id} (HTTP {status}). Tente de novo em alguns minutos.",
)
CARD_REFUSED = Text(
    "The Hub refused the card's metadata. Send the adapter without it, and write the card on the Hub.",
    "O Hub recusou os metadados do cartão. Envie o adaptador sem ele, e escreva o cartão no Hub.",
)
OTHER_FILES = Text(
    "The Hub has other files than those that were sent: {names}. Send them again.",
    "O Hub tem arquivos diferentes dos enviados: {names}. Envie de novo.",
)


@dataclass(frozen=True)
class Token:
    """A secret that shows itself to nobody who prints it."""

    value: str = field(repr=False)

    def __post_init__(self) -> None:
        if not TOKEN_SHAPE.fullmatch(self.value):
            raise RunError(BAD_TOKEN, length=len(self.value))


@dataclass(frozen=True, kw_only=True)
class Pushed:
    """What lies on the Hub now: `files` with their SHA-256, as they came back from there."""

    repo_id: str
    url: str
    commit: str
    is_private: bool
    files: dict[str, str]


def token_of(typed: str, *, is_owner: bool, environment: Mapping[str, str] = os.environ) -> Token:
    """The token that was typed, else the machine's own, which only its owner may use. Raises RunError."""
    if typed.strip():
        return Token(typed.strip())
    if not is_owner:
        raise RunError(OWN_TOKEN)
    found = environment.get(TOKEN_VARIABLE, "").strip()
    if not found:
        raise RunError(NO_TOKEN)
    return Token(found)


def check_repo_id(repo_id: str) -> str:
    """The name as the Hub takes it. Raises RunError."""
    name = repo_id.strip()
    if not HUB_ID.fullmatch(name) or "--" in name or ".." in name:
        raise RunError(BAD_ID, repo_id=repr(cut(name, 80)))
    return name


def push(folder: Path, repo_id: str, token: Token, *, private: bool = True) -> Pushed:
    """Send the files of `folder` to a repository, made if there is none; back they come, and are compared.

    Raises RunError. A repository that everybody sees is added to only where `private` is false.
    """
    name = check_repo_id(repo_id)
    try:
        return _pushed(folder, name, token, private=private)
    except PlaygroundError:
        raise
    except Exception as error:  # noqa: BLE001 - whatever it is, it may repeat the token and goes no further
        failure = _failure(error, name)
    raise failure


def _pushed(folder: Path, name: str, token: Token, *, private: bool) -> Pushed:
    from huggingface_hub import HfApi

    api = HfApi(token=token.value)
    url = api.create_repo(name, private=private, exist_ok=True)
    is_private = bool(api.repo_info(name).private)
    if private and not is_private:
        raise RunError(IS_PUBLIC, repo_id=name)
    done = api.upload_folder(repo_id=name, folder_path=folder, allow_patterns=list(SENT), commit_message=SUMMARY)
    wanted = _hashes(folder)
    with TemporaryDirectory() as place:
        api.snapshot_download(name, revision=done.oid, local_dir=place, allow_patterns=list(wanted))
        found = _hashes(Path(place))
    if other := sorted(path for path, digest in wanted.items() if found.get(path) != digest):
        raise RunError(OTHER_FILES, names=", ".join(other))
    return Pushed(repo_id=name, url=str(url), commit=str(done.oid), is_private=is_private, files=wanted)


def _hashes(folder: Path) -> dict[str, str]:
    paths = sorted({path for pattern in SENT for path in folder.glob(pattern) if path.is_file()})
    return {path.name: sha256_of(path) for path in paths}


def _failure(error: BaseException, name: str) -> RunError:
    """What to say of what a library raised: by its kind alone, never by its words."""
    from huggingface_hub.errors import HfHubHTTPError, HFValidationError
    from huggingface_hub.utils import httpx  # type: ignore[attr-defined]  # whichever client it brings

    reason: dict[str, Any] = {"reason": type(error).__name__}
    if isinstance(error, HFValidationError):
        return RunError(BAD_ID, repo_id=repr(name))
    if isinstance(error, HfHubHTTPError):
        status = error.response.status_code
        if status == 404:
            return RunError(NO_HUB, reason="HTTP 404")
        return RunError(REFUSED if status in (401, 403) else TROUBLE, repo_id=name, status=status)
    cause = error.__cause__ or error.__context__
    if isinstance(error, ConnectionError | TimeoutError | httpx.HTTPError):
        return RunError(NO_ANSWER, **reason)
    if isinstance(cause, HfHubHTTPError) and cause.response.status_code == 400:
        return RunError(CARD_REFUSED)
    if cause is not None and isinstance(cause, HfHubHTTPError | httpx.HTTPError | ConnectionError):
        return _failure(cause, name)
    return RunError(NO_HUB, **reason)
