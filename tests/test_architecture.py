"""The picture and the paths of docs/architecture.md and CONTRIBUTING.md are those of the code."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.imports import MODULES, ROOT, imports
from tests.test_layers import FLOORS, part_of

PAGES = (ROOT / "docs/architecture.md", ROOT / "CONTRIBUTING.md")
FOLDERS = r"\.ci|\.github|assets|benchmarks|docs|playground|presets|tests"
# One box for what the picture does not part: floors of small files, and two folders that use each other.
BOXES = {"app": "ui", "__main__": "cli", "worker": "service", "model": "model_data", "data": "model_data"}
BOXES |= dict.fromkeys(FLOORS[-1].split(), "ground")
Arrows = set[tuple[str, str]]


def box_of(module: str) -> str:
    return BOXES.get(part_of(module), part_of(module))


def drawn() -> Arrows:
    (picture,) = re.findall(r"^```mermaid\n(.*?)^```", PAGES[0].read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    return set(re.findall(r"^ *(\w+)(?:\[.*?\])? --> (\w+)", picture, re.MULTILINE))


def imported() -> Arrows:
    own = MODULES.keys() - {"playground"}
    pairs = {(box_of(module), box_of(used)) for module in own for used in imports(module) & own}
    return {(user, used) for user, used in pairs if user != used}


def reached_from(box: str, arrows: Arrows) -> set[str]:
    found: set[str] = set()
    queue = [box]
    while queue:
        last = queue.pop()
        new = {used for user, used in arrows if user == last} - found
        found |= new
        queue.extend(new)
    return found


def test_every_arrow_of_the_picture_is_an_import() -> None:
    assert drawn() - imported() == set()


def test_every_import_goes_along_the_arrows_of_the_picture() -> None:
    arrows = drawn()
    assert {(user, used) for user, used in imported() if used not in reached_from(user, arrows)} == set()


def test_no_arrow_of_the_picture_says_what_others_say_already() -> None:
    arrows = drawn()
    assert {(user, used) for user, used in arrows if used in reached_from(user, arrows - {(user, used)})} == set()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_path_that_a_page_for_the_next_person_names_exists(page: Path) -> None:
    named = re.findall(rf"`((?:{FOLDERS})/[^`\s]*|app\.py|[\w.-]+\.(?:txt|toml|md))`", page.read_text(encoding="utf-8"))
    places = [re.sub(r"/?[^/]*(?:NAME|ROOM|<room>).*", "", name) for name in named]  # what is to be written has no file
    assert len(places) > 15
    assert [place for place in places if not (ROOT / place).exists()] == []
