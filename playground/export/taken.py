"""A run that is being taken away: its settings, its examples, its base and its adapter."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

from peft import PeftModel

from playground.catalog.methods import METHODS
from playground.catalog.models import MODELS, included_path
from playground.config import RunConfig
from playground.data.encode import Item
from playground.data.example import Example, Split
from playground.data.read import load_split
from playground.export.proof import Base
from playground.model.adapt import attached
from playground.model.in_memory import no_base_in_memory
from playground.model.load import BaseModel, load_base
from playground.model.sources.base_file import base_file
from playground.model.sources.files import EMBEDDED_HUB_ID, local_or_hub
from playground.model.virtual_tokens import text_limit
from playground.runs.folder import RunFolder
from playground.texts import Language
from playground.train.encoding import as_the_model_takes_them, encode_for

BASE_FOLDER = "base"
MEASURED = 64  # held-out examples on which losses are told
# What a model needs to be loaded, and nothing else of its folder.
MODEL_FILES = ("*.json", "*.safetensors", "*.model", "*.txt", "*.jinja", "*.spm")


@dataclass
class Taken:
    """One run, which has ended and has an adapter."""

    folder: RunFolder
    language: Language = "en"  # of whoever reads what is written for people
    should_stop: Callable[[], bool] = lambda: False  # heard by what runs programs: ExecutionStopped is raised

    @cached_property
    def config(self) -> RunConfig:
        return self.folder.config

    @cached_property
    def split(self) -> Split:
        """Raises DataError where the run's data is no longer there."""
        return load_split(self.config.data, self.config.seed)

    def held_out(self, base: BaseModel) -> list[Example]:
        """The first held-out examples, as this base takes them."""
        return list(as_the_model_takes_them(base, self.split.held_out[:MEASURED]))

    def items(self, base: BaseModel) -> list[Item]:
        """The tokens of `held_out`: those that fit."""
        return list(encode_for(base, self.held_out(base), text_limit(self.config, base)).items)

    @property
    def quantization(self) -> tuple[Literal["nf4"] | None, bool]:
        """The kind of rounded base on which the run trained, and whether its scales are rounded as well."""
        method = self.config.method
        return METHODS[method.method].quantization, bool(method.params.get("double_quant", True))

    @cached_property
    def base(self) -> Base:
        """Which base it is, for whoever has the export alone. Raises ModelError."""
        source = self.config.base_model
        file, card = base_file(source), MODELS.get(source)
        quantization, double_quant = self.quantization
        where, name = _place(source)
        return Base(
            name=name,
            where=where,
            file=file.file,
            sha256=file.sha256,
            hub_id=EMBEDDED_HUB_ID.get(source, ""),
            package=_package(source) if where == "package" else "",
            repository=card.repository if card else "",
            dtype="bfloat16" if where == "package" else "float32",
            quantization=quantization,
            double_quant=double_quant,
        )

    @contextmanager
    def opened(self, dtype: str | None = "float32", *, quantized: bool = True) -> Iterator[BaseModel]:
        """A base of its own in `dtype`, of which nothing stays in memory; None leaves the type to the machine."""
        quantization, double_quant = self.quantization if quantized else (None, True)
        with no_base_in_memory():
            base = load_base(self.config.base_model, quantization, double_quant, dtype)
        yield base

    @contextmanager
    def adapted(
        self, dtype: str | None = "float32", *, quantized: bool = True
    ) -> Iterator[tuple[BaseModel, PeftModel]]:
        """As `opened`, with the run's adapter around it."""
        with self.opened(dtype, quantized=quantized) as base, attached(base, self.folder.adapter) as model:
            yield base, model

    def name_base(self, folder: Path) -> None:
        """Of a base in a folder of this machine the adapter's texts name the folder alone, not where it lies."""
        source = self.config.base_model
        if self.base.where == "folder":
            for path in (*folder.glob("*.json"), *folder.glob("*.md")):
                text = path.read_text(encoding="utf-8")
                path.write_text(text.replace(source, self.base.name), encoding="utf-8")

    def copy_base(self, folder: Path) -> None:
        """The files of a base that travels with what is taken away."""
        if self.base.where == "inside":
            source = included_path(self.config.base_model)
            assert source is not None
            copy_model(source, folder / BASE_FOLDER)


def copy_model(source: Path, target: Path) -> None:
    """The files of a model's folder that loading it reads."""
    target.mkdir()
    for pattern in MODEL_FILES:
        for path in sorted(source.glob(pattern)):
            shutil.copyfile(path, target / path.name)


def is_inside(source: str) -> bool:
    """Whether a base is so small that it travels with every export."""
    included = included_path(source)
    return included is not None and included.is_dir()


def _place(source: str) -> tuple[Any, str]:
    """Where others find a base, and under which name: never a folder of this machine."""
    if is_inside(source):
        return "inside", source
    if included_path(source) is not None:
        return "package", source
    folder, hub_id = local_or_hub(source)
    return ("folder", folder.name) if folder else ("hub", hub_id)


def _package(source: str) -> str:
    """The package whose file a base is, as Python finds it."""
    return MODELS[source].source.partition(":")[2].partition("/")[0]
