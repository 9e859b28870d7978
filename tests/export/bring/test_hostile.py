"""Files that were made to do harm, or that are no adapter: each is refused with a message, and leaves nothing."""

from __future__ import annotations

import errno
import json
import stat
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from playground.errors import ModelError, PlaygroundError, RunError
from playground.export.headers.safetensors_file import tensors_in
from playground.runs.folder import RunFolder
from playground.service import Playground
from playground.service.export.bring import BringRequest
from playground.service.visitor import COMMAND_LINE, Visitor
from tests.export.bring.adapters import nothing_left, safetensors, with_config, zipped
from tests.export.bring.conftest import Bring

CONFIG, WEIGHTS = "adapter_config.json", "adapter_model.safetensors"
Zip = zipfile.ZipFile


def link(file: Zip, name: str) -> None:
    entry = zipfile.ZipInfo(name)
    entry.external_attr = (stat.S_IFLNK | 0o777) << 16
    file.writestr(entry, "/etc/passwd")


def second_of_a_name(file: Zip, name: str) -> None:
    with pytest.warns(UserWarning, match="Duplicate name"):
        file.writestr(name, b"{}")


def many(file: Zip) -> None:
    for number in range(1001):
        file.writestr(f"{number}.txt", b"")


# What is added to a zip that holds a whole adapter, and what is said then.
ADDED: dict[str, tuple[Callable[[Zip], None], str]] = {
    "a way out": (lambda file: file.writestr("../../evil.txt", b"x"), "lies outside"),
    "an absolute path": (lambda file: file.writestr("/tmp/evil.txt", b"x"), "lies outside"),
    "a way out of Windows": (lambda file: file.writestr("..\\..\\evil.txt", b"x"), "lies outside"),
    "a drive": (lambda file: file.writestr("C:/evil.txt", b"x"), "lies outside"),
    "a link": (lambda file: link(file, "more.txt"), "is a link"),
    "a name twice": (lambda file: second_of_a_name(file, CONFIG), "is there twice"),
    "a name twice but for its case": (lambda file: file.writestr(CONFIG.upper(), b"{}"), "is there twice"),
    "another adapter": (lambda file: file.writestr(f"checkpoint-20/{CONFIG}", b"{}"), "several.*checkpoint-20"),
    "a thousand files": (many, "more than 1,000"),
}  # fmt: skip


@pytest.mark.parametrize("what", ADDED)
def test_a_zip_that_is_not_safe_is_not_unpacked(
    what: str, lora: Path, playground: Playground, bring: Bring, tmp_path: Path
) -> None:
    path = zipped(lora, tmp_path / "adapter.zip")
    add, said = ADDED[what]
    with zipfile.ZipFile(path, "a") as file:
        add(file)
    with pytest.raises(ModelError, match=said):
        bring(path)
    assert nothing_left(playground)
    assert not list(tmp_path.rglob("evil.txt"))


def test_a_second_zip_beside_the_first_is_not_taken_for_its_file(
    lora: Path, playground: Playground, tmp_path: Path
) -> None:
    both = tuple(zipped(lora, tmp_path / name) for name in ("one.zip", "two.zip"))
    for sent in (both, (both[0], lora / CONFIG)):
        with pytest.raises(ModelError, match=rf"2 files came \(one.zip, {sent[1].name}\).*all but one zip"):
            list(playground.bring_adapter(BringRequest(sent=sent)))
    assert nothing_left(playground)


def test_bytes_are_counted_as_they_come(playground: Playground, bring: Bring, lora: Path, tmp_path: Path) -> None:
    """30 MB of nothing in 30 kB; a header that says less changes nothing."""
    path = tmp_path / "bomb.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        file.write(lora / CONFIG, CONFIG)
        with file.open(WEIGHTS, "w") as stream:
            for _ in range(30):
                stream.write(bytes(10**6))
    with pytest.raises(ModelError, match="unpacks to more than 100 times"):
        bring(path)
    content = path.read_bytes().replace((30 * 10**6).to_bytes(4, "little"), (100).to_bytes(4, "little"))
    path.write_bytes(content)
    with pytest.raises(ModelError, match="cannot be unpacked|unpacks to more"):
        bring(path)
    assert nothing_left(playground)


