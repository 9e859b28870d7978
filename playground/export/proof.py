"""What an export says of itself, in proof.json beside its files: enough to execute it again and to tell what differs.

Its seals are hashes, not signatures: they show what was changed since, not who wrote it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path, PurePath
from typing import Annotated, Any, Literal

from pydantic import Field, TypeAdapter, ValidationError

from playground.config import RunConfig
from playground.errors import RunError
from playground.export.parts import Part, part_of
from playground.files import sha256_of, write_atomically
from playground.texts import Text

NAME = "proof.json"
FORMAT = 1
LOSS = "held-out loss"  # the name of a score
MAX_BYTES = 8_000_000
# Of a stranger's proof: what is executed again costs no more than what was written here.
MAX_PROMPTS, MAX_TOKENS, MAX_CONTINUATION, MAX_NEW_TOKENS = 16, 16_384, 64, 1024
WITHOUT_PROOF = Text(
    "{name} is no export: there is no proof.json in it. Give a folder or zip that `export` wrote.",
    "{name} não é uma exportação: não há um proof.json em seu conteúdo. Dê uma pasta ou zip que `export` gravou.",
)
NO_PROOF = Text(
    "{name} is no export: it has no proof.json that can be read ({reason}). Give a folder or zip that `export` wrote.",
    "{name} não é uma exportação: não tem um proof.json legível ({reason}). Dê uma pasta ou zip que `export` gravou.",
)
Dtype = Literal["float32", "bfloat16"]
Where = Literal["inside", "package", "hub", "folder"]


@dataclass(frozen=True, kw_only=True)
class Base:
    """Which base an adapter was trained on.

    inside: it lies in the export, in base/. package: `file` of the Python package `package`, which is a file of the
    Hub's `repository` as well; its weights are rounded to `dtype` once loaded. hub: of the Hub id `name`. folder: a
    folder called `name`, which whoever has the export must have too. `hub_id` is what the adapter's own file names,
    where that are other weights. `sha256` is that of the one weight file; of several, that of the list of theirs.
    """

    name: str
    where: Where
    file: str
    sha256: str
    hub_id: str = ""
    package: str = ""
    repository: str = ""
    dtype: Dtype = "float32"
    quantization: Literal["nf4", "int8"] | None = None
    double_quant: bool = True


@dataclass(frozen=True, kw_only=True)
class Asked:
    """One held-out example as the trained model took it.

    `prompt`: `messages` of a chat, or `text`; of a translation also the tokens that name its languages. `input_ids` are
    its tokens, `continuation` those of the answer that is expected. `answer` is the greedy one, of at most
    `max_new_tokens`. `logits` are those of the token ids in `places`, for the first and the last token of
    `continuation`.
    """

    prompt: dict[str, Any]
    input_ids: Annotated[list[int], Field(min_length=1, max_length=MAX_TOKENS)]
    continuation: Annotated[list[int], Field(min_length=1, max_length=MAX_CONTINUATION)]
    max_new_tokens: Annotated[int, Field(ge=1, le=MAX_NEW_TOKENS)]
    answer: str
    places: list[list[int]]
    logits: list[list[float]]


@dataclass(frozen=True, kw_only=True)
class ScoreLine:
    """One score of base and adapter on the held-out examples; `low` and `high`: 95 % interval of the difference."""

    name: str
    signature: str
    examples: int
    base: float
    adapter: float
    low: float
    high: float


@dataclass(frozen=True, kw_only=True)
class Conversion:
    """How far what was taken away is from what was trained, on held-out examples.

    `kl` is from the trained model, per label token, in nats; None where the engine tells no probabilities. `change` is
    that of the `score` (the converted less the trained), `low` and `high` its 95 % interval.
    """

    kl: float | None
    score: str
    trained: float
    change: float
    low: float
    high: float
    examples: int


@dataclass(frozen=True, kw_only=True)
class Proof:
    """`files`: the SHA-256 of every other file of the export. `seals`: those of the sections of this one."""

    kind: str
    run: dict[str, Any]
    made: str
    task: str
    dtype: Dtype
    method: str
    base: Base
    data: dict[str, Any]
    config: dict[str, Any]
    versions: dict[str, str]
    prompts: Annotated[list[Asked], Field(max_length=MAX_PROMPTS)]
    scores: list[ScoreLine]
    conversion: Conversion | None = None
    facts: dict[str, Any] = field(default_factory=dict)
    files: dict[str, str] = field(default_factory=dict)
    format: int = FORMAT
    seals: dict[str, str] = field(default_factory=dict)

    def broken_seals(self) -> list[str]:
        """The sections that were changed since."""
        return [name for name, seal in _seals(self).items() if self.seals.get(name) != seal]

    def broken_files(self, folder: Path) -> dict[Part, list[str]]:
        """The files that are missing or were changed since, by what part of the export they are."""
        found: dict[Part, list[str]] = {}
        for name, expected in self.files.items():
            if not _is_as_said(folder, name, expected):
                found.setdefault(part_of(name), []).append(name)
        return found


def _is_as_said(folder: Path, name: str, expected: str) -> bool:
    """Of a stranger's proof: no other file of this machine is read, however long that would take."""
    try:
        path = (folder / name).resolve()
        return path.is_relative_to(folder.resolve()) and path.is_file() and sha256_of(path) == expected
    except (OSError, ValueError):  # no file can have this name: too long, or with a zero in it
        return False


