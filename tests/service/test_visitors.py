"""Whose run is it: another visitor's is not listed, can be read by its id, and is changed by nobody else."""

from __future__ import annotations

import threading
import types
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from playground.config import DataConfig
from playground.errors import BusyError, ConfigError, RunError
from playground.service import Playground
from playground.service.visitor import COMMAND_LINE, PAGE_OWNER, Visitor
from tests.ending import end_all

ANA, BEN = Visitor("ana"), Visitor("ben")
VALUES = {"name": "Ana's secret plan", "data": {"dataset": "notes-to-json"}}


@dataclass
class Caller:
    """Who calls right now."""

    visitor: Visitor

    def __call__(self) -> Visitor:
        return self.visitor


@pytest.fixture
def caller() -> Caller:
    return Caller(ANA)


@pytest.fixture
def playground(tmp_path: Path, caller: Caller) -> Iterator[Playground]:
    playground = Playground(tmp_path / "runs", visitor=caller)
    yield playground
    end_all(playground)


@pytest.fixture
def anas_run(playground: Playground) -> str:
    """A run of Ana's that has ended, with an adapter."""
    folder = playground.store.create(playground.check(VALUES), {}, "ana")
    folder.adapter.mkdir()
    for name in ("adapter_config.json", "adapter_model.safetensors"):
        (folder.adapter / name).write_text("{}", encoding="utf-8")
    folder.finish({"status": "stopped", "steps": 4})
    return folder.run_id


@pytest.fixture
def anas_race(playground: Playground) -> str:
    race = {"entrants": ["lora", "ia3"]}
    from playground.race.config import RaceConfig

    return playground.races.store.create(RaceConfig.from_values({**VALUES, "race": race}), "ana").race_id


