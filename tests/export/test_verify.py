"""Planted corruptions are found, and the part that differs is blamed; what is no export is told so."""

from __future__ import annotations

import hashlib
import json
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file, save_file

from playground.errors import RunError
from playground.export.parts import Part
from playground.export.told import of_verified
from playground.export.verify import Verified, verify
from tests.export.conftest import PROOF, Take, forge
from tests.tiny import save_tiny

Corrupt = Callable[[Path], object]


def tensors_changed(name: str, change: Callable[[dict[str, torch.Tensor]], object]) -> Corrupt:
    def corrupt(folder: Path) -> None:
        tensors = load_file(folder / name)
        change(tensors)
        save_file({key: tensor.contiguous() for key, tensor in tensors.items()}, folder / name, {"format": "pt"})

    return corrupt


def json_changed(name: str, change: Callable[[Any], object]) -> Corrupt:
    def corrupt(folder: Path) -> None:
        values = json.loads((folder / name).read_text(encoding="utf-8"))
        change(values)
        (folder / name).write_text(json.dumps(values), encoding="utf-8")

    return corrupt


def cut(name: str) -> Corrupt:
    return lambda folder: (folder / name).write_bytes((folder / name).read_bytes()[:-100])


def flipped(name: str) -> Corrupt:
    def corrupt(folder: Path) -> None:
        content = bytearray((folder / name).read_bytes())
        content[-1] ^= 0x40
        (folder / name).write_bytes(content)

    return corrupt


def swapped(first: str, second: str) -> Callable[[dict[str, torch.Tensor]], None]:
    """The tensors of two layers change places."""

    def change(tensors: dict[str, torch.Tensor]) -> None:
        for name in [name for name in tensors if first in name]:
            other = name.replace(first, second)
            tensors[name], tensors[other] = tensors[other].clone(), tensors[name].clone()

    return change


def times(factor: float, part: str) -> Callable[[dict[str, torch.Tensor]], None]:
    return lambda tensors: tensors.update({name: factor * one for name, one in tensors.items() if part in name})


def in_bf16(tensors: dict[str, torch.Tensor]) -> None:
    tensors.update({name: tensor.bfloat16().float() for name, tensor in tensors.items()})


def without_head(tensors: dict[str, torch.Tensor]) -> None:
    """A head that was tied to the embeddings comes back as zeros."""
    tensors["lm_head.weight"] = torch.zeros_like(tensors["model.embed_tokens.weight"])


ADAPTER, MODEL = "adapter_model.safetensors", "model.safetensors"
OF_ADAPTER: dict[str, tuple[Corrupt, Part]] = {
    "cut file": (cut(ADAPTER), "weights"),
    "flipped bit": (flipped(ADAPTER), "weights"),
    "swapped layers": (tensors_changed(ADAPTER, swapped("layers.0", "layers.1")), "weights"),
    "scaling twice, in the weights": (tensors_changed(ADAPTER, times(2, "lora_B")), "weights"),
    "nothing learned": (tensors_changed(ADAPTER, times(0, "lora_B")), "weights"),
    "scaling twice, in the settings": (
        json_changed("adapter_config.json", lambda v: v.update(lora_alpha=2 * v["lora_alpha"])), "config",
    ),
    "a file is gone": (lambda folder: (folder / "adapter_config.json").unlink(), "config"),
    "edited scores": (json_changed(PROOF, lambda v: v["scores"][0].update(adapter=0.001)), "scores"),
    "edited interval": (json_changed(PROOF, lambda v: v["scores"][0].update(low=-9.0)), "scores"),
    "edited answers": (json_changed(PROOF, lambda v: v["prompts"][0].update(answer="42")), "proof"),
    "edited logits": (json_changed(PROOF, lambda v: v["prompts"][0]["logits"][0].reverse()), "proof"),
    "edited data": (json_changed(PROOF, lambda v: v["data"].update(training="0" * 64)), "data"),
    "edited settings": (json_changed(PROOF, lambda v: v["config"].update(seed=1)), "config"),
}  # fmt: skip
OF_MODEL: dict[str, tuple[Corrupt, Part]] = {
    "cut model": (cut(MODEL), "weights"),
    "swapped layers of the model": (tensors_changed(MODEL, swapped("layers.0", "layers.1")), "weights"),
    "lost tied head": (tensors_changed(MODEL, without_head), "weights"),
    "merged in bf16": (tensors_changed(MODEL, in_bf16), "weights"),
    "other tokenizer": (
        json_changed("tokenizer.json", lambda v: v["model"]["vocab"].update(_rotated(v["model"]["vocab"]))),
        "tokenizer",
    ),
    "other end": (json_changed("tokenizer_config.json", lambda v: v.update(eos_token="a")), "tokenizer"),
    "wrong template": (lambda folder: _template(folder).write_text("{{ messages[0].content }}!"), "template"),
}  # fmt: skip


