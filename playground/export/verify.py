"""An export of anybody's, executed again: does it still say what its proof says? None of its code is run."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from playground.errors import ModelError, RunError
from playground.export.agreement import Agreement, Result, agreement
from playground.export.archive import MAX_BYTES, unpacked
from playground.export.headers.engine_files import check_ctranslate2, check_gguf
from playground.export.headers.safetensors_file import tensors_in
from playground.export.kinds import KINDS
from playground.export.own_process import ExecutionError, execute
from playground.export.parts import Part
from playground.export.place import found_base, is_the_base
from playground.export.proof import NO_PROOF, Proof, read_proof

# Of several parts that differ, the one that explains most comes first.
ORDER: tuple[Part, ...] = (
    "base", "tokenizer", "template", "weights", "config", "scores", "data", "code", "papers", "proof"
)  # fmt: skip
# Of the proof's own sections: what they are about.
SECTIONS: dict[str, Part] = {
    "scores": "scores",
    "conversion": "scores",
    "data": "data",
    "config": "config",
    "base": "base",
}
# Which libraries would take in place of safetensors that are missing; no export has them.
PICKLES = ("adapter_model.bin", "pytorch_model.bin")
# What is looked at before a library believes it.
HEADERS: dict[str, Callable[[Path], object]] = {
    "*.safetensors": tensors_in, "*.gguf": check_gguf, "model.bin": check_ctranslate2,
}  # fmt: skip
# Of the program that executes it: libraries, and every weight several times over, in float32.
LIBRARIES_MEMORY, MEMORY_A_BYTE = 4 * 2**30, 10
NOTHING_EXECUTED = Agreement(result="different", largest_logit_difference=None)


@dataclass(frozen=True, kw_only=True)
class Verified:
    """`changed`: the files that are not what they were; `executed`: whether the model could be asked again."""

    kind: str
    name: str
    result: Result
    largest_logit_difference: float | None
    blame: Part | Literal[""]
    answers: int
    of: int
    changed: tuple[str, ...]
    executed: bool


def verify(
    path: Path, base: Path | None = None, *, limit: int = MAX_BYTES, should_stop: Callable[[], bool] = lambda: False
) -> Verified:
    """Of a folder or zip. `base` is the folder of a base that is not found by its name.

    Raises RunError for what is no export, and where its base is not here.
    """
    with unpacked(path, limit) as folder:
        proof = read_proof(folder, path.name)
        if proof.kind not in KINDS:
            raise RunError(NO_PROOF, name=path.name[-80:], reason=f"kind {proof.kind[:40]!r}")
        broken = proof.broken_files(folder)
        changed = tuple(name for names in broken.values() for name in names)
        blamed: set[Part] = {*broken, *(SECTIONS.get(name, "proof") for name in proof.broken_seals())}
        if KINDS[proof.kind].is_asked and not proof.prompts:  # a model that is asked nothing shows nothing
            blamed.add("proof")
        place = found_base(proof.base, base)
        if place is not None and not is_the_base(proof.base, place):
            blamed.add("base")
        found, executed = _asked_again(folder, proof, place, should_stop)
        if not executed and not blamed:
            blamed.add("weights")
        first = next((part for part in ORDER if part in blamed), found.blame)
        return Verified(
            kind=proof.kind,
            name=str(proof.run.get("name", ""))[:120],
            result="different" if blamed else found.result,
            largest_logit_difference=found.largest_logit_difference,
            blame=first,
            answers=found.answers,
            of=found.of,
            changed=changed,
            executed=executed,
        )


def _names_a_module(folder: Path) -> bool:
    """Whether the adapter's settings have PEFT import a module of their choice; no export's have."""
    try:
        settings = json.loads((folder / "adapter_config.json").read_bytes())
    except (OSError, ValueError, RecursionError):  # none, or none that PEFT could read
        return False
    return not isinstance(settings, dict) or bool(settings.get("megatron_config"))


def _asked_again(
    folder: Path, proof: Proof, place: Path | None, should_stop: Callable[[], bool]
) -> tuple[Agreement, bool]:
    """What it says now, and whether it could be asked at all: what was cut off may not even load."""
    more = [str(place.absolute())] if place is not None and place.is_dir() else []
    if any((folder / name).exists() for name in PICKLES) or _names_a_module(folder):
        return replace(NOTHING_EXECUTED, of=len(proof.prompts)), False
    try:
        for pattern, check in HEADERS.items():
            for path in folder.rglob(pattern):
                check(path)
        said = execute(
            KINDS[proof.kind].runner, folder, *more, should_stop=should_stop, most_memory=_most_memory(folder, place)
        )
    except (ExecutionError, ModelError):
        return replace(NOTHING_EXECUTED, of=len(proof.prompts)), False
    return agreement(proof.prompts, said, KINDS[proof.kind].tolerance), True


def _most_memory(folder: Path, place: Path | None) -> int:
    """Whatever the settings of an export claim its model to be, it is made of these files."""
    paths = [*folder.rglob("*"), *([] if place is None else [place, *place.rglob("*")])]
    return LIBRARIES_MEMORY + MEMORY_A_BYTE * sum(path.stat().st_size for path in paths if path.is_file())