def seal(proof: dict[str, Any], folder: Path) -> Proof:
    """The proof of what lies in `folder` by now, written there."""
    names = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())
    made = Proof(**proof, files={name: sha256_of(folder / name) for name in names if name != NAME})
    sealed = Proof(**{**vars(made), "seals": _seals(made)})
    write_atomically(folder / NAME, json.dumps(asdict(sealed), indent=1, ensure_ascii=False) + "\n")
    (folder / NAME).chmod(0o644)  # whoever serves the folder is another user
    return sealed


def read_proof(folder: Path, called: str | None = None) -> Proof:
    """Untrusted; `called` is what its reader knows the folder by, where that is not its own name.

    Raises RunError for a folder that has none, and for one that is not what `export` writes.
    """
    path, name = folder / NAME, (called or folder.name or str(folder))[-80:]
    try:
        if path.stat().st_size > MAX_BYTES:
            raise ValueError(f"{path.stat().st_size} bytes")
        found = TypeAdapter(Proof).validate_json(path.read_bytes())
    except FileNotFoundError as error:
        raise RunError(WITHOUT_PROOF, name=name) from error
    except (OSError, ValidationError, ValueError, RecursionError) as error:
        raise RunError(NO_PROOF, name=name, reason=type(error).__name__) from error
    if found.format != FORMAT:
        raise RunError(NO_PROOF, name=name, reason=f"format {found.format}")
    return found


def data_hash(examples: Mapping[str, Any]) -> str:
    """Of the examples of each part of the data, in their order: what was said, and what was to be answered."""
    digest = hashlib.sha256()
    for part, rows in examples.items():
        digest.update(part.encode())
        for example in rows:
            line = [[list(message) for message in example.messages], example.completion, example.languages]
            digest.update(json.dumps(line, ensure_ascii=True).encode() + b"\n")
    return digest.hexdigest()


def shown_config(config: RunConfig) -> dict[str, Any]:
    """A run's settings, of a model or file of this machine the name alone."""
    values = config.model_dump(mode="json")
    values["base_model"] = _name_of(config.base_model)
    for name in ("dataset", "target_file"):
        if values["data"].get(name):
            values["data"][name] = _name_of(values["data"][name])
    return values


def _name_of(source: str) -> str:
    return PurePath(source).name if PurePath(source).is_absolute() else source


def _seals(proof: Proof) -> dict[str, str]:
    sections = {name: value for name, value in asdict(proof).items() if name != "seals"}
    return {name: _digest(value) for name, value in sections.items()}


def _digest(value: Any) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True, ensure_ascii=True).encode()).hexdigest()
