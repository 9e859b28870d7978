"""One base held in several precisions, side by side: bytes, time to load, speed, loss, and error of the weights.

One copy of the base is in memory at a time, none before and none after. What was measured is kept on disk.
"""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Generator, Iterator
from contextlib import closing
from dataclasses import dataclass, field, replace
from pathlib import Path

import torch

from playground.catalog.precisions import PRECISIONS, Precision
from playground.data.encode import Encoded, Item
from playground.data.example import Example, Languages, Message
from playground.data.read import general_pairs
from playground.errors import ModelError, PlaygroundError
from playground.model.in_memory import no_base_in_memory
from playground.model.languages import trained_languages
from playground.model.load import BaseModel, load_base
from playground.model.pairs import encode_pairs
from playground.model.sources.files import locate
from playground.precision.kept_measurements import KeptMeasurements
from playground.precision.training_memory import StoppedError, TrainingMemory, training_memory
from playground.precision.weight_error import FileWeights, WeightErrors, weight_bytes, weight_errors
from playground.texts import Text
from playground.train.loss import mean_loss, perplexity_of

TEXT_FILE = Path(__file__).resolve().parents[2] / "assets" / "texts" / "harbour.txt"
WINDOW = 512  # tokens that are read at once; perplexity depends on it
NEW_TOKENS = 48
PROMPT = "The harbour wakes before the town does. At five in the morning"
PAIR_BATCH = 16

FAILED = Text(
    "{precision} could not be measured ({reason}). The others are not affected.",
    "{precision} não pôde ser medido ({reason}). Os outros não são afetados.",
)


@dataclass(frozen=True, kw_only=True)
class Measured:
    """One precision. `loss` is the mean over `tokens` label tokens, in nats; `perplexity` its exponential.

    `dtype` is that of the weights that are not quantized. `load_seconds`: from files that were just read, to a model
    that is ready. `tokens_per_second`: greedy, one prompt, reading it included.
    """

    precision: str
    dtype: str
    weight_bytes: int
    load_seconds: float
    tokens_per_second: float
    loss: float
    perplexity: float
    tokens: int
    errors: WeightErrors


@dataclass(frozen=True, kw_only=True)
class PrecisionComparison:
    """What is known so far. `current` and `stage` say what is being measured; both are empty at the end."""

    model: str
    task: str
    device: str
    versions: dict[str, str]
    measured: dict[str, Measured] = field(default_factory=dict)
    training: dict[str, TrainingMemory] = field(default_factory=dict)
    failed: dict[str, Text] = field(default_factory=dict)
    kept: tuple[str, ...] = ()  # measured earlier, read from disk
    current: str = ""
    stage: str = ""  # loading, weights, writing, reading or training
    stopped: bool = False


def compare_precisions(
    source: str, *, train: bool = False, again: bool = False, should_stop: Callable[[], bool] = lambda: False
) -> Iterator[PrecisionComparison]:
    """Measure every precision, the kept ones excepted; a comparison after each stage, the last one complete.

    `train` adds the peak memory of two training steps. `should_stop` is asked between stages. A precision that fails
    does not stop the others. Raises ModelError for a model that cannot be loaded at all.
    """
    folder = Path(locate(source))
    kept = KeptMeasurements.of(source, folder, TEXT_FILE)
    found = PrecisionComparison(model=source, task="", device=kept.key["device"], versions=kept.key["versions"])
    if not again:
        found = _with_kept(found, kept, train)
    for precision in PRECISIONS.values():
        if precision.name in found.measured:
            continue
        with closing(_stages(found, precision, folder, kept)) as steps:
            for found in steps:
                yield found
                if should_stop():
                    break
        if should_stop():
            yield replace(found, current="", stage="", stopped=True)
            return
    for precision in PRECISIONS.values() if train else ():
        if not precision.trains_as or precision.name in found.training or precision.name in found.failed:
            continue
        found = replace(found, current=precision.name, stage="training")
        yield found
        try:
            result = training_memory(source, found.task, precision.name, should_stop)
        except StoppedError:
            yield replace(found, current="", stage="", stopped=True)
            return
        except PlaygroundError as error:
            found = _failed(found, precision, error)
            continue
        found = replace(found, training=found.training | {precision.name: result})
        kept.keep("training", precision.name, result)
    yield replace(found, current="", stage="")


def _with_kept(found: PrecisionComparison, kept: KeptMeasurements, train: bool) -> PrecisionComparison:
    measured = kept.read("measured", Measured)
    training = kept.read("training", TrainingMemory) if train else {}
    task = kept.task or found.task
    return replace(found, measured=measured, training=training, kept=tuple(measured), task=task)