def test_a_visitor_sends_at_most_what_a_visitor_may(tmp_path: Path, lora: Path, playground: Playground) -> None:
    path = tmp_path / "large.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as file:
        file.write(lora / CONFIG, CONFIG)
        file.writestr(WEIGHTS, bytes(51_000_000))
    playground.visitor = lambda: Visitor("ana")
    with pytest.raises(ModelError, match="more than 50"):
        list(playground.bring_adapter(BringRequest(sent=(path,))))
    assert nothing_left(playground)


def test_what_a_mac_adds_and_a_pickle_beside_the_weights_are_passed_over(
    lora: Path, bring: Bring, playground: Playground, tmp_path: Path
) -> None:
    path = zipped(lora, tmp_path / "mac.zip", inside="adapter/")
    with zipfile.ZipFile(path, "a") as file:
        file.writestr(f"__MACOSX/adapter/{CONFIG}", b"\0\5\x16\7")
        file.writestr("__MACOSX/../evil", b"")
        file.writestr("adapter/optimizer.pt", b"\x80\4.")
        file.writestr("adapter/tokenizer.json", b"{}")
    run = playground.store.open(bring(path).run_id)
    assert sorted(item.name for item in run.adapter.iterdir()) == [CONFIG, WEIGHTS]


@pytest.mark.parametrize("name", ["adapter_model.bin", "adapter_model.pt", "adapter_model.pth", "pytorch_model.ckpt"])
def test_pickled_weights_are_refused_with_the_way_to_convert_them(
    name: str, lora: Path, playground: Playground, bring: Bring, tmp_path: Path
) -> None:
    folder = tmp_path / "pickled"
    folder.mkdir()
    (folder / CONFIG).write_bytes((lora / CONFIG).read_bytes())
    (folder / name).write_bytes(b"\x80\4cos\nsystem\n.")
    for sent in ([folder], [zipped(folder, tmp_path / "pickled.zip")], [folder / CONFIG, folder / name]):
        with pytest.raises(ModelError, match=f"{name}, a pickle.*safe_serialization=True"):
            bring(*sent)
    assert nothing_left(playground)


@pytest.mark.parametrize(
    ("names", "said"),
    [
        ([], "There is no adapter to open"),
        ([CONFIG], f"{WEIGHTS} is missing"),
        ([WEIGHTS], f"{CONFIG} is missing"),
        (["nowhere.zip"], "There is no folder or file"),
    ],
)
def test_half_of_an_adapter_is_refused(
    names: list[str], said: str, lora: Path, playground: Playground, tmp_path: Path
) -> None:
    request = BringRequest(sent=tuple(lora / name for name in names), hub_id="")
    with pytest.raises(ModelError, match=said if names else "one of the two"):
        list(playground.bring_adapter(request))
    assert nothing_left(playground)


def test_what_only_looks_like_a_zip_is_refused(
    lora: Path, playground: Playground, bring: Bring, tmp_path: Path
) -> None:
    whole = zipped(lora, tmp_path / "whole.zip").read_bytes()
    locked = bytearray(whole)
    for mark in (b"PK\1\2", b"PK\3\4"):  # the bit that says: with a password
        place = whole.find(mark)
        locked[place + (8 if mark == b"PK\1\2" else 6)] |= 1
    for number, content in enumerate((whole[:200], whole[:-30], b"PK\3\4" + bytes(500), bytes(locked))):
        path = tmp_path / f"{number}.zip"
        path.write_bytes(content)
        with pytest.raises(ModelError, match="cannot be unpacked|is encrypted"):
            bring(path)
    assert nothing_left(playground)


# --- weights ------------------------------------------------------------------------------------

