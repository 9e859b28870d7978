from __future__ import annotations

import sys
import threading
import types
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from playground.config import RunConfig
from playground.errors import BusyError, PlaygroundError, RunError
from playground.runs.folder import RunFolder
from playground.service import Playground
from tests.events import stepped

FOREIGN_IDS = ["../secret", "20250101-000000-abcdef/../../secret", "/etc/passwd", "", "20250101-000000-abcdef"]


def add_run(playground: Playground, name: str = "first", status: str = "finished", **values: Any) -> RunFolder:
    """A run on disk as training leaves it; without `status` it has not ended."""
    settings = {"name": name, "data": {"dataset": "notes-to-json"}, **values}
    folder = playground.store.create(RunConfig.from_values(settings), {})
    folder.append({"event": "EvalLogged", "step": 0, "loss": 2.0, "perplexity": 7.4, "seconds": 0.0})
    if status:
        folder.finish({"status": status, "steps": 4, "eval_loss_base": 2.0, "eval_loss": 0.5, "seconds": 3.2})
    return folder


def add_adapter(folder: RunFolder) -> None:
    folder.adapter.mkdir()
    (folder.adapter / "adapter_config.json").write_text("{}")
    (folder.adapter / "adapter_model.safetensors").write_bytes(b"12345")


@pytest.mark.parametrize("run_id", FOREIGN_IDS)
@pytest.mark.parametrize(
    "request_name",
    ["resume_run", "stop_run", "progress", "run_info", "my_run_info", "settings_of", "config_of", "delete_run"],
)
def test_every_request_refuses_an_id_that_is_not_a_run(playground: Playground, request_name: str, run_id: str) -> None:
    secret = playground.runs_dir.parent / "secret"
    secret.mkdir()
    (secret / "config.yaml").write_text("name: secret\ndata: {dataset: x}\n")
    with pytest.raises(RunError, match="There is no run"):
        getattr(playground, request_name)(run_id)
    assert secret.exists()


@pytest.mark.parametrize("run_id", FOREIGN_IDS)
def test_renaming_exporting_and_differences_refuse_an_id_that_is_not_a_run(playground: Playground, run_id: str) -> None:
    with pytest.raises(RunError):
        playground.rename_run(run_id, "mine")
    with pytest.raises(RunError):
        playground.export_adapter(run_id, playground.runs_dir)
    with pytest.raises(RunError):
        playground.differences([run_id])
    with pytest.raises(RunError):
        playground.held_out_prompts(run_id, 2)


def test_an_unknown_run_is_explained_in_both_languages(playground: Playground) -> None:
    with pytest.raises(PlaygroundError) as caught:
        playground.run_info("../secret")
    assert "Runs tab" in caught.value.to("en")
    assert "aba Execuções" in caught.value.to("pt")


def test_a_line_of_the_list_tells_what_the_run_did(playground: Playground) -> None:
    folder = add_run(playground)
    add_adapter(folder)
    (info,) = playground.list_runs()
    assert (info.run_id, info.name, info.status, info.method) == (folder.run_id, "first", "finished", "lora")
    assert (info.steps, info.eval_loss_base, info.eval_loss, info.seconds) == (4, 2.0, 0.5, 3.2)
    assert (info.has_adapter, info.adapter_bytes) == (True, 5)
    assert info.created_at[:10].replace("-", "") == folder.run_id[:8]


def test_a_run_that_no_process_trains_and_that_has_no_summary_is_interrupted(playground: Playground) -> None:
    folder = add_run(playground, status="")
    assert playground.run_info(folder.run_id).status == "interrupted"
    assert not playground.progress(folder.run_id).is_live


def test_search_finds_every_word_in_any_field_in_any_case(playground: Playground) -> None:
    add_run(playground, "Alpha one")
    add_run(playground, "beta", status="failed", method={"method": "prefix_tuning"})
    assert [info.name for info in playground.list_runs("alpha ONE")] == ["Alpha one"]
    assert [info.name for info in playground.list_runs("failed prefix")] == ["beta"]
    assert playground.list_runs("alpha beta") == []
    assert len(playground.list_runs("  ")) == 2