def _rotated(vocabulary: dict[str, int]) -> dict[str, int]:
    names = list(vocabulary)
    return dict(zip(names, [vocabulary[name] for name in names[-3:] + names[:-3]], strict=True))


def _template(folder: Path) -> Path:
    return folder / "chat_template.jinja"


@pytest.fixture
def exports(take: Take, tiny_values: dict[str, Any], tmp_path: Path) -> dict[str, Path]:
    shutil.unpack_archive(take(tiny_values), tmp_path / "adapter")
    return {"adapter": tmp_path / "adapter", "model": take(tiny_values, "merged")}


@pytest.fixture
def corrupted(exports: dict[str, Path], tiny_model: str, tmp_path: Path) -> Callable[[str, Corrupt], Verified]:
    def found(which: str, corrupt: Corrupt) -> Verified:
        folder = tmp_path / "corrupted"
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(exports[which], folder)
        corrupt(folder)
        return verify(folder, Path(tiny_model))

    return found


def test_twenty_one_corruptions_are_found_and_the_right_part_is_blamed(
    corrupted: Callable[[str, Corrupt], Verified], exports: dict[str, Path], tmp_path: Path
) -> None:
    planted = [("adapter", *one) for one in OF_ADAPTER.items()] + [("model", *one) for one in OF_MODEL.items()]
    found = {name: (corrupted(which, corrupt), part) for which, name, (corrupt, part) in planted}
    other = save_tiny(tmp_path / "other", seed=1)
    found["other base of the same name"] = verify(exports["adapter"], other), "base"
    assert len(found) == 21
    assert [name for name, (one, _) in found.items() if one.result != "different"] == []
    assert {name: one.blame for name, (one, part) in found.items() if one.blame != part} == {}


def test_who_writes_the_hashes_anew_is_found_by_the_answers(corrupted: Callable[[str, Corrupt], Verified]) -> None:
    """Nobody signs a proof; but a model that says something else cannot hide it."""

    def with_new_hashes(corrupt: Corrupt) -> Corrupt:
        def forged(folder: Path) -> None:
            corrupt(folder)
            forge(folder)

        return forged

    planted = {name: corrupt for name, (corrupt, part) in (OF_ADAPTER | OF_MODEL).items() if part in
               ("weights", "tokenizer", "template") and name not in ("flipped bit", "merged in bf16")}  # fmt: skip
    planted["scaling twice"] = OF_ADAPTER["scaling twice, in the settings"][0]
    found = {
        name: corrupted("model" if name in OF_MODEL else "adapter", with_new_hashes(corrupt))
        for name, corrupt in planted.items()
    }
    assert [name for name, one in found.items() if one.result != "different" or one.changed] == []


def test_what_is_no_export_is_told_so(tmp_path: Path, exports: dict[str, Path], tiny_model: str) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "text.zip").write_text("no zip", encoding="utf-8")
    cases = [tmp_path / "empty", tmp_path / "text.zip", tmp_path / "nothing", Path(tiny_model)]
    for change in (
        lambda v: v.update(kind="../../etc"), lambda v: v.update(format=2), lambda v: v.pop("base"),
        lambda v: v.update(prompts="all"), lambda v: v["base"].update(where="anywhere"),
        lambda v: v.update(dtype="load"), lambda v: v["prompts"][0].update(max_new_tokens=10**9),
        lambda v: v.update(prompts=v["prompts"] * 50), lambda v: v["prompts"][0].update(continuation=[]),
    ):  # fmt: skip
        folder = tmp_path / f"changed-{len(cases)}"
        shutil.copytree(exports["adapter"], folder)
        json_changed(PROOF, change)(folder)
        cases.append(folder)
    (exports["model"] / PROOF).write_text("[" * 100_000, encoding="utf-8")
    cases.append(exports["model"])
    for path in cases:
        with pytest.raises(RunError, match=r"no export|neither a folder nor a zip"):
            verify(path, Path(tiny_model))


def test_a_model_that_is_asked_nothing_is_not_what_was_trained(
    exports: dict[str, Path], tiny_model: str, tmp_path: Path
) -> None:
    """A proof that a stranger wrote, whose seals fit."""
    folder = tmp_path / "asked-nothing"
    shutil.copytree(exports["adapter"], folder)
    seal = hashlib.sha256(b"[]").hexdigest()
    json_changed(PROOF, lambda v: (v.update(prompts=[]), v["seals"].update(prompts=seal)))(folder)
    found = verify(folder, Path(tiny_model))
    assert (found.result, found.blame, found.answers, found.of) == ("different", "proof", 0, 0)
    assert "network" not in " ".join(of_verified(found, "en"))


