"""How much memory a run will take: what a dry run of its fullest batch holds, beside weights and optimizer."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, replace

import psutil
import torch
from peft import PeftModel

from playground.catalog.methods import METHODS
from playground.config import RunConfig
from playground.data.batches import AnyBatch, Batch, collate, length_order
from playground.data.encode import Item
from playground.preflight.dry_run import NOTHING, Peak, evaluation_peak, training_peak
from playground.preflight.meta_model import Outline, are_alike, attach_meta, meta_base
from playground.preflight.token_lengths import batch_cost, fullest, micro_batches

# Four constants of processors, each seen on runs in fresh processes (docs/preflight.md):
LIBRARIES_BYTES = 545 * 10**6  # Python with all that a run imports: the peak of runs on models of a megabyte
KERNELS_BYTES = 170 * 10**6  # what the matrix library keeps for the shapes it has met (decision 21), and holes beside
PAGE_BYTES = 135 * 10**6  # Gradio, and whatever else the page holds beside that which a run imports
HEAP_HOLES = 1.3  # the C library's heap over what is in use: freed pieces between longer-lived ones
# One of GPUs (docs/gpu.md): cuBLAS keeps 32 MiB for each of the two threads that compute, forward and backward.
GPU_WORKSPACES_BYTES = 2 * 32 * 2**20
SHALLOW = (2, 4)  # layers of the two models from which a deep one is told
ADAM_STATES = 2  # the running mean of the gradient and of its square
KEPT_PEAKS = 256  # of dry runs, so that a form that is filled in is not run dry at each of its fields
ADALORA_SCORES = 3  # importance, its running mean and its uncertainty, for every number of the adapter


@dataclass(frozen=True, kw_only=True)
class Memory:
    """Bytes at the fullest moment of a run; `moment` is training, evaluation or optimizer step."""

    weights: int
    activations: int
    gradients: int
    optimizer: int
    libraries: int
    moment: str
    available: int  # on the device, now
    installed: int

    @property
    def total(self) -> int:
        return self.weights + self.activations + self.gradients + self.optimizer + self.libraries


def estimate_memory(
    config: RunConfig, outline: Outline, train: Sequence[Item], held_out: Sequence[Item], *, in_page: bool = False
) -> Memory:
    """The peak of a run of `config`, in the page's process or one of its own.

    Raises what torch raises where a model cannot be run dry.
    """
    weights = outline.base_bytes + outline.added_bytes
    trained = sum(item.numel() * item.element_size() for item in outline.model.parameters() if item.requires_grad)
    states = ADAM_STATES + (ADALORA_SCORES if METHODS[config.method.method].peft_config == "AdaLoraConfig" else 0)
    optimizer = states * trained
    largest = fullest(micro_batches(train, config))
    device = outline.base.device
    batch = _batch(largest, device)
    smoothing = config.training.label_smoothing

    def run_dry(dry_run: Callable[[PeftModel], Peak]) -> Peak:
        return _in_depth(config, outline, train, dry_run)

    counts = _what_counts(config, outline, batch)
    training = _once(counts, lambda: run_dry(lambda model: training_peak(model, batch, smoothing)))
    evaluated = fullest(length_order(held_out[: config.training.eval_examples], max(config.training.batch_size, 8)))
    # An evaluation keeps nothing for a backward pass: only a larger batch can make it the fullest moment.
    evaluation = NOTHING
    if batch_cost(evaluated) > batch_cost(largest):
        larger = _batch(evaluated, device)
        counts = ("evaluation", *_what_counts(config, outline, larger))
        evaluation = _once(counts, lambda: run_dry(lambda model: evaluation_peak(model, larger)))
    on_cpu = device.type == "cpu"
    available, installed = device_memory(device)
    on_processor = LIBRARIES_BYTES + (PAGE_BYTES if in_page else 0)
    on_gpu = GPU_WORKSPACES_BYTES if device.type == "cuda" else 0

    def at(moment: str, peak: Peak) -> Memory:
        return Memory(
            weights=weights,
            activations=round((peak.total - peak.gradients) * (HEAP_HOLES if on_cpu else 1.0)),
            gradients=peak.gradients,
            optimizer=optimizer,
            libraries=on_processor + KERNELS_BYTES if on_cpu else on_gpu,
            moment=moment,
            available=available,
            installed=installed,
        )

    # Loading never is: weights lie in the pages of their file, or are read one by one (model/sources/weights.py).
    moments = [
        at("training", training),
        at("evaluation", evaluation),
        at("optimizer step", Peak(total=trained, gradients=trained)),  # all gradients are there
    ]
    return max(moments, key=lambda memory: memory.total)


def _batch(examples: Sequence[Item], device: torch.device) -> AnyBatch:
    """As the loop will form it; on a GPU every row is run from its beginning (train/loss.py)."""
    batch = collate(examples, pad_token_id=0)
    return replace(batch, shared=0) if device.type == "cuda" and isinstance(batch, Batch) else batch


def _in_depth(
    config: RunConfig, outline: Outline, examples: Sequence[Item], dry_run: Callable[[PeftModel], Peak]
) -> Peak:
    """Of a deep model, whose layers hold as much each, by a straight line through two shallow ones."""
    architecture = outline.base.model.config
    if not are_alike(architecture) or architecture.num_hidden_layers <= max(SHALLOW):
        return dry_run(outline.model)
    depths = [meta_base(config.base_model, layers) for layers in SHALLOW]
    few, more = (dry_run(attach_meta(base, config, examples)) for base in depths)
    times = (architecture.num_hidden_layers - SHALLOW[0]) / (SHALLOW[1] - SHALLOW[0])
    return Peak(
        total=round(few.total + times * (more.total - few.total)),
        gradients=round(few.gradients + times * (more.gradients - few.gradients)),
    )


_peaks: dict[Hashable, Peak] = {}


def _once(key: Hashable, run_dry: Callable[[], Peak]) -> Peak:
    """What a dry run held, or one before it in which the same counted."""
    if key not in _peaks:
        if len(_peaks) >= KEPT_PEAKS:
            _peaks.clear()
        _peaks[key] = run_dry()
    return _peaks[key]


def _what_counts(config: RunConfig, outline: Outline, batch: AnyBatch) -> tuple[Hashable, ...]:
    """Model, adapter, loss and the batch's shape: all that a dry run knows. The rate, for one, changes nothing."""
    model = outline.base.model.config.to_json_string()
    adapter = config.method.model_dump_json(), outline.added_bytes, outline.trainable_parameters
    shape = batch.input_ids.shape, batch.labels.shape, batch.label_count, getattr(batch, "shared", None)
    loss = config.training.label_smoothing, config.training.gradient_checkpointing
    return (model, str(outline.base.dtype), str(outline.base.device), *loss, *adapter, *shape)


def device_memory(device: torch.device) -> tuple[int, int]:
    """(free now, installed) bytes of the memory in which the model will lie."""
    if device.type == "cuda":
        free, total = torch.cuda.mem_get_info(device)
        return int(free), int(total)
    memory = psutil.virtual_memory()
    return int(memory.available), int(memory.total)
