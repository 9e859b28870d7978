"""Trains the model from scratch; started again, it goes on from its last checkpoint.

    python assets/models/m2m100-mini/recipe/train.py --out .cache/m2m100-mini --minutes 5

Reads `corpus/` and `tokenizer/`; writes `checkpoints/`, `loss.csv` and, whenever it stops, `model/`.
"""

# ruff: noqa: TID253 - a program of its own: nothing imports it to answer quickly

from __future__ import annotations

import argparse
import csv
import logging
import math
import shutil
import signal
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

import torch
from batches import IGNORED, Encoded, Encoder, Pair, cut_batches, epoch_batches, read_pairs, to_tensors
from checkpoints import Progress, load_checkpoint, save_checkpoint
from torch.nn.functional import cross_entropy
from transformers import M2M100Config, M2M100ForConditionalGeneration

log = logging.getLogger("train")

SHIPPED = Path(__file__).parents[1]
COLUMNS = ("step", "pairs", "tokens", "seconds", "learning_rate", "loss", "dev_loss")


@dataclass(frozen=True)
class Settings:
    """What decides the losses; a checkpoint goes on only with the same."""

    steps: int = 18_000
    batch_tokens: int = 900
    learning_rate: float = 2e-3
    warmup_steps: int = 500
    label_smoothing: float = 0.1
    weight_decay: float = 0.01
    max_gradient_norm: float = 1.0
    seed: int = 0
    log_every: int = 20
    checkpoint_every: int = 200
    dev_pairs: int = 600


def new_model(vocabulary_size: int, seed: int, config: M2M100Config | None = None) -> M2M100ForConditionalGeneration:
    """The shipped model's shape with fresh weights."""
    config = config or M2M100Config.from_pretrained(SHIPPED)
    config.vocab_size = vocabulary_size
    # M2M100's 0.02 suits a d_model of 1024. Here it would start the embeddings too small: twice the pairs to a loss.
    config.init_std = config.d_model**-0.5
    config.dtype = torch.float32
    torch.manual_seed(seed)
    return M2M100ForConditionalGeneration(config)


def learning_rate_at(step: int, settings: Settings) -> float:
    """Linear warm-up, then a cosine to zero; `step` counts from 1."""
    if step <= settings.warmup_steps:
        return settings.learning_rate * step / settings.warmup_steps
    done = (step - settings.warmup_steps) / max(1, settings.steps - settings.warmup_steps)
    return settings.learning_rate * 0.5 * (1 + math.cos(math.pi * min(1.0, done)))


def faster_dtype(device: torch.device) -> torch.dtype:
    """bfloat16 where the device computes with it faster than with float32: measured, since a CPU may emulate it."""
    if device.type == "cuda":
        return torch.bfloat16 if torch.cuda.is_bf16_supported() else torch.float32
    seconds = {}
    for dtype in (torch.float32, torch.bfloat16):
        left, right = torch.ones(900, 256, dtype=dtype), torch.ones(256, 1024, dtype=dtype)
        left @ right  # the first call chooses its kernel
        started = time.perf_counter()
        for _ in range(20):
            left @ right
        seconds[dtype] = time.perf_counter() - started
    return min(seconds, key=lambda dtype: seconds[dtype])


