"""What each method can do on each family of models, tried out on tiny ones.

The result goes to a file that the page and the docs read (playground.catalog.capabilities), with the versions of the
libraries: after an upgrade the probe has to run again.
"""

from __future__ import annotations

import hashlib
import json
import tempfile
import warnings
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import torch
from peft import PeftModel

from playground.capabilities.tiny_families import DTYPES, FAMILIES, load_tiny, save_tiny
from playground.catalog.capabilities import CAPABILITIES_FILE, CHECKS, installed_versions
from playground.catalog.methods import METHODS
from playground.config import DataConfig, MethodConfig, RunConfig, TrainingConfig
from playground.data.batches import collate
from playground.data.encode import Encoded, EncodedPair, Item
from playground.model.adapt import attach_new, detach
from playground.model.load import BaseModel
from playground.model.peft_config import peft_config
from playground.model.virtual_tokens import carried_by
from playground.train.loop import make_optimizer
from playground.train.loss import label_logits, training_losses

# Largest difference between logits that are meant to be equal, as a share of the largest logit: rounding of each kind
# of numbers. Merging into rounded weights rounds once more.
TOLERANCE = {"fp32": 1e-4, "bf16": 0.05, "nf4": 1e-3, "int8": 0.05}
MERGE_TOLERANCE = {"fp32": 1e-3, "bf16": 0.1, "nf4": 0.3, "int8": 0.3}


def probe(
    methods: Sequence[str] = tuple(METHODS),
    families: Sequence[str] = tuple(FAMILIES),
    dtypes: Sequence[str] = DTYPES,
    params: dict[str, Any] | None = None,
) -> Iterator[tuple[str, str, str, dict[str, str]]]:
    """(method, family, dtype, what failed) one by one; a failure is named by its check, with the library's reason.

    `params` are settings beside each method's defaults.
    """
    with tempfile.TemporaryDirectory() as folder:
        for family in families:
            save_tiny(family, Path(folder) / family)
        for family in families:
            for dtype in dtypes:
                for method in methods:
                    with warnings.catch_warnings():
                        warnings.simplefilter("ignore")
                        found = _Trial(method, family, dtype, Path(folder), params or {}).run()
                    yield method, family, dtype, found


def write_capabilities(path: Path = CAPABILITIES_FILE) -> Iterator[tuple[str, str, str]]:
    """Probe everything, telling each (method, family, dtype) that is done; at the end write the table."""
    results: dict[str, Any] = {}
    for method, family, dtype, failures in probe():
        results.setdefault(method, {}).setdefault(family, {})[dtype] = failures
        yield method, family, dtype
    table = {"versions": installed_versions(), "results": results}
    path.write_text(json.dumps(table, indent=0, sort_keys=True, ensure_ascii=False) + "\n", encoding="utf-8")


