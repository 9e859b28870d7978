"""CTranslate2 as the engine of translations: base or merged adapter converted once, kept in the cache, and compared.

A conversion is found again by the weights it was made from: those of the base and of the adapter, by their hashes. How
often it writes what PyTorch writes is counted on the first sentences that somebody translates with it.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from playground.catalog.capabilities import no_merge
from playground.data.example import Languages
from playground.errors import RunError
from playground.files import new_folder, sha256_of, write_atomically
from playground.model.engines.ctranslate2_search import FastTranslator
from playground.model.engines.to_ctranslate2 import Quantization, to_ctranslate2
from playground.model.in_memory import no_base_in_memory
from playground.model.load import BaseModel
from playground.model.merge import merged
from playground.model.sources.base_file import base_file
from playground.model.sources.files import cache_root
from playground.model.translate import Translation, TranslationConfig, translate
from playground.runs.claims import cannot_write
from playground.runs.folder import RunFolder
from playground.texts import Text
from playground.translate.agreement import Agreement

QUANTIZATION: Quantization = "int8"
FORM = 1  # of what an entry holds: another number, and older entries are made anew
KEPT = 8  # conversions; the one that was used longest ago goes first
COMPARED = 20  # sentences that PyTorch translates as well, in each direction
MEASURED = "measured.json"
Counted = TypeAdapter(dict[str, dict[str, bool]])

NOT_WITH_ENGINE = Text(
    "{run} cannot be translated with CTranslate2. {reason} Or choose PyTorch.",
    "{run} não pode traduzir com o CTranslate2. {reason} Ou escolha PyTorch.",
)


def check_runs(runs: Sequence[RunFolder]) -> None:
    """Raises RunError for a run whose adapter cannot be merged, before anything is loaded."""
    for folder in runs:
        if reason := no_merge(folder.config.method.method):
            raise RunError(NOT_WITH_ENGINE, run=folder.name, reason=reason)


def converted(base_model: str, folder: RunFolder | None) -> Path:
    """The conversion of the base, or of a run's adapter merged into it; made now unless there is one of these weights.

    Call it while no base is in use: it needs the memory of one. Raises ModelError.
    """
    entry = _entry(base_model, folder.adapter if folder else None)
    if not (entry / "model.bin").is_file():
        with no_base_in_memory():
            base = merged(base_model, folder.adapter if folder else None)
            try:
                entry.parent.mkdir(parents=True, exist_ok=True)
                if entry.exists():  # somebody took the model out of it
                    shutil.rmtree(entry)
                with new_folder(entry) as fresh:
                    to_ctranslate2(base, fresh, QUANTIZATION)
            except OSError as error:
                if not (entry / "model.bin").is_file():  # no other process was first
                    raise cannot_write(error) from error
    entry.touch()
    _forget_others(entry)
    return entry


def _entry(base_model: str, adapter: Path | None) -> Path:
    made_from = [str(FORM), version("ctranslate2"), QUANTIZATION, base_file(base_model).sha256]
    if adapter:
        made_from += [sha256_of(adapter / name) for name in ("adapter_config.json", "adapter_model.safetensors")]
    key = hashlib.sha256("\n".join(made_from).encode()).hexdigest()[:24]
    return cache_root() / "ctranslate2" / key


def _forget_others(entry: Path) -> None:
    """Leave `entry` and those that were used last."""
    others = [path for path in entry.parent.glob("[!.]*") if path != entry]
    for path in sorted(others, key=lambda path: path.stat().st_mtime, reverse=True)[KEPT - 1 :]:
        shutil.rmtree(path, ignore_errors=True)


class FastColumn:
    """A conversion at work in place of the model it came from, compared with it as it goes."""

    def __init__(self, entry: Path, base: BaseModel, model: Any, languages: Languages) -> None:
        self.entry, self.base, self.model = entry, base, model
        self.fast = FastTranslator(entry, base, QUANTIZATION)
        self.direction = f"{languages.source} {languages.target}"
        self.languages = languages

    @property
    def agreement(self) -> Agreement:
        """As counted so far."""
        found = self._counted().get(self.direction, {})
        return Agreement(len(found), sum(found.values()))

    def compare(
        self, written: dict[str, Translation], decoding: TranslationConfig, should_stop: Callable[[], bool]
    ) -> None:
        """Translate the first ones with PyTorch as well, unless enough of them were compared before."""
        counted = self._counted()
        known = counted.setdefault(self.direction, {})
        new = [sentence for sentence in written if _key(sentence) not in known]
        chosen = new[: max(COMPARED - len(known), 0)]
        if not chosen:
            return
        slow = dict(translate(self.model, self.base, chosen, self.languages, decoding, should_stop=should_stop))
        for place, made in slow.items():
            known[_key(chosen[place])] = made.text == written[chosen[place]].text
        write_atomically(self.entry / MEASURED, json.dumps(counted) + "\n")

    def _counted(self) -> dict[str, dict[str, bool]]:
        """By direction and sentence, which stands there as a hash; a file that was damaged is as none."""
        try:
            return Counted.validate_json((self.entry / MEASURED).read_bytes(), strict=True)
        except (OSError, ValidationError):
            return {}


def _key(sentence: str) -> str:
    return hashlib.sha256(sentence.encode("utf-8", "replace")).hexdigest()[:16]
