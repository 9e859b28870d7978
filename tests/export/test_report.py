"""The report: one file, with everything in it and nothing from elsewhere, in which no value is markup."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import pytest

from playground.export.elsewhere.page import problems_of
from playground.export.papers.facts import facts_of
from playground.export.papers.report import report
from playground.texts import LANGUAGES, Language
from tests.export.made_up import DATA_SHA256, HOSTILE, SIGNATURE, made_up, made_up_run

RUNNER = Path("playground/export/elsewhere/page.py").absolute()


class Tags(HTMLParser):
    """Every tag with the names of its attributes, and the text that a reader sees."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, ...]] = []
        self.words: list[str] = []
        self.scripts: list[str] = []
        self.attributes: list[tuple[str, str, str]] = []
        self.inside = ""
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, *(name for name, _ in attrs)))
        self.attributes += [(tag, name, value or "") for name, value in attrs]
        self.inside = tag if tag in ("script", "style") else ""
        if tag == "script":
            self.scripts.append("")

    def handle_endtag(self, _tag: str) -> None:
        self.inside = ""

    def handle_data(self, data: str) -> None:
        if self.inside == "script":
            self.scripts[-1] += data
        elif not self.inside:
            self.words.append(data)


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[Language, str]:
    facts = made_up(tmp_path_factory.mktemp("plain"))
    return {language: report(facts, language) for language in LANGUAGES}


@pytest.mark.parametrize("language", LANGUAGES)
def test_it_asks_nothing_of_anywhere(pages: dict[Language, str], language: Language) -> None:
    page = Tags(pages[language])
    addresses = [value for _, name, value in page.attributes if name in ("src", "href", "action", "srcset", "data")]
    assert addresses == []
    assert not re.search(r"url\(|@import", pages[language].split("</style>")[0])
    (policy,) = [value for tag, name, value in page.attributes if (tag, name) == ("meta", "content") and "src" in value]
    assert policy.startswith("default-src 'none'; script-src 'sha256-")
    allowed = set(re.findall(r"'sha256-([^']+)'", policy))
    ran = [script for script in page.scripts if script.strip() and not script.lstrip().startswith("[{")]
    assert {base64.b64encode(hashlib.sha256(script.encode()).digest()).decode() for script in ran} == allowed
    assert "unsafe-eval" not in policy
    assert "unsafe-inline" not in policy.split("style-src")[0]


@pytest.mark.parametrize(
    ("language", "found"),
    [
        ("en", ["Report of a run", "4 steps of training on rows, 180 examples, 32 held out",
                "2.500 of the base, 1.500 with the adapter", "−1.250", "Base and adapter, side by side"]),
        ("pt", ["Relatório de uma execução", "4 passos de treino com rows, 180 exemplos, 32 reservados",
                "2,500 do modelo base, 1,500 com o adaptador", "−1,250", "Modelo base e adaptador, lado a lado"]),
    ],
)  # fmt: skip
def test_its_reader_finds_everything_in_their_language(
    pages: dict[Language, str], language: Language, found: list[str]
) -> None:
    page = Tags(pages[language])
    text = " ".join(" ".join(page.words).split())
    for needed in (*found, DATA_SHA256, "b" * 64, SIGNATURE, "method.params.r", "2.13", "Asked 9", "greedy"):
        assert needed in text, needed
    assert [tag for tag in page.tags if tag[0] == "ins"], "what the base did not say is marked"
    charts = json.loads(next(script for script in page.scripts if script.startswith("[{")))
    assert len(charts) == 5, "the verdict, loss, scores, the map of changes, and the distance"
    assert charts[3]["data"][0]["type"] == "heatmap"
    in_words = [value for _, name, value in page.attributes if name == "aria-label"]
    assert len(in_words) == 5
    assert all(len(words) > 40 for words in in_words)


@pytest.mark.parametrize("mark", [*HOSTILE[:3], "".join(HOSTILE)], ids=["tag", "script", "style", "all"])
def test_no_value_becomes_a_tag_or_an_attribute(pages: dict[Language, str], tmp_path: Path, mark: str) -> None:
    text = report(made_up(tmp_path, mark), "en")
    assert Tags(text).tags == Tags(pages["en"]).tags
    assert problems_of(text) == []
    text.encode()


def test_a_run_of_which_little_is_known_has_a_report(tmp_path: Path) -> None:
    folder = made_up_run(tmp_path, languages=False)
    folder.keep_events(lambda _: False)
    for path in folder.path.glob("verdict-*"):
        path.write_text("damaged", encoding="utf-8")
    (folder.path / "environment.json").write_text("[", encoding="utf-8")
    text = report(facts_of(folder), "en")
    assert "LoRA on model, for rows." in text
    assert problems_of(text) == []


def test_the_program_that_opens_it_elsewhere_names_what_asks_for_something(
    pages: dict[Language, str], tmp_path: Path
) -> None:
    page = pages["en"]
    planted = {
        "leads to": page.replace("<main>", '<main><a href="http://evil.example">x</a>'),
        "there is a <img>": page.replace("<main>", "<main><img alt=x>"),
        "is a script": page.replace("<main>", "<main onclick=x>"),
        "names other scripts": page.replace("<main>", "<main><script>1</script>"),
        "a style asks": page.replace("</style>", "body { background: url(//evil.example) }</style>"),
        "the policy lacks default-src": page.replace("default-src &#39;none&#39;; ", ""),
        "by itself": page.replace("<title>", '<meta http-equiv="refresh" content="0"><title>'),
    }
    for message, text in planted.items():
        assert any(message in problem for problem in problems_of(text)), message
    (tmp_path / "index.html").write_text(page, encoding="utf-8")
    done = subprocess.run([sys.executable, "-I", RUNNER, tmp_path], capture_output=True, text=True, check=True)
    assert json.loads(done.stdout) == {"answers": [], "input_ids": []}
    (tmp_path / "index.html").write_text(planted["leads to"], encoding="utf-8")
    refused = subprocess.run([sys.executable, "-I", RUNNER, tmp_path], capture_output=True, text=True, check=False)
    assert (refused.returncode, refused.stdout) == (1, "")
    assert "<a href> leads to 'http://evil.example'" in refused.stderr