class Trainer:
    """A run in `folder`: `run` takes it further, from its last checkpoint if there is one."""

    def __init__(
        self,
        model: M2M100ForConditionalGeneration,
        encoder: Encoder,
        folder: Path,
        settings: Settings,
        device: torch.device,
        dtype: torch.dtype,
    ) -> None:
        torch.nn.Module.to(model, device)
        self.model, self.encoder, self.settings = model, encoder, settings
        self.folder, self.device, self.dtype = folder, device, dtype
        self.optimizer = torch.optim.AdamW(
            model.parameters(),
            lr=settings.learning_rate,
            betas=(0.9, 0.98),
            weight_decay=settings.weight_decay,
            fused=True,  # one pass over the weights: a seventh of a step on a CPU
        )
        self.progress = load_checkpoint(folder / "checkpoints", model, self.optimizer, asdict(settings))
        self._log = folder / "loss.csv"
        self._trim_log()

    def run(self, pairs: list[Pair], dev: list[Pair], should_stop: Callable[[Progress], bool]) -> None:
        """Train until the last step, or until `should_stop` says so after a step; leaves a checkpoint either way."""
        progress, settings = self.progress, self.settings
        held = cut_batches(self.encoder.encode_pairs(dev[: settings.dev_pairs]), settings.batch_tokens)
        before, started = progress.seconds, time.monotonic()
        for batch in self._batches(pairs):
            self._step(batch)
            progress.seconds = before + time.monotonic() - started
            at_checkpoint = progress.step % settings.checkpoint_every == 0 or progress.step == settings.steps
            if progress.step % settings.log_every == 0:
                self._write_log(self.dev_loss(held) if at_checkpoint else None)
            stop = progress.step == settings.steps or should_stop(progress)
            if at_checkpoint or stop:
                save_checkpoint(self.folder / "checkpoints", self.model, self.optimizer, progress, asdict(settings))
            if stop:
                return

    def _batches(self, pairs: list[Pair]) -> Iterator[list[Encoded]]:
        """The batches from where the run stands; counts each as done when it is handed out."""
        progress, settings = self.progress, self.settings
        while progress.step < settings.steps:
            batches = epoch_batches(pairs, self.encoder, settings.batch_tokens, settings.seed, progress.epoch)
            for batch in batches[progress.batch :]:
                progress.batch += 1
                if progress.batch == len(batches):
                    progress.epoch, progress.batch = progress.epoch + 1, 0
                yield batch

    def _loss(self, batch: list[Encoded], smoothing: float) -> tuple[torch.Tensor, int]:
        """The loss summed over the target tokens, and their number."""
        config: Any = self.model.config  # its special tokens are typed as optional; ours has them
        tensors = to_tensors(batch, config.pad_token_id, config.decoder_start_token_id, self.device)
        labels = tensors.pop("labels")
        with torch.autocast(self.device.type, self.dtype, enabled=self.dtype != torch.float32):
            logits = self.model(**tensors).logits
        loss = cross_entropy(
            logits.float().flatten(0, 1),
            labels.flatten(),
            ignore_index=IGNORED,
            label_smoothing=smoothing,
            reduction="sum",
        )
        return loss, sum(len(target) for _, target in batch)

    def _step(self, batch: list[Encoded]) -> None:
        progress, settings = self.progress, self.settings
        self.model.train()
        progress.step += 1
        for group in self.optimizer.param_groups:
            group["lr"] = learning_rate_at(progress.step, settings)
        loss, tokens = self._loss(batch, settings.label_smoothing)
        self.optimizer.zero_grad(set_to_none=True)
        (loss / tokens).backward()
        torch.nn.utils.clip_grad_norm_(self.model.parameters(), settings.max_gradient_norm)
        self.optimizer.step()
        progress.pairs += len(batch)
        progress.tokens += tokens
        progress.loss_sum += loss.item()
        progress.loss_tokens += tokens

    @torch.no_grad()
    def dev_loss(self, batches: list[list[Encoded]]) -> float | None:
        """Cross-entropy per target token on held-out pairs, without smoothing."""
        self.model.eval()
        losses = [self._loss(batch, smoothing=0.0) for batch in batches]
        tokens = sum(count for _, count in losses)
        return sum(loss.item() for loss, _ in losses) / tokens if tokens else None

    def _write_log(self, dev_loss: float | None) -> None:
        progress = self.progress
        loss = progress.loss_sum / progress.loss_tokens
        progress.loss_sum, progress.loss_tokens = 0.0, 0
        rate = learning_rate_at(progress.step, self.settings)
        is_new = not self._log.exists()
        with self._log.open("a", newline="", encoding="utf-8") as file:
            writer = csv.writer(file, lineterminator="\n")
            if is_new:
                writer.writerow(COLUMNS)
            row = (progress.step, progress.pairs, progress.tokens, f"{progress.seconds:.1f}", f"{rate:.3g}")
            writer.writerow((*row, f"{loss:.4f}", "" if dev_loss is None else f"{dev_loss:.4f}"))
        log.info("step %d, %d pairs, loss %.3f", progress.step, progress.pairs, loss)

    def _trim_log(self) -> None:
        """Drop the rows that were logged after the checkpoint: they are about to be written again."""
        if self._log.exists():
            header, *rows = self._log.read_text(encoding="utf-8").splitlines()
            kept = [row for row in rows if int(row.split(",")[0]) <= self.progress.step]
            self._log.write_text("\n".join([header, *kept]) + "\n", encoding="utf-8")

    def export(self, tokenizer: Path) -> Path:
        """Write the model as it ships: fp16 weights beside the tokenizer's files."""
        target = self.folder / "model"
        weights = {name: tensor.half() for name, tensor in self.model.state_dict().items()}
        self.model.save_pretrained(target, state_dict=weights)
        config = M2M100Config.from_pretrained(target)
        config.dtype = torch.float16
        config.save_pretrained(target)
        for file in (*tokenizer.iterdir(), SHIPPED / "generation_config.json"):
            shutil.copy(file, target / file.name)
        return target


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=Path(".cache/m2m100-mini"))
    parser.add_argument("--minutes", type=float, default=math.inf, help="stop after so many; started again, it goes on")
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    parser.add_argument("--dtype", choices=["auto", "float32", "bfloat16"], default="auto")
    for field in fields(Settings):
        parser.add_argument(f"--{field.name.replace('_', '-')}", type=type(field.default), default=field.default)
    arguments = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s", datefmt="%H:%M:%S")
    settings = Settings(**{field.name: getattr(arguments, field.name) for field in fields(Settings)})
    device = torch.device(arguments.device)
    dtype = faster_dtype(device) if arguments.dtype == "auto" else getattr(torch, arguments.dtype)
    log.info("%s, %s", device, dtype)
    asked: list[int] = []
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda number, _: asked.append(number))  # finish the step, then save
    encoder = Encoder(arguments.out / "tokenizer")
    model = new_model(encoder.vocabulary_size, settings.seed)
    trainer = Trainer(model, encoder, arguments.out, settings, device, dtype)
    deadline = time.monotonic() + 60 * arguments.minutes
    pairs, dev = (read_pairs(arguments.out / "corpus", split) for split in ("train", "dev"))
    trainer.run(pairs, dev, lambda _: bool(asked) or time.monotonic() > deadline)
    log.info("%s", trainer.export(arguments.out / "tokenizer"))


if __name__ == "__main__":
    main()
