"""One run taken away as one kind: written beside its place, executed in a process of its own, and only then there."""

from __future__ import annotations

import shutil
import tempfile
import time
from collections.abc import Callable, Generator, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from playground.catalog.resolve import task_of
from playground.environment import PACKAGES, installed_version
from playground.errors import RunError, reason_of
from playground.export.agreement import Agreement, Result, agreement
from playground.export.archive import packed
from playground.export.evidence import take_evidence
from playground.export.fidelity import loss_score
from playground.export.kept_evidence import evidence_of
from playground.export.kinds import Kind, Written, kind_named
from playground.export.own_process import ExecutionStopped, execute
from playground.export.papers.readme import write_readme
from playground.export.place import base_elsewhere
from playground.export.proof import Asked, Conversion, Proof, ScoreLine, data_hash, seal, shown_config
from playground.export.steps import Step, Steps, T
from playground.export.taken import Taken
from playground.files import TEMPORARY, is_disk_full, sync_folder
from playground.runs.folder import RunFolder
from playground.texts import Language, Text

NOT_THE_SAME = Text(
    "What was written does not say what was trained: in a process of its own {answers} of {of} answers are equal, and"
    " logits differ by up to {difference}. Nothing was kept. Please report it with the run's settings.",
    "O que foi gravado não diz o que foi treinado: em um processo à parte {answers} de {of} respostas são iguais, e os"
    " logits diferem em até {difference}. Nada foi guardado. Por favor relate isso com as configurações da execução.",
)
IS_THERE = Text(
    "{name} is already there. Remove it, or choose another folder.",
    "{name} já existe. Remova-o ou escolha outra pasta.",
)
NOT_WRITTEN = Text(
    "{name} cannot be written ({reason}). Nothing was kept. Choose another folder, or free some space.",
    "{name} não pode ser gravado ({reason}). Nada foi guardado. Escolha outra pasta ou libere espaço.",
)


@dataclass(frozen=True, kw_only=True)
class Exported:
    """`verified`: an execution elsewhere said what the trained model says."""

    path: Path
    kind: str
    verified: bool
    bytes: int
    seconds: float
    result: Result
    answers: int
    of: int
    largest_logit_difference: float | None
    conversion: Conversion | None


def export(
    folder: RunFolder,
    kind_name: str,
    to: Path,
    should_stop: Callable[[], bool] = lambda: False,
    *,
    as_file: bool = False,
    language: Language = "en",
) -> Generator[Step | Exported, None, None]:
    """What is being done, and last what was written into `to`, which is made if need be; `as_file`: packed in any case.

    After a stop nothing more comes. `language` is that of whoever reads what is written for people.

    Raises RunError for a kind that the run cannot be taken away as, for a place that is taken and for a full disk;
    ModelError and DataError as the run's base and data do. Nothing half-written is left.
    """
    kind, taken = fitting_kind(kind_name, folder), Taken(folder, language, should_stop)
    started = time.monotonic()
    is_packed = kind.is_packed or as_file
    target = to / f"{folder.run_id}-{kind.name}{'.zip' if is_packed else ''}"
    if target.exists():
        raise RunError(IS_THERE, name=target.name)
    with _beside(target) as place:
        try:
            yield Step("measuring")
            trained = yield from _unless_stopped(evidence_of(taken, partial(measure, taken)), should_stop)
            yield Step("writing")
            written = yield from _unless_stopped(kind.writer.write(taken, place), should_stop)
            write_readme(place, folder.name, taken.config, as_lora=kind.name == "lora")
            asked = trained.prompts if written.prompts is None else written.prompts
            proof = seal(_said(taken, kind, written, asked, trained.scores), place)
            yield Step("executing")
            found = check(place, kind, proof, taken)
        except ExecutionStopped:
            return
        yield Step("packing")
        if is_packed:
            packed(place, target)
        else:
            place.chmod(0o755)
            place.rename(target)
            sync_folder(target.parent)
    yield Exported(
        path=target,
        kind=kind.name,
        verified=True,
        bytes=sum(path.stat().st_size for path in [target, *target.rglob("*")] if path.is_file()),
        seconds=time.monotonic() - started,
        result=found.result,
        answers=found.answers,
        of=found.of,
        largest_logit_difference=found.largest_logit_difference,
        conversion=proof.conversion,
    )


def fitting_kind(name: str, folder: RunFolder) -> Kind:
    """Raises RunError for one that there is not, and for one as which the run cannot be taken away."""
    kind = kind_named(name)
    if refused := kind.writer.refusal(folder.config):
        raise RunError(refused)
    return kind


def _unless_stopped(steps: Steps[T], should_stop: Callable[[], bool]) -> Steps[T]:
    """Each step, as long as nobody asks to stop. Raises ExecutionStopped."""
    with closing(steps):
        while True:
            if should_stop():
                raise ExecutionStopped
            try:
                step = next(steps)
            except StopIteration as ended:
                return ended.value
            yield step


def measure(taken: Taken) -> Steps[tuple[list[Asked], list[ScoreLine]]]:
    """What the trained model says to ten held-out examples, and its held-out loss beside the base's; in float32."""
    with taken.adapted() as (base, model):
        asked = yield from take_evidence(taken, base, model)
        score = yield from loss_score(base, model, taken.items(base))
        return asked, [score]


def check(place: Path, kind: Kind, proof: Proof, taken: Taken) -> Agreement:
    """Raises RunError where an execution elsewhere says something else than the trained model."""
    base = base_elsewhere(proof.base, taken.config.base_model)
    said = execute(kind.runner, place, *base, should_stop=taken.should_stop)
    found = agreement(proof.prompts, said)
    if found.result == "different":
        difference = "?" if found.largest_logit_difference is None else f"{found.largest_logit_difference:.2g}"
        raise RunError(NOT_THE_SAME, answers=found.answers, of=found.of, difference=difference)
    return found


def _said(taken: Taken, kind: Kind, written: Written, prompts: list[Asked], scores: list[ScoreLine]) -> dict[str, Any]:
    """Everything of a proof but the files."""
    folder, split = taken.folder, taken.split
    return {
        "kind": kind.name,
        "run": {"run_id": folder.run_id, "name": folder.name},
        "made": datetime.now(UTC).isoformat(timespec="seconds"),
        "task": task_of(taken.config),
        "dtype": "float32",
        "method": taken.config.method.method,
        "base": taken.base,
        "data": {
            "training": data_hash({"train": split.train}),
            "held_out": data_hash({"held_out": split.held_out}),
            "training_examples": len(split.train),
            "held_out_examples": len(split.held_out),
        },
        "config": shown_config(taken.config),
        "versions": {name: found for name in PACKAGES if (found := installed_version(name))},
        "prompts": prompts,
        "scores": scores,
        "conversion": written.conversion,
        "facts": dict(written.facts),
    }


@contextmanager
def _beside(target: Path) -> Iterator[Path]:
    """A hidden folder to fill, gone afterwards unless it was moved. Raises RunError for a disk that takes no more."""
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        place = Path(tempfile.mkdtemp(dir=target.parent, prefix=f".{target.name}.", suffix=TEMPORARY))
    except OSError as error:
        raise RunError(NOT_WRITTEN, name=target.name, reason=reason_of(error)) from error
    try:
        yield place
    except Exception as error:
        if isinstance(error, OSError) or is_disk_full(error):
            raise RunError(NOT_WRITTEN, name=target.name, reason=reason_of(error)) from error
        raise
    finally:
        shutil.rmtree(place, ignore_errors=True)
