"""What a program says of a run, as plain values: its base, its data's form, its adapter."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from playground.catalog.datasets import HUB_PREFIX
from playground.catalog.methods import METHODS
from playground.catalog.models import MODELS, included_path
from playground.config import RunConfig
from playground.data.example import BEGINNING, Example, Languages
from playground.errors import RunError
from playground.export.code.adapter import AdapterText, adapter_text
from playground.export.code.refusals import refusal, refusal_on
from playground.model.languages import encode_source, forced_bos, language_token_ids
from playground.model.load import BaseModel
from playground.model.sources.base_file import base_file
from playground.model.sources.files import local_or_hub, locate, where_is
from playground.train.encoding import as_the_model_takes_them

LAYER_DROPS = ("encoder_layerdrop", "decoder_layerdrop")
SNAPSHOTS = "snapshots"  # the folder in the Hub's cache that holds one of each commit

# chat: turns, by the tokenizer's template. plain: the same without one. tokens: texts that ask nothing, as the pieces
# that the run cut them into. language_tokens and fixed_pair: translations, by how the model is told the languages.
Form = Literal["chat", "plain", "tokens", "language_tokens", "fixed_pair"]


@dataclass(frozen=True, kw_only=True)
class Source:
    """Where a program finds its base.

    package: a weight file in an installed package. folder: beside the program. local: in a folder of the machine that
    trained, of which the program knows the name alone, as others have another.
    """

    kind: Literal["package", "folder", "local", "hub"]
    name: str  # of the package or the folder, or the Hub id
    file: str = ""
    sha256: str = ""
    revision: str = ""


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """All that the text of a run's program depends on."""

    config: RunConfig
    source: Source
    dtype: str
    task: str
    form: Form
    adapter: AdapterText
    virtual_tokens: int
    context_tokens: int
    pads_with_end: bool
    pads_left: bool
    language_tokens: tuple[str, ...]  # of the first example: what a program's own prompts are translated between
    hidden_languages: bool  # whether the tokenizer does not know that its language tokens are special
    layer_drops: tuple[str, ...]  # those that the model's settings have, and that a short training switches off

    @property
    def is_translation(self) -> bool:
        return self.form in ("language_tokens", "fixed_pair")


def recipe_of(config: RunConfig, base: BaseModel, examples: Sequence[Example]) -> Recipe:
    """Of a resolved `config` and its training examples, from a base that may be on the meta device.

    Raises RunError for a run that no such program can repeat.
    """
    examples = as_the_model_takes_them(base, examples)
    form = form_of(base, examples)
    if reason := refusal(config) or refusal_on(config, base, form is None):
        raise RunError(reason)
    assert form is not None
    tokenizer, adapter = base.tokenizer, adapter_text(config, base)
    languages = examples[0].languages
    tokens = language_tokens(base, languages) if languages else ()
    return Recipe(
        config=config,
        source=source_of(config.base_model),
        dtype=str(base.dtype).removeprefix("torch."),
        task=base.task,
        form=form,
        adapter=adapter,
        virtual_tokens=int(config.method.params.get("num_virtual_tokens", 0)) if _is_prompt(config) else 0,
        context_tokens=base.context_tokens,
        pads_with_end=tokenizer.pad_token_id == tokenizer.eos_token_id,
        pads_left=tokenizer.padding_side == "left",
        language_tokens=tokens,
        hidden_languages=bool(languages) and not language_token_ids(base) <= set(tokenizer.all_special_ids),
        layer_drops=tuple(name for name in LAYER_DROPS if hasattr(base.model.config, name)),
    )


def form_of(base: BaseModel, examples: Sequence[Example]) -> Form | None:
    """None for texts from which an encoder-decoder makes others without being told languages."""
    if base.task == "seq2seq_lm":
        if not base.family or not examples[0].languages:
            return None
        return "fixed_pair" if base.family.naming == "fixed_pair" else "language_tokens"
    if any(not example.messages or example.messages[0] == BEGINNING for example in examples):
        return "tokens"
    return "chat" if base.tokenizer.chat_template else "plain"


def language_tokens(base: BaseModel, languages: Languages) -> tuple[str, ...]:
    """The tokens that name the languages: of source and target, or the one or none that a fixed pair needs."""
    start = encode_source(base, "", languages)[:-1]
    forced = forced_bos(base, languages)
    found: list[Any] = base.tokenizer.convert_ids_to_tokens(start + ([] if forced is None else [forced]))
    return tuple(map(str, found))


def source_of(base_model: str) -> Source:
    """Downloads nothing."""
    packaged = included_path(base_model)
    if packaged is not None and packaged.is_file():
        package = MODELS[base_model].source.removeprefix("package:").partition("/")[0]
        return Source(kind="package", name=package, file=packaged.name, sha256=base_file(base_model).sha256)
    if packaged is not None:
        return Source(kind="folder", name="base")
    folder, hub_id = local_or_hub(base_model)
    if folder:
        return Source(kind="local", name=folder.absolute().name)
    name = hub_id.removeprefix(HUB_PREFIX)
    if where_is(base_model) != "here":
        return Source(kind="hub", name=name)
    place = Path(locate(base_model))
    return Source(kind="hub", name=name, revision=place.name if place.parent.name == SNAPSHOTS else "")


def _is_prompt(config: RunConfig) -> bool:
    return METHODS[config.method.method].prompt_learning
