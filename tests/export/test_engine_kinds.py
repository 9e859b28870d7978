"""GGUF and CTranslate2: taken away, asked again elsewhere, their distance told, damage found, and what is refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from playground.data.example import Languages
from playground.errors import RunError
from playground.export.elsewhere import ctranslate2_model
from playground.export.elsewhere import model as plain_model
from playground.export.own_process import ExecutionError, Said, execute, surroundings
from playground.export.proof import read_proof
from playground.export.take import Exported
from playground.export.verify import verify
from playground.model.adapt import attached
from playground.model.load import load_base
from playground.model.translate import translate
from playground.service import Playground
from playground.texts import Text
from playground.train.scores import GREEDY
from tests.export.conftest import Check, Take, drawn_run, forge

RUNNERS = {"model": plain_model, "ctranslate2_model": ctranslate2_model}


@pytest.fixture
def in_this_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """As that of the conftest, with the program that each kind names."""

    def executed(runner: str, folder: Path, *more: str, **_: object) -> Said:
        try:
            return Said(**RUNNERS[runner].said(folder, *map(Path, more)))
        except Exception as error:
            raise ExecutionError(Text("it ended: {reason}", ""), reason=repr(error)) from error

    monkeypatch.setattr("playground.export.take.execute", executed)
    monkeypatch.setattr("playground.export.verify.execute", executed)


@pytest.fixture
def check_pairs(pair_values: dict[str, Any], in_this_process: None) -> Check:
    return lambda path: verify(path, Path(pair_values["base_model"]))


@pytest.fixture
def translated(take: Take, pair_values: dict[str, Any]) -> Path:
    return take(pair_values, "ctranslate2_float32")


@pytest.mark.parametrize("method", ["lora", "ia3", "qlora"])
def test_gguf_says_what_was_trained_within_the_rounding_of_16_bits(
    method: str, take: Take, check: Check, tiny_values: dict[str, Any]
) -> None:
    path = take(tiny_values, "gguf", method)
    proof, found = read_proof(path), check(path)
    assert (found.result in ("identical", "equal"), found.answers, found.blame) == (True, 10, "")
    assert proof.conversion is not None
    assert proof.conversion.kl is not None
    assert 0 <= proof.conversion.kl < 1e-3
    assert proof.conversion.low <= proof.conversion.change <= proof.conversion.high
    assert proof.facts["precision"] == "f16"
    assert set(proof.files) == {"model.gguf"}


def test_ctranslate2_without_rounding_translates_as_the_adapter_beside_its_base(
    playground: Playground, tmp_path: Path, pair_values: dict[str, Any], in_this_process: None
) -> None:
    folder = drawn_run(playground, {**pair_values, "method": {"method": "lora"}})
    *_, last = playground.take_away(folder.run_id, "ctranslate2_float32", tmp_path)
    assert isinstance(last, Exported)
    proof, base = read_proof(last.path), load_base(pair_values["base_model"])
    sources = [asked.prompt["text"] for asked in proof.prompts]
    with attached(base, folder.adapter) as model:
        found = dict(translate(model, base, sources, Languages("en", "pt"), GREEDY))
    assert [asked.answer for asked in proof.prompts] == [found[place].text for place in range(len(sources))]
    assert proof.facts["equal_translations"] == 1
    assert abs(proof.facts["mean_log_probability_change"]) < 1e-3
    assert proof.conversion is not None
    assert (proof.conversion.score, proof.conversion.kl, proof.conversion.change) == ("BLEU", None, 0)
    assert set(proof.facts["changes"]) == {"BLEU", "chrF"}


def test_rounded_to_8_bits_it_is_smaller_and_says_how_far_it_is(
    take: Take, check_pairs: Check, pair_values: dict[str, Any], translated: Path
) -> None:
    path = take(pair_values, "ctranslate2")
    proof = read_proof(path)
    assert (path / "model.bin").stat().st_size < 0.6 * (translated / "model.bin").stat().st_size
    assert proof.facts["quantization"] == "int8"
    assert 0 <= proof.facts["equal_translations"] <= 1
    assert proof.facts["mean_log_probability_change"] != 0
    assert proof.conversion is not None
    assert proof.conversion.low <= proof.conversion.change <= proof.conversion.high
    assert check_pairs(path).result in ("identical", "equal")


def test_a_process_of_its_own_asks_ctranslate2_again(
    playground: Playground, tmp_path: Path, pair_values: dict[str, Any]
) -> None:
    folder = drawn_run(playground, {**pair_values, "method": {"method": "lora"}})
    *_, last = playground.take_away(folder.run_id, "ctranslate2", tmp_path)
    assert isinstance(last, Exported)
    assert last.answers == 10
    assert last.largest_logit_difference is not None
    assert last.largest_logit_difference < 1e-3


def test_another_processor_raises_no_alarm(
    take: Take, pair_values: dict[str, Any], in_this_process: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """CTranslate2 computes as a processor without any instructions for vectors would."""
    folder = take(pair_values, "ctranslate2")
    monkeypatch.setattr("playground.export.verify.execute", execute)
    other = {**surroundings(), "CT2_FORCE_CPU_ISA": "GENERIC"}
    monkeypatch.setattr("playground.export.own_process.surroundings", lambda _: other)
    found = verify(folder, Path(pair_values["base_model"]))
    assert (found.result, found.blame, found.executed) == ("equal", "", True)


@pytest.mark.parametrize(("name", "blame"), [("model.bin", "weights"), ("shared_vocabulary.json", "tokenizer")])
def test_a_changed_file_is_found_and_blamed(name: str, blame: str, translated: Path, check_pairs: Check) -> None:
    content = bytearray((translated / name).read_bytes())
    content[len(content) // 2] ^= 1
    (translated / name).write_bytes(content)
    found = check_pairs(translated)
    assert (found.result, found.blame, found.changed) == ("different", blame, (name,))


def test_what_is_no_gguf_is_found_and_blamed_whoever_wrote_the_hashes_anew(
    take: Take, tiny_values: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = take(tiny_values, "gguf")
    monkeypatch.setattr("playground.export.verify.execute", lambda *_, **__: pytest.fail("a library read it"))
    content = (path / "model.gguf").read_bytes()
    claims = content[:16] + (2**60).to_bytes(8, "little") + content[24:]
    for planted in (content[: len(content) // 2], claims, b"A text file.\n" * 1000, b""):
        for is_forged in (False, True):
            (path / "model.gguf").write_bytes(planted)
            if is_forged:
                forge(path)
            found = verify(path, Path(tiny_values["base_model"]))
            assert (found.result, found.blame, found.executed) == ("different", "weights", False)
            assert found.changed == (() if is_forged else ("model.gguf",))


def test_a_model_bin_that_claims_two_gigabytes_is_not_believed(translated: Path, check_pairs: Check) -> None:
    content = (translated / "model.bin").read_bytes()
    place = content.index(b"\0", 6) + 5  # after its version, its name and its revision
    (translated / "model.bin").write_bytes(content[:place] + b"\xff\xff\xff\x7f" + content[place + 4 :])
    forge(translated)
    found = check_pairs(translated)
    assert (found.result, found.blame, found.executed) == ("different", "weights", False)


def test_what_an_engine_cannot_take_is_refused_and_leaves_nothing(
    take: Take, tmp_path: Path, tiny_values: dict[str, Any], pair_values: dict[str, Any]
) -> None:
    for values, kind, method, said in (
        (tiny_values, "ctranslate2", "lora", "does not translate"),
        (pair_values, "gguf", "lora", "encoder-decoder"),
        (tiny_values, "gguf", "prompt_tuning", "virtual tokens"),
        (pair_values, "ctranslate2", "prefix_tuning", "virtual tokens"),
        (pair_values, "ctranslate2_int16", "lily", "cannot be merged"),
    ):
        with pytest.raises(RunError, match=said):
            take(values, kind, method)
    assert not (tmp_path / "taken").exists()