def test_a_zip_that_is_no_export_is_called_by_its_own_name(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "holiday.zip", "w") as file:
        file.writestr("sea.txt", "sea")
    with pytest.raises(RunError, match=r"^holiday\.zip is no export"):
        verify(tmp_path / "holiday.zip")


def test_a_base_that_is_not_here_is_named_with_the_remedy(
    exports: dict[str, Path], tiny_model: str, tmp_path: Path
) -> None:
    with pytest.raises(RunError, match="--base FOLDER"):
        verify(exports["adapter"])
    (tmp_path / "no-weights").mkdir()
    with pytest.raises(RunError, match="no safetensors"):
        verify(exports["adapter"], tmp_path / "no-weights")
    # A folder of this machine that a proof calls a Hub id is not looked into.
    json_changed(PROOF, lambda v: v["base"].update(name=str(tmp_path / "base"), where="hub"))(exports["adapter"])
    shutil.copytree(tiny_model, tmp_path / "base")
    with pytest.raises(RunError, match="is not here"):
        verify(exports["adapter"])
    # A proof that names another file of a package, or another package, is not followed to it.
    json_changed(
        PROOF, lambda v: v["base"].update(name="smollm2-135m-instruct", where="package", package="os", file="/etc/x")
    )(exports["adapter"])
    with pytest.raises(RunError, match="is not here"):
        verify(exports["adapter"])


@pytest.mark.parametrize(
    ("entries", "reason"),
    [
        ({"../out.json": b"{}"}, "outside"),
        ({"/out.json": b"{}"}, "outside"),
        ({"C:\\out.json": b"{}"}, "outside"),
        ({"bomb.bin": bytes(300_000_000)}, "more than is allowed"),
        ({f"{number}.json": b"{}" for number in range(300)}, "too many"),
    ],
)
def test_a_zip_of_a_stranger_stays_in_its_place(entries: dict[str, bytes], reason: str, tmp_path: Path) -> None:
    path = tmp_path / "in" / "sent.zip"
    path.parent.mkdir()
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in entries.items():
            file.writestr(name, content)
    with pytest.raises(RunError, match=reason):
        verify(path)
    assert [one.name for one in tmp_path.rglob("*")] == ["in", "sent.zip"]


def test_a_link_in_a_zip_is_not_followed(tmp_path: Path) -> None:
    path = tmp_path / "sent.zip"
    with zipfile.ZipFile(path, "w") as file:
        link = zipfile.ZipInfo("proof.json")
        link.external_attr = 0o120777 << 16
        file.writestr(link, "/etc/passwd")
    with pytest.raises(RunError, match="link"):
        verify(path)


def test_weights_in_pickle_are_never_loaded(exports: dict[str, Path], tiny_model: str, tmp_path: Path) -> None:
    class Runs:
        def __reduce__(self) -> tuple[Any, ...]:
            return (Path.touch, (tmp_path / "ran",))

    torch.save({"weight": Runs()}, exports["adapter"] / "adapter_model.bin")
    (exports["adapter"] / ADAPTER).unlink()
    found = verify(exports["adapter"], Path(tiny_model))
    assert (found.result, found.blame, found.executed) == ("different", "weights", False)
    assert not (tmp_path / "ran").exists()


def test_an_adapter_that_names_a_module_is_not_executed(exports: dict[str, Path], tiny_model: str) -> None:
    chosen = {"megatron_config": {"a": 1}, "megatron_core": "antigravity"}
    json_changed("adapter_config.json", lambda v: v.update(chosen))(exports["adapter"])
    found = verify(exports["adapter"], Path(tiny_model))
    assert (found.result, found.blame, found.executed) == ("different", "config", False)


def test_a_proof_reads_no_other_file_of_this_machine(exports: dict[str, Path], tiny_model: str, tmp_path: Path) -> None:
    outside = tmp_path / "outside.json"
    outside.write_bytes(b"{}")
    known = hashlib.sha256(b"{}").hexdigest()
    (exports["adapter"] / "link").symlink_to(outside)
    names = [str(outside), f"../{outside.name}", f"a/../../{outside.name}", "link", "\0", "x" * 5000, ""]
    forge(exports["adapter"], files=dict.fromkeys(names, known))
    found = verify(exports["adapter"], Path(tiny_model))
    assert set(found.changed) == set(names)


def test_a_header_that_claims_two_gigabytes_is_not_believed(exports: dict[str, Path], tiny_model: str) -> None:
    path = exports["adapter"] / ADAPTER
    path.write_bytes((2 * 2**30).to_bytes(8, "little") + path.read_bytes()[8:])
    found = verify(exports["adapter"], Path(tiny_model))
    assert (found.result, found.blame, found.executed) == ("different", "weights", False)