def test_differences_name_only_the_settings_in_which_the_runs_differ(playground: Playground) -> None:
    first = add_run(playground, "same", method={"method": "lora", "params": {"r": 4}})
    second = add_run(playground, "same", method={"method": "lora", "params": {"r": 8, "lora_alpha": 3}}, seed=7)
    assert dict(playground.differences([first.run_id, second.run_id])) == {
        "method.params.r": [4, 8],
        "method.params.lora_alpha": ["–", 3],
        "seed": [42, 7],
    }
    assert playground.differences([first.run_id, first.run_id]) == []
    assert playground.differences([]) == []


def test_progress_continues_where_the_last_call_ended(playground: Playground) -> None:
    folder = add_run(playground, status="")
    first = playground.progress(folder.run_id)
    assert [event["event"] for event in first.events] == ["EvalLogged"]
    folder.append(stepped(1))
    second = playground.progress(folder.run_id, since=first.revision)
    assert [event["event"] for event in second.events] == ["StepLogged"]


def test_a_renamed_run_is_found_by_its_new_name(playground: Playground) -> None:
    folder = add_run(playground)
    playground.rename_run(folder.run_id, "<b>second</b>")
    assert playground.run_info(folder.run_id).name == "<b>second</b>"
    assert [info.run_id for info in playground.list_runs("second")] == [folder.run_id]


def test_a_deleted_run_is_gone(playground: Playground) -> None:
    folder = add_run(playground)
    playground.delete_run(folder.run_id)
    assert playground.list_runs() == []
    assert not folder.path.exists()


def test_the_exported_zip_holds_exactly_the_adapter_folder(playground: Playground, tmp_path: Path) -> None:
    folder = add_run(playground)
    add_adapter(folder)
    archive = playground.export_adapter(folder.run_id, tmp_path)
    assert archive.name == f"{folder.run_id}-adapter.zip"
    with zipfile.ZipFile(archive) as files:
        names = {name for name in files.namelist() if not name.endswith("/")}
        assert names == {"adapter_config.json", "adapter_model.safetensors"}
        assert files.read("adapter_model.safetensors") == b"12345"


def test_a_run_without_adapter_cannot_be_exported(playground: Playground, tmp_path: Path) -> None:
    folder = add_run(playground, status="failed")
    with pytest.raises(RunError, match="has no adapter"):
        playground.export_adapter(folder.run_id, tmp_path)


@pytest.fixture
def training(playground: Playground, monkeypatch: pytest.MonkeyPatch) -> Iterator[RunFolder]:
    """A run that is training until the test ends; what it computes is none of these tests' business."""
    may_end = threading.Event()
    # In place of the module, so that torch is not loaded for it.
    session = types.SimpleNamespace(run=lambda *_: may_end.wait(20))
    monkeypatch.setitem(sys.modules, "playground.runs.session", session)
    folder = add_run(playground, "busy", status="")
    playground.worker.submit(folder)
    yield folder
    may_end.set()
    assert playground.worker.wait(folder.run_id, timeout=20)


def test_an_active_run_can_neither_be_deleted_nor_resumed(playground: Playground, training: RunFolder) -> None:
    assert playground.active_run() == training.run_id
    assert playground.run_info(training.run_id).status == "running"
    for request in (playground.delete_run, playground.resume_run):
        with pytest.raises(RunError, match="busy"):
            request(training.run_id)
    assert training.path.exists()


def test_a_comparison_is_refused_while_a_run_trains(playground: Playground, training: RunFolder) -> None:
    with pytest.raises(BusyError, match="busy"), playground.worker.model_lock():
        pass


def test_a_second_comparison_is_refused_until_the_first_has_ended(playground: Playground) -> None:
    with playground.worker.model_lock():
        with pytest.raises(BusyError, match="comparison"), playground.worker.model_lock():
            pass
    with playground.worker.model_lock():
        pass
