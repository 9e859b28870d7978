"""The training loop: read it from top to bottom.

`train` yields events and does no I/O; whoever consumes it saves, logs and draws. Between two
events the consumer may read or save the model: nothing moves until it asks for the next event.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import islice
from typing import Any

import torch
from accelerate import Accelerator
from peft import PeftModel

from playground.config import TrainingConfig
from playground.data.batches import AnyBatch, collate
from playground.data.encode import Item
from playground.model.load import choose_device
from playground.train.events import EvalLogged, StepLogged
from playground.train.loss import mean_loss, not_at_all, orthogonality_penalty, perplexity_of, training_losses
from playground.train.memory import memory_bytes

LookAtStep = Callable[[int, Sequence[Item], AnyBatch, torch.Tensor], None]


def local_accelerator(**options: Any) -> Accelerator:
    """On the device where `load_base` puts a model."""
    return Accelerator(cpu=choose_device()[0].type == "cpu", **options)


def make_optimizer(model: PeftModel, config: TrainingConfig, loraplus_lr_ratio: float = 1.0) -> torch.optim.Optimizer:
    """AdamW over the adapter's parameters; `train` sets the learning rate of each step.

    LoRA's second matrices learn `loraplus_lr_ratio` times as fast (LoRA+, Hayou et al. 2024).
    """
    plain: list[torch.nn.Parameter] = []
    faster: list[torch.nn.Parameter] = []
    for name, parameter in model.named_parameters():
        if parameter.requires_grad:
            (faster if loraplus_lr_ratio != 1 and ".lora_B." in name else plain).append(parameter)
    groups: list[dict[str, Any]] = [{"params": plain, "lr_ratio": 1.0}]
    if faster:
        groups.append({"params": faster, "lr_ratio": loraplus_lr_ratio})
    # Fused: an adapter is hundreds of small tensors, and one call for all takes half the time.
    return torch.optim.AdamW(groups, lr=learning_rate_at(1, config), weight_decay=config.weight_decay, fused=True)


def learning_rate_at(step: int, config: TrainingConfig) -> float:
    """The learning rate of step 1 … `max_steps`: a linear warm-up, then the schedule down to almost zero.

    No step is wasted on a rate of zero. `config` is resolved: its peak rate is known.
    """
    assert config.learning_rate is not None
    warmup_steps = math.ceil(config.warmup_ratio * config.max_steps)
    if step <= warmup_steps:
        return config.learning_rate * step / warmup_steps
    done = (step - warmup_steps - 1) / (config.max_steps - warmup_steps)  # 0 at the peak, below 1 at the end
    factor = {"constant": 1.0, "linear": 1.0 - done, "cosine": 0.5 * (1.0 + math.cos(math.pi * done))}
    return config.learning_rate * factor[config.lr_schedule]


def train(
    model: PeftModel,
    optimizer: torch.optim.Optimizer,
    steps: Iterator[list[Item]],
    held_out: Sequence[Item],
    *,
    config: TrainingConfig,
    seed: int,
    pad_token_id: int,
    accelerator: Accelerator,
    should_stop: Callable[[], bool],
    first_step: int = 0,
    out_of_time: Callable[[], bool] = lambda: False,
    learning_rate: Callable[[int, TrainingConfig], float] = learning_rate_at,
    look: LookAtStep = not_at_all,
    base_loss: float | None = None,
) -> Iterator[StepLogged | EvalLogged]:
    """Train until `config.max_steps`, or `should_stop()`, asked before a step, or `out_of_time()`, asked after one.

    `steps` are the examples of each, from the first step on, without end. `first_step` of them were already taken, by
    a run that is being continued: model and optimizer must be as they were then; the data order is that of an unbroken
    run. The last step in time is evaluated. `look` is shown what evaluations compute, first that of the base (step 0),
    unless its loss is known.
    """
    started = time.perf_counter()
    measured = partial(evaluate, model, held_out, config, pad_token_id, accelerator, started=started, look=look)
    # The held-out loss without any adapter: the line that training has to beat.
    if base_loss is None and (first_step == 0 or look is not not_at_all):
        with model.disable_adapter():
            base_loss = measured(step=0).loss
    if first_step == 0 and base_loss is not None:
        yield _evaluated(0, base_loss, started)

    for step, items in enumerate(islice(steps, first_step, config.max_steps), start=first_step + 1):
        if should_stop() or out_of_time():
            return
        step_started = time.perf_counter()
        rate = learning_rate(step, config)
        model.train()
        # Dropout's random numbers depend on the step alone, so a continued run repeats them.
        torch.manual_seed(seed + step)
        mine = _micro_batches(items, config.batch_size, pad_token_id, accelerator)
        loss = _backward(model, mine, accelerator, config.label_smoothing)
        grad_norm = _step(model, optimizer, step, rate, config.max_grad_norm, accelerator)
        seconds = time.perf_counter() - step_started
        yield StepLogged(
            step=step,
            loss=loss,
            learning_rate=rate,
            grad_norm=grad_norm,
            tokens_per_second=_sum_over_processes(sum(batch.token_count for batch in mine), accelerator) / seconds,
            examples_per_second=len(items) / seconds,
            memory_bytes=memory_bytes(),
            seconds=time.perf_counter() - started,
            active_rank=active_rank(model) if _is_adalora(model) else None,
        )
        if is_evaluated(step, config) or out_of_time():
            yield measured(step=step)


def is_evaluated(step: int, config: TrainingConfig) -> bool:
    """Whether the held-out examples are measured after `step`, time or no time."""
    return step % config.eval_every == 0 or step == config.max_steps


def _step(
    model: PeftModel,
    optimizer: torch.optim.Optimizer,
    step: int,
    rate: float,
    max_grad_norm: float,
    accelerator: Accelerator,
) -> float:
    """Move the adapter along its gradients and forget them; returns their length before clipping."""
    trained = [parameter for group in optimizer.param_groups for parameter in group["params"]]
    grad_norm = accelerator.clip_grad_norm_(trained, max_grad_norm)
    for group in optimizer.param_groups:
        group["lr"] = rate * group["lr_ratio"]
    optimizer.step()
    if _is_adalora(model):
        # Before zero_grad: the gradients decide which ranks stay.
        allocator: Any = model.base_model
        allocator.update_and_allocate(step)
    optimizer.zero_grad()
    return float(grad_norm)


def _micro_batches(items: list[Item], batch_size: int, pad_token_id: int, accelerator: Accelerator) -> list[AnyBatch]:
    """A step's examples in parts of `batch_size`; of each part, the examples that this process computes."""
    parts = [items[start : start + batch_size] for start in range(0, len(items), batch_size)]
    shares = [part[accelerator.process_index :: accelerator.num_processes] for part in parts]
    return [collate(share, pad_token_id, accelerator.device) for share in shares if share]


