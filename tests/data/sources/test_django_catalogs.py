"""Django's catalogs, against what Python's gettext finds in the compiled ones of the same package."""

from __future__ import annotations

import gettext
import importlib.util
import subprocess
import sys
from pathlib import Path

import pytest

from playground.config import DataConfig
from playground.data.check import check_split
from playground.data.example import Example, Languages, Told
from playground.data.read import load_split
from playground.data.sources.django_catalogs import is_test, languages, read_catalogs, skeleton_of
from playground.errors import DataError

TESTED = ["pt-BR", "gl", "ca", "es", "fr"]


def split(target: str) -> tuple[list[Example], list[Example]]:
    found = load_split(DataConfig(dataset="django-catalogs", source_language="en", target_language=target), 1)
    return found.train, found.held_out


@pytest.mark.parametrize("language", TESTED)
def test_there_are_500_training_and_200_held_out_pairs(language: str) -> None:
    train, held_out = split(language)
    assert len(train) >= 500
    assert 200 <= len(held_out) <= 260
    assert {example.languages for example in train + held_out} == {Languages("en", language)}
    assert sum(len(example.prompt.split()) >= 3 for example in held_out) > len(held_out) / 2


def test_there_are_at_least_70_languages_galician_and_catalan_among_them() -> None:
    assert len(languages()) >= 70
    assert {"pt-BR", "pt", "gl", "ca", "zh-Hans"} <= set(languages())
    assert not {"en", "en-GB"} & set(languages())


def test_no_english_text_is_on_both_sides_in_any_two_languages() -> None:
    sides: dict[str, set[str]] = {}
    for language in {*TESTED, *languages()[::8]}:
        for part, examples in zip(("train", "test"), split(language), strict=True):
            for example in examples:
                sides.setdefault(skeleton_of(example.prompt), set()).add(part)
                sides.setdefault(example.prompt.casefold(), set()).add(part)
    assert len(sides) > 700
    assert {text for text, parts in sides.items() if len(parts) > 1} == set()


@pytest.mark.parametrize("language", TESTED)
@pytest.mark.parametrize("turned", [False, True])
def test_nothing_leaks_in_either_direction(language: str, turned: bool) -> None:
    names = {"source_language": language, "target_language": "en"} if turned else {"target_language": language}
    found = load_split(DataConfig(dataset="django-catalogs", **names), 1)
    assert check_split(found) == []
    assert {example.languages for example in found.held_out} == {
        Languages(language, "en") if turned else Languages("en", language)
    }


@pytest.mark.parametrize("language", TESTED)
def test_translations_are_those_that_gettext_finds(language: str) -> None:
    """Entries of one form each; their text must be one of those that a compiled catalog gives for it."""
    spec = importlib.util.find_spec("django")
    assert spec is not None
    assert spec.submodule_search_locations
    package, code = Path(spec.submodule_search_locations[0]), language.replace("-", "_")
    known: dict[str, set[str]] = {}
    for path in package.rglob(f"locale/{code}/LC_MESSAGES/*.mo"):
        with path.open("rb") as stream:
            catalog = vars(gettext.GNUTranslations(stream))["_catalog"]
        for key, text in catalog.items():
            source = key if isinstance(key, str) else key[0]
            known.setdefault(" ".join(source.rpartition("\x04")[2].split()), set()).add(" ".join(text.split()))
    train, held_out = split(language)
    singular = [example for example in train + held_out if example.prompt in known]
    assert len(singular) > 600
    assert [example for example in singular if example.completion not in known[example.prompt]] == []


def test_the_split_depends_on_the_letters_alone() -> None:
    assert (
        skeleton_of("%(count)d Files were {name} deleted!")
        == skeleton_of("%s file were deleted")
        == "file were deleted"
    )
    assert not is_test("word")
    tested = sum(is_test(f"some word{number}") for number in range(1000))
    assert 350 < tested < 450


def test_pairs_without_english_are_joined_by_it() -> None:
    rows = read_catalogs("test", Told("pt-BR", "gl")).rows
    assert all(set(row) <= {"en", "pt-BR", "gl"} for row in rows)
    found = load_split(DataConfig(dataset="django-catalogs", source_language="pt-BR", target_language="gl"), 1)
    assert len(found.held_out) >= 200
    assert "leak" not in [finding.kind for finding in check_split(found)]


def test_portuguese_of_brazil_comes_unless_another_language_is_asked_for() -> None:
    assert load_split(DataConfig(dataset="django-catalogs"), 1).train[0].languages == Languages("en", "pt-BR")


def test_a_language_without_catalog_is_refused_with_those_that_have_one() -> None:
    with pytest.raises(DataError, match="no catalog in xx. It has: en, af, ar") as caught:
        read_catalogs("train", Told(None, "xx"))
    assert "não tem catálogo em xx" in caught.value.to("pt")


def test_a_missing_package_is_named_with_the_command_that_installs_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda _name: None)
    with pytest.raises(DataError, match="Install it: pip install --no-deps Django") as caught:
        languages()
    assert "Instale" in caught.value.to("pt")


def test_the_package_is_read_and_not_imported() -> None:
    code = (
        "import sys; from playground.data.sources.django_catalogs import read_catalogs;"
        "from playground.data.example import Told;"
        "read_catalogs('train', Told('en', 'gl')); print('django' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