@pytest.fixture
def training(playground: Playground, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A run of Ana's that trains until the test has ended."""
    began, may_end = threading.Event(), threading.Event()

    def run(folder: Any, *_: Any) -> dict[str, Any]:
        began.set()
        may_end.wait(10)
        folder.finish({"status": "finished"})
        return {}

    monkeypatch.setitem(__import__("sys").modules, "playground.runs.session", types.SimpleNamespace(run=run))
    run_id = playground.start_run(playground.check(VALUES))
    assert began.wait(10)
    yield run_id
    may_end.set()
    assert playground.worker.wait(run_id, 10)


def test_a_run_belongs_to_who_started_it(playground: Playground, training: str) -> None:
    assert playground.store.open(training).owner == "ana"


@pytest.mark.parametrize(("visitor", "sees"), [(ANA, True), (BEN, False), (PAGE_OWNER, True), (COMMAND_LINE, True)])
def test_others_runs_and_races_are_not_listed(
    playground: Playground, caller: Caller, anas_run: str, anas_race: str, visitor: Visitor, sees: bool
) -> None:
    caller.visitor = visitor
    assert [info.run_id for info in playground.list_runs()] == [anas_run] * sees
    assert [race.race_id for race in playground.list_races()] == [anas_race] * sees
    assert playground.list_runs("secret") == playground.list_runs()


def test_a_run_of_the_machines_owner_is_nobody_elses(playground: Playground, caller: Caller) -> None:
    caller.visitor = COMMAND_LINE
    folder = playground.store.create(playground.check(VALUES), {})
    caller.visitor = BEN
    assert playground.list_runs() == []
    with pytest.raises(RunError, match="another visitor"):
        playground.delete_run(folder.run_id)


CHANGES: dict[str, Callable[[Playground, str], object]] = {
    "stop": lambda playground, run_id: playground.stop_run(run_id),
    "resume": lambda playground, run_id: playground.resume_run(run_id),
    "rename": lambda playground, run_id: playground.rename_run(run_id, "mine now"),
    "delete": lambda playground, run_id: playground.delete_run(run_id),
    "use its settings": lambda playground, run_id: playground.settings_of(run_id),
    "take it along to another tab": lambda playground, run_id: playground.my_run_info(run_id),
}


@pytest.mark.parametrize("change", CHANGES)
def test_others_runs_cannot_be_changed(playground: Playground, caller: Caller, anas_run: str, change: str) -> None:
    before = {path: path.read_bytes() for path in playground.store.open(anas_run).path.rglob("*") if path.is_file()}
    caller.visitor = BEN
    with pytest.raises(RunError, match="another visitor") as caught:
        CHANGES[change](playground, anas_run)
    assert "outro visitante" in caught.value.to("pt")
    after = {path: path.read_bytes() for path in playground.store.open(anas_run).path.rglob("*") if path.is_file()}
    assert after == before


@pytest.mark.parametrize("change", ["stop_race", "resume_race", "race_to_delete", "delete_race"])
def test_others_races_cannot_be_changed(playground: Playground, caller: Caller, anas_race: str, change: str) -> None:
    caller.visitor = BEN
    with pytest.raises(RunError, match="another visitor"):
        getattr(playground, change)(anas_race)
    assert playground.races.store.open(anas_race).config.name == VALUES["name"]


def test_who_knows_the_id_can_read_a_run_and_take_its_adapter(
    playground: Playground, caller: Caller, anas_run: str, tmp_path: Path
) -> None:
    caller.visitor = BEN
    assert playground.run_info(anas_run).name == VALUES["name"]
    progress = playground.progress(anas_run)
    assert (progress.status, progress.may_change) == ("stopped", False)
    assert playground.export_adapter(anas_run, tmp_path).is_file()


def test_nothing_tells_a_visitor_what_somebody_else_trains(
    playground: Playground, caller: Caller, training: str
) -> None:
    with pytest.raises(BusyError, match="Ana's secret plan"):
        next(playground.compare_precisions("m2m100-mini"))
    assert (playground.active_run(), playground.others_train()) == (training, False)
    caller.visitor = BEN
    assert (playground.active_run(), playground.others_train()) == (None, True)
    with pytest.raises(BusyError) as caught:
        next(playground.compare_precisions("m2m100-mini"))
    assert "another visitor's run" in str(caught.value)
    assert "secret" not in str(caught.value)


def test_a_verdict_is_kept_only_with_ones_own_runs(playground: Playground, caller: Caller, anas_run: str) -> None:
    caller.visitor = BEN
    with pytest.raises(RunError, match="another visitor"):
        next(playground.judge(types.SimpleNamespace(run_ids=(anas_run,))))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "call",
    [
        lambda playground: playground.check({**VALUES, "data": {"dataset": "/etc/passwd"}}),
        lambda playground: playground.check({**VALUES, "base_model": "/etc"}),
        lambda playground: playground.model_languages("/etc"),
        lambda playground: playground.languages_of_data(DataConfig(dataset="/etc/passwd")),
        lambda playground: next(playground.compare_precisions("/etc")),
        lambda playground: playground.start_race(
            {**VALUES, "base_model": "/etc", "race": {"entrants": ["lora", "ia3"]}}
        ),
        lambda playground: playground.preflight({**VALUES, "data": {"dataset": "/etc/passwd"}}),
        lambda playground: playground.time_run({**VALUES, "data": {"dataset": "/etc/passwd"}}),
    ],
)
def test_every_call_that_takes_a_name_refuses_a_guests_path(
    playground: Playground, call: Callable[[Playground], Any]
) -> None:
    with pytest.raises(ConfigError, match="of the server are not read"):
        call(playground)


def test_a_guest_sees_no_folder_of_the_machine(playground: Playground, caller: Caller, tmp_path: Path) -> None:
    caller.visitor = COMMAND_LINE
    data, model = tmp_path / "rows.csv", tmp_path / "own-model"
    data.write_text("prompt,completion\n" + "".join(f"q{n},a{n}\n" for n in range(9)))
    model.mkdir()
    values = {"name": "mine", "base_model": str(model), "data": {"dataset": str(data)}}
    run_ids = [
        playground.store.create(playground.check({**values, "seed": seed, "name": f"n{seed}"}), {}).run_id
        for seed in (1, 2)
    ]
    caller.visitor = BEN
    shown = repr([playground.run_info(run_ids[0]), playground.differences(run_ids)])
    assert "own-model" in shown
    assert "rows.csv" in shown
    assert str(tmp_path) not in shown


def test_the_name_of_a_hub_model_is_shown_whole(playground: Playground) -> None:
    folder = playground.store.create(playground.check({**VALUES, "base_model": "ana/model"}), {}, "ana")
    assert playground.run_info(folder.run_id).base_model == "ana/model"
