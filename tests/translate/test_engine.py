"""CTranslate2 as the engine of translations: converted once, found again by its weights, compared, refused, stopped."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import peft
import pytest
import torch

from playground.config import RunConfig
from playground.data.example import Languages
from playground.errors import ModelError, RunError
from playground.model.in_memory import base_in_memory
from playground.model.translate import TranslationConfig
from playground.runs.folder import RunFolder, RunStore
from playground.translate import engine
from playground.translate.agreement import Agreement, said_agreements
from playground.translate.text import TranslateRequest, TranslateUpdate, translations
from tests.tiny import save_tiny_translator

MINI = "m2m100-mini"
TEXT = "Save the file. Open the editor. Close the window. Do you want to delete this item?"


@pytest.fixture(autouse=True)
def cache(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A cache of its own, where nothing has been converted yet."""
    monkeypatch.setenv("PEFT_PLAYGROUND_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache" / "ctranslate2"


@pytest.fixture
def store(tmp_path: Path) -> RunStore:
    return RunStore(tmp_path / "runs")


def a_run(store: RunStore, seed: int = 1, method: str = "lora") -> RunFolder:
    settings = {
        "name": f"<b>seed {seed}</b>", "base_model": MINI, "data": {"dataset": "everyday-phrases"},
        "method": {"method": method},
    }  # fmt: skip
    folder = store.create(RunConfig.from_values(settings), {})
    base = base_in_memory(MINI)
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        config = peft.LoraConfig(r=4, lora_alpha=64, target_modules=["fc1", "fc2"], init_lora_weights=False)
        model = peft.get_peft_model(base.model, config)
    model.save_pretrained(folder.adapter)
    model.unload()
    return folder


def asked(text: str = TEXT, **changes: Any) -> TranslateRequest:
    values = {
        "base_model": MINI, "run_ids": (), "languages": Languages("en", "pt"), "text": text, "engine": "ctranslate2",
        "decoding": TranslationConfig(num_beams=1, max_new_tokens=24),
    }  # fmt: skip
    return TranslateRequest(**{**values, **changes})


def last(updates: Iterator[TranslateUpdate]) -> TranslateUpdate:
    return list(updates)[-1]


def test_base_and_adapter_are_translated_and_compared_with_pytorch(store: RunStore) -> None:
    run = a_run(store)
    fast = last(translations(asked(run_ids=(run.run_id,)), store))
    slow = last(translations(asked(run_ids=(run.run_id,), engine="pytorch"), store))
    assert fast.is_final
    assert [len(row.translations) for row in fast.rows] == [2] * 4
    for column, agreement in enumerate(fast.agreements):
        pairs = zip(fast.rows, slow.rows, strict=True)
        equal = sum(one.translations[column].text == two.translations[column].text for one, two in pairs)  # type: ignore[union-attr]
        assert agreement == Agreement(4, equal)
    assert fast.agreements[0] == Agreement(4, 4)
    assert fast.texts[0] != fast.texts[1]  # the adapter is in its own conversion
    assert (slow.agreements, slow.engine) == ((None, None), "pytorch")
    said = [text.en for text in said_agreements(fast)]
    assert said[0].startswith("CTranslate2 (int8), m2m100-mini: 4 of the 4 sentences")
    assert said_agreements(slow) == []


def test_a_conversion_is_made_once_and_more_sentences_are_compared_until_they_suffice(
    store: RunStore, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    last(translations(asked(), store))
    [entry] = cache.iterdir()

    def not_again(*_: Any) -> Any:
        raise AssertionError("converted twice")

    monkeypatch.setattr(engine, "merged", not_again)
    update = last(translations(asked("\n".join(f"Open file number {n}." for n in range(30))), store))
    assert update.is_final
    [agreement] = update.agreements
    assert agreement is not None
    assert agreement.sentences == engine.COMPARED
    monkeypatch.setattr(engine, "translate", not_again)  # enough have been compared in this direction
    assert last(translations(asked("Close it."), store)).agreements == (agreement,)
    (entry / engine.MEASURED).write_text('{"en pt": [1, 2]')  # damaged: nothing is known, and it is counted anew
    monkeypatch.undo()
    monkeypatch.setenv("PEFT_PLAYGROUND_CACHE", str(cache.parent))
    assert last(translations(asked("Close it."), store)).agreements == (Agreement(1, 1),)


def test_other_weights_are_another_conversion(store: RunStore, cache: Path, tmp_path: Path) -> None:
    run = a_run(store)
    first = engine.converted(MINI, run)
    assert engine.converted(MINI, run) == first
    other = a_run(store, seed=2)
    shutil.copy(other.adapter / "adapter_model.safetensors", run.adapter)
    second = engine.converted(MINI, run)
    assert second != first
    source = str(save_tiny_translator(tmp_path / "model", "m2m100"))
    plain = engine.converted(source, None)
    save_tiny_translator(tmp_path / "model", "m2m100", seed=1)
    assert engine.converted(source, None) != plain
    assert len(list(cache.iterdir())) == 4


def test_a_conversion_whose_model_is_gone_is_made_anew(cache: Path) -> None:
    entry = engine.converted(MINI, None)
    size = (entry / "model.bin").stat().st_size
    (entry / "model.bin").unlink()
    assert engine.converted(MINI, None) == entry
    assert (entry / "model.bin").stat().st_size == size


def test_of_conversions_only_those_used_last_are_kept(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "KEPT", 3)
    cache.mkdir(parents=True)
    for age in range(5):
        (cache / f"old-{age}").mkdir()
        os.utime(cache / f"old-{age}", (1_000_000 - age, 1_000_000 - age))
    entry = engine.converted(MINI, None)
    assert {path.name for path in cache.iterdir()} == {entry.name, "old-0", "old-1"}


def test_a_full_disk_leaves_no_half_of_a_conversion(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: Any, folder: Path, __: Any) -> None:
        (folder / "model.bin").write_bytes(b"half")
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(engine, "to_ctranslate2", full)
        with pytest.raises(RunError, match="disk"):
            engine.converted(MINI, None)
    assert list(cache.iterdir()) == []
    assert (engine.converted(MINI, None) / "model.bin").stat().st_size > 1_000_000


def test_methods_that_cannot_be_merged_are_refused_before_anything_is_loaded_and_pytorch_still_translates(
    store: RunStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = a_run(store, method="prompt_tuning")
    with monkeypatch.context() as patch:
        patch.setattr(engine, "base_file", lambda _: pytest.fail("looked at the base"))
        with pytest.raises(RunError, match="virtual tokens.*PyTorch") as refused:
            translations(asked(run_ids=(run.run_id,)), store)
    assert "tokens virtuais" in refused.value.to("pt")
    assert last(translations(asked("Save the file.", run_ids=(run.run_id,), engine="pytorch"), store)).is_final
    assert last(translations(asked("Save the file."), store)).is_final


def test_a_family_without_a_conversion_is_refused(store: RunStore, cache: Path, tmp_path: Path) -> None:
    source = str(save_tiny_translator(tmp_path / "t5", "t5"))
    with pytest.raises(ModelError, match="Use PyTorch"):
        last(translations(asked(base_model=source), store))
    assert list(cache.iterdir()) == []


@pytest.mark.parametrize("name", ["", "onnx", "<script>", "PYTORCH"])
def test_an_engine_that_there_is_not_is_refused(name: str) -> None:
    with pytest.raises(RunError, match="pytorch, ctranslate2"):
        asked(engine=name)


def test_a_stop_keeps_what_is_translated(store: RunStore) -> None:
    lines = tuple(f"Open file number {number}." for number in range(300))
    seen: list[TranslateUpdate] = []
    ticks = iter(range(9999))
    stop = lambda: bool(seen and seen[-1].done)  # noqa: E731
    for update in translations(asked("", lines=lines), store, should_stop=stop, clock=lambda: next(ticks)):
        seen.append(update)
    assert 0 < seen[-1].done < 300
    assert not seen[-1].is_final
