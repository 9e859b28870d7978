"""What a run tells its readers, one event a line in `events.jsonl`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import MISSING, asdict, dataclass, fields
from functools import cache
from typing import Any, Literal, TypeGuard, get_args, get_type_hints

from pydantic import BaseModel, ConfigDict, ValidationError, create_model

Stage = Literal["reading_data", "downloading", "loading_model", "encoding", "attaching", "training", "saving"]
Ending = Literal["finished", "stopped", "failed"]


@dataclass(frozen=True, kw_only=True)
class StageChanged:
    """The run entered a stage."""

    stage: Stage


@dataclass(frozen=True, kw_only=True)
class Downloading:
    """How far the base model's download is; files that were here before count as done."""

    done_bytes: int
    total_bytes: int
    seconds: float  # since it began
    silent_seconds: float  # for how long nothing has come


@dataclass(frozen=True, kw_only=True)
class Resumed:
    """The run goes on from a checkpoint after `step`; from its start (0) where none of the `damaged` ones is whole."""

    step: int
    damaged: int  # newer checkpoints that could not be read


@dataclass(frozen=True, kw_only=True)
class RunStarted:
    """The run's fixed facts, known just before the first step."""

    total_steps: int
    trainable_parameters: int
    total_parameters: int
    device: str
    dtype: str
    dtype_reason: str
    train_examples: int
    eval_examples: int
    dropped_examples: int
    truncated_examples: int
    base_bytes: int = 0  # the base's weights in memory
    left_out: dict[str, int] | None = None  # rows of the data, by their reason in data/left_out.py
    base_sha256: str = ""  # of their file
    shuffled_answers: bool = False  # of the training examples: the run is a control
    is_streamed: bool = False  # training examples are counted by the first rows; all others come while it trains
    other_base: list[str] | None = None  # a `Text`, as JSON has it: a run goes on with other weights than it began with


@dataclass(frozen=True, kw_only=True)
class RowsSkipped:
    """Of the `rows` of a large file that were read by `step`, `count` could not be, and were passed over."""

    step: int
    rows: int
    count: int
    places: list[int]  # of the first of them
    reason: list[str]  # of the first, a `Text`, as JSON has it


@dataclass(frozen=True, kw_only=True)
class StepLogged:
    """One optimizer step. `loss` is the task loss (no penalty), mean over label tokens."""

    step: int
    loss: float
    learning_rate: float
    grad_norm: float
    tokens_per_second: float
    examples_per_second: float
    memory_bytes: int
    seconds: float  # since the first step began
    active_rank: int | None = None  # AdaLoRA: ranks still in use, over all layers


@dataclass(frozen=True, kw_only=True)
class EvalLogged:
    """The held-out split; step 0 is the base model without adapter."""

    step: int
    loss: float
    perplexity: float
    seconds: float


@dataclass(frozen=True, kw_only=True)
class SampleLogged:
    """The answer to one held-out prompt; at step 0 `adapter` is empty, as there is none yet."""

    step: int
    prompt: str
    reference: str
    base: str
    adapter: str


@dataclass(frozen=True, kw_only=True)
class ScoreLogged:
    """Greedy translations of held-out sentences (the data set's own, and a fixed general set); step 0 is the base.

    Scores are sacrebleu's, 0 to 100; None where the general set does not have these languages.
    """

    step: int
    sentences: int
    chrf: float
    bleu: float
    general_sentences: int
    general_chrf: float | None
    general_bleu: float | None
    seconds: float


@dataclass(frozen=True, kw_only=True)
class ChangeLogged:
    """How far the adapter has gone from its base by `step`.

    `kl` is KL(base ‖ adapter) in nats, the mean over `kl_tokens` label tokens of held-out examples. `relative` is
    ‖ΔW‖ / ‖W‖ (Frobenius), a row a layer, in it a column a module, None where there is none; empty where it was not
    measured. `ranks`, of the same shape, are AdaLoRA's ranks in use.
    """

    step: int
    kl: float | None
    kl_tokens: int
    layers: list[str]
    modules: list[str]
    relative: list[list[float | None]]
    ranks: list[list[int | None]] | None
    seconds: float


@dataclass(frozen=True, kw_only=True)
class RunFinished:
    """`reason` (English, and Portuguese) is empty unless failed."""

    status: Ending
    reason: str
    reason_pt: str = ""  # which the first versions did not write
    steps: int
    best_step: int
    eval_loss_base: float | None
    eval_loss: float | None
    train_loss: float | None
    seconds: float
    examples_per_second: float
    peak_memory_bytes: int
    skipped_rows: int = 0  # of a large file, which could not be read
    memory_above_base_bytes: int = 0  # highest since just before the adapter was attached, less what was in use then


Event = (
    StageChanged
    | Downloading
    | Resumed
    | RunStarted
    | RowsSkipped
    | StepLogged
    | EvalLogged
    | SampleLogged
    | ScoreLogged
    | ChangeLogged
    | RunFinished
)
KINDS: dict[str, type[Event]] = {kind.__name__: kind for kind in get_args(Event)}


def to_values(event: Event) -> dict[str, Any]:
    return {"event": type(event).__name__, **asdict(event)}


def is_well_formed(values: Any) -> TypeGuard[dict[str, Any]]:
    """Whether `values`, of a line that a kill may have damaged, are an event with all that readers rely on."""
    if not isinstance(values, dict) or not isinstance(values.get("event"), str) or values["event"] not in KINDS:
        return False
    try:
        _checker(values["event"]).model_validate(values)
    except ValidationError:
        return False
    return True


def is_summary(values: Any) -> TypeGuard[dict[str, Any]]:
    """Whether `values` say how a run ended: those of RunFinished, its reason as `error`; all but `status` may lack."""
    if not isinstance(values, dict) or "status" not in values:
        return False
    reasons = {"reason": values.get("error", ""), "reason_pt": values.get("error_pt", "")}
    return is_well_formed({**_NOTHING_DONE, **values, **reasons})


_NOTHING_DONE = to_values(
    RunFinished(
        status="stopped", reason="", reason_pt="", steps=0, best_step=0, eval_loss_base=None, eval_loss=None,
        train_loss=None, seconds=0.0, examples_per_second=0.0, peak_memory_bytes=0,
    )
)  # fmt: skip


def finished(status: Ending, known: Mapping[str, Any], reason: str = "", reason_pt: str = "") -> RunFinished:
    """How a run ended, with what is `known` of it by then under the names of the fields."""
    named = {field.name for field in fields(RunFinished)} - {"status", "reason", "reason_pt"}
    values = {**_NOTHING_DONE, **known}
    return RunFinished(
        status=status, reason=reason, reason_pt=reason_pt, **{name: values[name] for name in named & values.keys()}
    )


@cache
def _checker(kind: str) -> type[BaseModel]:
    """The fields of an event for pydantic, which takes a dataclass strictly only when it is one already."""
    hints = get_type_hints(KINDS[kind])
    known: Any = {
        item.name: (hints[item.name], ... if item.default is MISSING else item.default) for item in fields(KINDS[kind])
    }
    return create_model(kind, __config__=ConfigDict(strict=True), **known)
