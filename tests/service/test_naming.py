"""What a visitor may name: never a path from the page, any path from the command line."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from playground.config import RunConfig
from playground.errors import ConfigError
from playground.service.naming import model_named_by, named_by
from playground.service.uploads import Uploads
from playground.service.visitor import COMMAND_LINE, PAGE_OWNER, Visitor

GUEST = Visitor("ana")


def named(visitor: Visitor, runs_dir: Path, **values: Any) -> RunConfig:
    return named_by(visitor, RunConfig.from_values({"data": {"dataset": "notes-to-json"}, **values}), Uploads(runs_dir))


def refusal(visitor: Visitor, runs_dir: Path, **values: Any) -> str:
    with pytest.raises(ConfigError) as caught:
        named(visitor, runs_dir, **values)
    return str(caught.value)


@pytest.mark.parametrize("visitor", [PAGE_OWNER, GUEST])
@pytest.mark.parametrize(
    "dataset", ["{there}", "{there}x.csv", "rows.csv", "./rows", "../rows.csv", "a/b.csv", "~/x", "C:\\x"]
)
def test_no_page_names_a_data_file_by_its_path(visitor: Visitor, dataset: str, tmp_path: Path) -> None:
    there = tmp_path / "rows.csv"
    there.write_text("prompt,completion\na,b\n")
    dataset = dataset.replace("{there}", str(there))
    assert "Files of the server are not read" in refusal(visitor, tmp_path, data={"dataset": dataset})
    aligned = {"dataset": "django-catalogs", "target_file": dataset}
    assert "data.target_file" in refusal(visitor, tmp_path, data=aligned)


def test_the_answer_does_not_tell_whether_a_path_exists(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)  # messages cut long paths, and with them the name that tells these apart
    (tmp_path / "there.csv").write_text("prompt,completion\na,b\n")
    (tmp_path / "there-model").mkdir()

    def answers(suffix: str, setting: Callable[[str], dict[str, Any]]) -> set[str]:
        names = [f"{word}{suffix}" for word in ("there", "nowhere")]
        return {refusal(GUEST, tmp_path, **setting(f"./{name}")).replace(name, "X") for name in names}

    assert len(answers(".csv", lambda path: {"data": {"dataset": path}})) == 1
    assert len(answers("-model", lambda path: {"base_model": path})) == 1


def test_the_command_line_names_any_path_and_the_pages_owner_a_model_folder(tmp_path: Path) -> None:
    path = str(tmp_path / "rows.csv")
    assert named(COMMAND_LINE, tmp_path, data={"dataset": path}).data.dataset == path
    assert named(PAGE_OWNER, tmp_path, base_model=str(tmp_path)).base_model == str(tmp_path)


def test_a_hub_id_means_the_hub_whatever_a_local_folder_is_called(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "runs" / "secret").mkdir(parents=True)
    config = named(GUEST, tmp_path, base_model="runs/secret", data={"dataset": "runs/secret"})
    assert (config.base_model, config.data.dataset) == ("hub:runs/secret", "hub:runs/secret")
    config = named(GUEST, tmp_path, base_model="ana/model", data={"dataset": "ana/data"})
    assert (config.base_model, config.data.dataset) == ("ana/model", "ana/data")


@pytest.mark.parametrize("name", ["hub:../..", "hub:/etc/passwd", "hub:", "hub:a/b/c", "/etc", "..", "a b", "a\0b"])
def test_what_is_no_hub_id_is_no_model_for_a_guest(name: str) -> None:
    with pytest.raises(ConfigError, match="Folders of the server are not read"):
        model_named_by(GUEST, name)


def test_every_name_that_is_not_allowed_is_told_at_once(tmp_path: Path) -> None:
    told = refusal(
        GUEST, tmp_path, base_model="/models/x", data={"dataset": "/data/x.csv", "target_file": "/data/y.csv"}
    )
    assert "data.dataset" in told
    assert "base_model" in told