ENTRY = {"dtype": "F32", "shape": [2, 2], "data_offsets": [0, 16]}
FILES = {
    "a header of 2 GB": (safetensors(b"{", length=2 * 10**9), "claims a header of 2"),
    "a header of more than there is": (safetensors(b"{}", length=2**63), "claims a header"),
    "nothing": (b"", "claims a header|no safetensors"),
    "eight bytes": (bytes(8), "no safetensors"),
    "no JSON": (safetensors(b"{]", b""), "no safetensors"),
    "a list": (safetensors(b"[]", b""), "no safetensors"),
    "depth": (safetensors(b"[" * 100_000, b""), "no safetensors"),
    "no tensor": (safetensors({"__metadata__": {}}), "holds 0 tensors"),
    "offsets past the end": (safetensors({"a": {**ENTRY, "data_offsets": [0, 10**12]}}, bytes(16)), "other bytes"),
    "a shape past the end": (safetensors({"a": {**ENTRY, "shape": [2**40, 2**40]}}, bytes(16)), "other bytes"),
    "a hole": (safetensors({"a": {**ENTRY, "data_offsets": [4, 20]}}, bytes(20)), "other bytes"),
    "two in one place": (safetensors({"a": ENTRY, "b": ENTRY}, bytes(16)), "other bytes"),
    "bytes that nobody has": (safetensors({"a": ENTRY}, bytes(17)), "other bytes"),
    "a negative size": (safetensors({"a": {**ENTRY, "shape": [-2, -2]}}, bytes(16)), "no number"),
    "a size that is true": (safetensors({"a": {**ENTRY, "shape": [True, 4]}}, bytes(16)), "no number"),
    "a size that is text": (safetensors({"a": {**ENTRY, "shape": "22"}}, bytes(16)), "no safetensors"),
    "an unknown type": (safetensors({"a": {**ENTRY, "dtype": "<script>"}}, bytes(16)), "of type"),
    "no offsets": (safetensors({"a": {"dtype": "F32", "shape": [2, 2]}}, bytes(16)), "no safetensors"),
    "a text for a tensor": (safetensors({"a": "F32"}, bytes(16)), "no safetensors"),
}  # fmt: skip


@pytest.mark.parametrize("what", FILES)
def test_a_false_header_is_refused_before_anything_is_allocated(
    what: str, lora: Path, playground: Playground, bring: Bring, tmp_path: Path
) -> None:
    content, said = FILES[what]
    folder = with_config(lora, tmp_path / "false")
    (folder / WEIGHTS).write_bytes(content)
    with pytest.raises(ModelError, match=said):
        bring(folder)
    assert nothing_left(playground)


def test_a_true_header_is_read_as_safetensors_reads_it(lora: Path) -> None:
    from safetensors import safe_open

    with safe_open(lora / WEIGHTS, framework="pt") as file:
        shapes = {name: tuple(file.get_slice(name).get_shape()) for name in file.keys()}  # noqa: SIM118 - no mapping
    assert {name: item.shape for name, item in tensors_in(lora / WEIGHTS).items()} == shapes


# --- the configuration --------------------------------------------------------------------------

CHANGES: dict[str, tuple[dict[str, Any], str]] = {
    "no method": ({"peft_type": None}, "peft_type is None"),
    "an unknown method": ({"peft_type": "<script>"}, "not opened here"),
    "a list for a method": ({"peft_type": ["LORA"]}, "not opened here"),
    "a method that reads pickles": ({"peft_type": "MULTITASK_PROMPT_TUNING"}, "not opened here"),
    "a classifier": ({"task_type": "SEQ_CLS"}, "the task 'SEQ_CLS'"),
    "a list for a task": ({"task_type": ["CAUSAL_LM"]}, "the task"),
    "modules of its own": ({"modules_to_save": ["lm_head"]}, "modules_to_save.*changes the base"),
    "trained biases": ({"bias": "all"}, "bias.*changes the base"),
    "layers twice": ({"layer_replication": [[0, 2], [0, 2]]}, "layer_replication"),
    "taken from the base": ({"init_lora_weights": "pissa"}, "path_initial_model_for_weight_conversion"),
    "a slow pattern": ({"target_modules": ["(\\w+\\.?)+!"]}, "taken|take it for a pattern"),
    "a pattern for ranks": ({"rank_pattern": {"(a+)+$": 2}}, "take it for a pattern"),
    "a size without end": ({"r": 10**30}, "take it for a pattern, or for a size"),
    "a number that is none": ({"lora_alpha": "16"}, "lora_alpha = '16'"),
    "depth": ({"rank_pattern": {"a": {"b": {"c": {"d": 1}}}}}, "rank_pattern"),
    "another way to compute": ({"arrow_config": {"top_k": 2}}, "arrow_config"),
    "another rank": ({"r": 8}, "is \\[4, 64\\] in its file, and would be \\[8, 64\\]"),
    "other layers": ({"target_modules": ["q_proj"]}, "belongs to no layer there"),
    "more layers": ({"target_modules": ["q_proj", "v_proj", "o_proj"]}, "is missing from its file"),
    "layers that are nowhere": ({"target_modules": ["nowhere"]}, "are not there"),
}  # fmt: skip


@pytest.mark.parametrize("what", CHANGES)
def test_a_configuration_that_cannot_be_trusted_or_does_not_fit_is_refused(
    what: str, lora: Path, playground: Playground, bring: Bring, tmp_path: Path
) -> None:
    changes, said = CHANGES[what]
    with pytest.raises(ModelError, match=said):
        bring(with_config(lora, tmp_path / "changed", **changes))
    assert nothing_left(playground)