def _stages(
    found: PrecisionComparison, precision: Precision, folder: Path, kept: KeptMeasurements
) -> Generator[PrecisionComparison, None, None]:
    """Load, measure and let go of one precision; a closed iterator lets go of it too."""
    found = replace(found, current=precision.name, stage="loading")
    yield found
    try:
        with no_base_in_memory():
            files = FileWeights(folder)
            files.warm()
            started = time.perf_counter()
            base = load_base(found.model, precision.quantization, precision.double_quant, precision.dtype)
            seconds = time.perf_counter() - started
            try:
                found = replace(found, task=base.task, stage="weights")
                yield found
                size, errors = weight_bytes(base.model), weight_errors(base.model, files)
                found = replace(found, stage="writing")
                yield found
                speed = writing_speed(base)
                found = replace(found, stage="reading")
                yield found
                loss, tokens = fixed_loss(base)
                dtype = str(base.dtype).removeprefix("torch.")
            finally:
                del base
                _free()
    except (PlaygroundError, RuntimeError, MemoryError, ImportError, ValueError, TypeError, AttributeError) as error:
        if isinstance(error, ModelError) and precision.quantization is None:
            raise
        yield _failed(found, precision, error)
        return
    measured = Measured(
        precision=precision.name,
        dtype=dtype,
        weight_bytes=size,
        load_seconds=seconds,
        tokens_per_second=speed,
        loss=loss,
        perplexity=perplexity_of(loss),
        tokens=tokens,
        errors=errors,
    )
    kept.task = found.task
    kept.keep("measured", precision.name, measured)
    yield replace(found, measured=found.measured | {precision.name: measured})


def _failed(found: PrecisionComparison, precision: Precision, error: Exception) -> PrecisionComparison:
    words = error.text if isinstance(error, PlaygroundError) else Text(*[str(error) or type(error).__name__] * 2)
    reason = Text(*(" ".join(said.split())[:200] for said in words))
    text = PlaygroundError(FAILED, precision=precision.label, reason=reason).text
    return replace(found, failed=found.failed | {precision.name: text})


def _free() -> None:
    gc.collect()
    if torch.cuda.is_available():
        torch.cuda.empty_cache()


# --- speed --------------------------------------------------------------------------------------


@torch.inference_mode()
def writing_speed(base: BaseModel, new_tokens: int = NEW_TOKENS) -> float:
    """Tokens a second, greedily, of one answer of exactly `new_tokens` tokens; the second of two answers counts."""
    inputs = base.tokenizer(PROMPT, return_tensors="pt").to(base.device)
    seconds = 0.0
    for count in (4, new_tokens):  # the first one warms up caches, and lets bitsandbytes arrange its weights
        started = time.perf_counter()
        written = base.model.generate(
            input_ids=inputs["input_ids"],
            attention_mask=inputs["attention_mask"],
            do_sample=False,
            num_beams=1,
            min_new_tokens=count,
            max_new_tokens=count,
            pad_token_id=base.tokenizer.pad_token_id,
        )
        written.cpu()  # a GPU answers before it has finished
        seconds = time.perf_counter() - started
    return new_tokens / seconds


# --- loss ---------------------------------------------------------------------------------------


def fixed_loss(base: BaseModel) -> tuple[float, int]:
    """Mean loss per label token, in nats, of the fixed text or pairs; and the number of label tokens."""
    size = PAIR_BATCH if base.task == "seq2seq_lm" else 1
    return mean_loss(base.model, fixed_items(base), size, base.tokenizer.pad_token_id, base.device)


def fixed_items(base: BaseModel) -> list[Item]:
    """Windows of the fixed text for a causal model; for a translation model the fixed general pairs."""
    if base.task == "seq2seq_lm":
        return list(encode_pairs(_pairs(base), base, base.context_tokens).items)
    ids = base.tokenizer(TEXT_FILE.read_text(encoding="utf-8"), add_special_tokens=False, verbose=False)["input_ids"]
    size = min(WINDOW, base.context_tokens)
    windows = [ids[start : start + size] for start in range(0, len(ids), size)]
    return [Encoded(window, 0) for window in windows if len(window) > 1]


def _pairs(base: BaseModel) -> list[Example]:
    """In the first direction that the model has learned; without languages for a text-to-text model such as T5."""
    known = trained_languages(base)
    for source in ("en", *known):
        for target in ("pt", "es", "fr", "en"):
            if source != target and source in known and target in known:
                pairs = general_pairs(Languages(source, target))
                if pairs:
                    return pairs
    return [Example((Message("user", pair.prompt),), pair.completion) for pair in general_pairs(Languages("en", "pt"))]