class _Trial:
    """One method on one tiny model: the checks in order, none of which stops the others once it has trained."""

    def __init__(self, method: str, family: str, dtype: str, folder: Path, params: dict[str, Any]) -> None:
        self.method, self.family, self.dtype, self.folder, self.params = method, family, dtype, folder / family, params
        self.failures: dict[str, str] = {}

    def run(self) -> dict[str, str]:
        self.base = self._load()
        self.config = _config(self.method, self.base.task, self.params)
        self.examples = _examples(self.base.task)
        self.batch = collate(self.examples, 0, self.base.device)
        self.plain = self._logits(self.base.model)
        before = _digests(self.base.model)
        if not self._check("train", self._train):
            return dict.fromkeys(CHECKS, self.failures["train"])
        self.adapted = self._logits(self.model)
        self._check("disable", self._disable)
        self._check("reload", self._reload)
        self._check("two_adapters", self._two_adapters)
        self._check("merge", self._merge)
        self._check("base_unchanged", lambda: self._base_unchanged(before))
        return self.failures

    def _check(self, name: str, check: Callable[[], None]) -> bool:
        try:
            check()
        except Exception as error:  # noqa: BLE001 - whatever a library raises here is the result
            cause = error.__cause__ or error
            self.failures[name] = " ".join(f"{cause}".split())[:120] or type(cause).__name__
            return False
        return True

    def _load(self) -> BaseModel:
        return load_tiny(self.family, self.folder, self.dtype)

    def _train(self) -> None:
        self.model = attach_new(self.base, self.config, self.examples)
        self.model.train()
        then = {name: p.detach().clone() for name, p in self.model.named_parameters() if p.requires_grad}
        optimizer = make_optimizer(self.model, self.config.training)
        for _ in range(2):  # factors that start at zero leave the others without a gradient at the first step
            loss = training_losses(self.model, self.batch)[0] / self.batch.label_count
            assert torch.isfinite(loss), "the loss is not a number"
            loss.backward()
            optimizer.step()
            optimizer.zero_grad()
        self.model.eval()
        moved = [name for name, p in self.model.named_parameters() if name in then and not p.equal(then[name])]
        assert moved, "no parameter of the adapter moved"

    def _disable(self) -> None:
        with self.model.disable_adapter():
            self._same(self._logits(self.model), self.plain, TOLERANCE)

    def _reload(self) -> None:
        with tempfile.TemporaryDirectory() as saved:
            self.model.save_pretrained(saved, save_embedding_layers=False)
            fresh = PeftModel.from_pretrained(self._load().model, saved).eval()
        self._same(self._logits(fresh), self.adapted, TOLERANCE)

    def _two_adapters(self) -> None:
        # Names of modules are those of the base without an adapter.
        other = peft_config(METHODS[self.method], self.config, self._load(), self.examples)
        self.model.add_adapter("other", other)
        self.model.set_adapter("other")
        self._logits(self.model)
        self.model.set_adapter("default")
        self._same(self._logits(self.model), self.adapted, TOLERANCE)
        self.model.delete_adapter("other")

    def _merge(self) -> None:
        assert not carried_by(self.model).count, "virtual tokens cannot become weights"
        twin = _Trial(self.method, self.family, self.dtype, self.folder.parent, self.params)
        twin.base, twin.config, twin.examples, twin.batch = self._load(), self.config, self.examples, self.batch
        twin._train()
        self._same(self._logits(twin.model.merge_and_unload()), self._logits(self.model), MERGE_TOLERANCE)

    def _base_unchanged(self, before: set[str]) -> None:
        detach(self.model)
        assert before <= _digests(self.model.get_base_model()), "the weights of the base are not what they were"

    @torch.no_grad()
    def _logits(self, model: Any) -> torch.Tensor:
        return label_logits(model, self.batch)[0].float()

    def _same(self, found: torch.Tensor, expected: torch.Tensor, tolerance: dict[str, float]) -> None:
        difference = float((found - expected).abs().max() / expected.abs().max())
        assert difference <= tolerance[self.dtype], f"logits differ by {difference:.0%} of the largest"


def _config(method: str, task: str, params: dict[str, Any]) -> RunConfig:
    spec = METHODS[method]
    return RunConfig(
        data=DataConfig(dataset="probe"),
        method=MethodConfig(method=method, params=spec.defaults(task) | params),
        training=TrainingConfig(max_steps=10, learning_rate=1e-3),
    )


def _examples(task: str) -> list[Item]:
    """Four rows of token ids, of unequal length."""
    rows = [[3 + (7 * row + 5 * place) % 300 for place in range(12 + row)] for row in range(4)]
    if task == "seq2seq_lm":
        return [EncodedPair(row, row[::-1]) for row in rows]
    return [Encoded(row, 4) for row in rows]


def _digests(model: Any) -> set[str]:
    """One for each tensor; not by name, as some methods put their layers around the base's."""
    tensors = [tensor for tensor in model.state_dict().values() if isinstance(tensor, torch.Tensor)]
    numbers = (tensor.detach().contiguous().flatten().view(torch.uint8).numpy() for tensor in tensors)
    return {hashlib.sha256(array.tobytes()).hexdigest() for array in numbers}