@pytest.mark.parametrize("text", ["", "[]", "{", '{"r": NaN}', "[" * 100_000, "\ufeff{}", "é" * 3_000_000])
def test_a_configuration_that_is_no_json_is_refused(
    text: str, lora: Path, playground: Playground, bring: Bring, tmp_path: Path
) -> None:
    folder = with_config(lora, tmp_path / "changed")
    (folder / CONFIG).write_text(text, encoding="utf-8")
    with pytest.raises(ModelError, match=r"adapter_config\.json"):
        bring(folder)
    assert nothing_left(playground)


def test_what_names_code_and_files_never_reaches_peft(
    lora: Path, playground: Playground, bring: Bring, tmp_path: Path
) -> None:
    folder = with_config(
        lora, tmp_path / "named", auto_mapping={"base_model_class": "Popen", "parent_library": "subprocess"},
        megatron_config={"a": 1}, megatron_core="evil_module", runtime_config={"a": 1}, revision="../..",
        tokenizer_kwargs={"trust_remote_code": True}, tokenizer_name_or_path="/etc", base_model_name_or_path="/etc/x",
        from_the_future="<script>", eva_config={"a": 1},
    )  # fmt: skip
    brought = bring(folder)
    kept = json.loads((playground.store.open(brought.run_id).adapter / CONFIG).read_text())
    assert kept["base_model_name_or_path"] is None
    assert not {"auto_mapping", "megatron_config", "megatron_core", "tokenizer_kwargs", "from_the_future"} & kept.keys()
    assert any("from_the_future" in warning.en for warning in brought.warnings)


# --- a full disk, other visitors ----------------------------------------------------------------


@pytest.mark.parametrize("moment", ["origin", "weights", "config", "summary"])
def test_a_disk_that_fills_up_leaves_nothing_that_looks_whole(
    moment: str, lora: Path, playground: Playground, bring: Bring, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    room = "playground.export.bring.bring"
    places = {"origin": f"{room}.write_origin", "weights": "shutil.copyfile", "config": f"{room}.write_atomically"}
    with monkeypatch.context() as patch:
        if moment == "summary":
            patch.setattr(RunFolder, "finish", full)
        else:
            patch.setattr(places[moment], full)
        with pytest.raises(RunError, match="The disk is full"):
            bring(lora)
    assert nothing_left(playground)
    assert bring(lora).run_id, "once there is room it works"


def test_a_stop_leaves_nothing(lora: Path, playground: Playground, tiny_model: str, tiny_data: str) -> None:
    asked: list[int] = []

    def stop_at_the_second_look() -> bool:
        asked.append(1)
        return len(asked) > 2

    request = BringRequest(sent=(lora,), base_model=tiny_model, dataset=tiny_data)
    news = list(playground.bring_adapter(request, stop_at_the_second_look))
    assert [type(item).__name__ for item in news] == ["StageChanged"]
    assert nothing_left(playground)


def test_a_run_is_its_visitors_and_names_nothing_of_the_machine(
    lora: Path, playground: Playground, tiny_model: str, tiny_data: str, tmp_path: Path
) -> None:
    """A visitor can send files; a folder, a model's path and a file's are the owner's to name."""
    who: list[Visitor] = [Visitor("ana", names_model_folders=True, names_data_files=True)]
    playground.visitor = lambda: who[0]
    *_, brought = playground.bring_adapter(BringRequest(sent=(lora,), base_model=tiny_model, dataset=tiny_data))
    assert playground.store.open(brought.run_id).owner == "ana"
    who[0] = Visitor("ben")
    assert playground.list_runs() == []
    with pytest.raises(RunError, match="belongs to another visitor"):
        playground.train_on(brought.run_id, 2)
    path = zipped(lora, tmp_path / "a.zip")
    for request, said in (
        (BringRequest(sent=(lora,)), "no adapter to open"),
        (BringRequest(sent=(path,), base_model=tiny_model), "not read from here"),
        (BringRequest(sent=(path,), hub_id="a/b"), "one of the two"),
        (BringRequest(hub_id="../../etc"), "is no Hub id"),
        (BringRequest(hub_id=str(lora)), "is no Hub id"),
    ):
        with pytest.raises(PlaygroundError, match=said):
            list(playground.bring_adapter(request))
    who[0] = COMMAND_LINE
    assert [info.run_id for info in playground.list_runs()] == [brought.run_id]