def _backward(model: PeftModel, batches: list[AnyBatch], accelerator: Accelerator, label_smoothing: float) -> float:
    """Leave the whole step's gradients in the adapter, on every process; returns its mean loss per label token."""
    label_count = _sum_over_processes(sum(batch.label_count for batch in batches), accelerator)
    loss_sum = torch.zeros((), device=accelerator.device)
    for batch in batches:
        # Sum, then divide by the labels of the whole step: a mean per micro-batch would make the
        # loss depend on gradient_accumulation_steps and on the number of processes.
        minimised, charted = training_losses(model, batch, label_smoothing)
        accelerator.backward(minimised / label_count)
        loss_sum += charted
    if _is_adalora(model):
        weight = model.active_peft_config.orth_reg_weight / accelerator.num_processes
        accelerator.backward(weight * orthogonality_penalty(model))
    if accelerator.num_processes > 1:
        # Only the adapter has gradients, so adding them up by hand is cheaper than wrapping the whole model.
        for parameter in model.parameters():
            if parameter.requires_grad:
                gradient = torch.zeros_like(parameter) if parameter.grad is None else parameter.grad
                parameter.grad = accelerator.reduce(gradient, reduction="sum")
    return float(accelerator.reduce(loss_sum, reduction="sum")) / label_count


def evaluate(
    model: Any,
    held_out: Sequence[Item],
    config: TrainingConfig,
    pad_token_id: int,
    accelerator: Accelerator,
    *,
    step: int,
    started: float,
    look: LookAtStep = not_at_all,
) -> EvalLogged:
    """Mean loss per label token over the first `config.eval_examples` held-out examples."""
    model.eval()
    items, size = held_out[: config.eval_examples], max(config.batch_size, 8)
    loss, _ = mean_loss(model, items, size, pad_token_id, accelerator.device, partial(look, step))
    return _evaluated(step, loss, started)


def _evaluated(step: int, loss: float, started: float) -> EvalLogged:
    return EvalLogged(step=step, loss=loss, perplexity=perplexity_of(loss), seconds=time.perf_counter() - started)


def active_rank(model: PeftModel) -> int:
    """AdaLoRA: singular values that are still in use, over all layers."""
    return sum(int((value != 0).sum()) for name, value in model.named_parameters() if ".lora_E." in name)


def _is_adalora(model: PeftModel) -> bool:
    return bool(model.active_peft_config.peft_type == "ADALORA")


def _sum_over_processes(count: int, accelerator: Accelerator) -> int:
    if accelerator.num_processes == 1:
        return count
    return int(accelerator.reduce(torch.tensor(count, device=accelerator.device), reduction="sum"))
