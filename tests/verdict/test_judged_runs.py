"""Runs judged against their base: on held-out pairs, on a file, with leakage, and as a command."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
import sacrebleu

from playground.cli.main import BAD_INPUT, DONE, main
from playground.data.example import Languages
from playground.errors import DataError, RunError
from playground.model.load import load_base
from playground.model.translate import TranslationConfig, translate
from playground.runs import session
from playground.service import Playground
from playground.ui.verdict.html import verdict_html
from playground.verdict.files import from_json
from playground.verdict.judged_runs import JudgeProgress, JudgeRequest
from playground.verdict.leakage import LeakageError
from tests.tiny import save_tiny_translator

WORDS = ("cat", "mat", "rain", "house", "file", "editor", "floor", "ticket")
GREEDY = TranslationConfig(num_beams=1, max_new_tokens=12)


@pytest.fixture(scope="module")
def translator(tmp_path_factory: pytest.TempPathFactory) -> str:
    return str(save_tiny_translator(tmp_path_factory.mktemp("model") / "m2m100", "m2m100"))


@pytest.fixture(scope="module")
def trained(translator: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of runs with a finished one."""
    folder = tmp_path_factory.mktemp("trained")
    path, playground = folder / "pairs.tsv", Playground(folder / "runs")
    rows = [f"The {word} number {number}.\tO {word} {number}." for number in range(5) for word in WORDS]
    path.write_text("en\tpt\n" + "\n".join(rows) + "\n", encoding="utf-8")
    values = {
        "name": "pairs",
        "base_model": translator,
        "data": {"dataset": str(path), "source_language": "en", "target_language": "pt", "eval_fraction": 0.3},
        "training": {"max_steps": 3, "batch_size": 4, "eval_examples": 4, "score_examples": 0, "learning_rate": 0.05},
    }
    run = playground.store.create(playground.check(values), {})
    assert session.run(run, lambda: False)["status"] == "finished"
    return playground.runs_dir


@pytest.fixture
def run_id(playground: Playground, trained: Path) -> str:
    """The run, in a folder that a test may change."""
    shutil.copytree(trained, playground.runs_dir)
    (run,) = playground.list_runs()
    return run.run_id


def test_the_verdict_is_on_the_held_out_pairs_and_stays_with_the_run(
    playground: Playground, run_id: str, translator: str
) -> None:
    *progress, verdict = playground.judge(JudgeRequest((run_id,), decoding=GREEDY))
    count = len(verdict.test.pairs)
    assert count == 12
    assert [step.done for step in progress if isinstance(step, JudgeProgress)] == list(range(1, 2 * count + 1))
    (file,) = playground.store.open(run_id).path.glob("verdict-*.json")
    assert from_json(file.read_text(encoding="utf-8"), file.name) == verdict
    base = load_base(translator)
    sources, references = zip(*verdict.test.pairs, strict=True)
    own = dict(translate(base.model, base, sources, Languages("en", "pt"), GREEDY))
    outputs = [own[place].text for place in range(count)]
    assert verdict.base.system.outputs == tuple(outputs)
    assert verdict.base.scores["chrF"].score == pytest.approx(sacrebleu.corpus_chrf(outputs, [references]).score)
    assert verdict.base.system.decoding == GREEDY.signature()


def test_a_file_with_training_pairs_is_judged_only_after_the_leak_was_accepted(
    playground: Playground, run_id: str, tmp_path: Path
) -> None:
    trained = Path(playground.config_of(run_id).data.dataset)
    request = {"run_ids": (run_id,), "test_file": str(trained), "decoding": GREEDY}
    with pytest.raises(LeakageError, match="The cat number") as caught:
        list(playground.judge(JudgeRequest(**request)))
    assert len(caught.value.leaks) == 28
    *_, verdict = playground.judge(JudgeRequest(**request, accept_leakage=True))
    assert len(verdict.test.leaks) == 28
    clean = tmp_path / "test.jsonl"
    clean.write_text('{"en": "The rain.", "pt": "A chuva."}\n', encoding="utf-8")
    *_, verdict = playground.judge(JudgeRequest((run_id,), test_file=str(clean), decoding=GREEDY))
    assert verdict.test.name == "test.jsonl"
    assert verdict.adapters[0].against_base.caution


@pytest.mark.parametrize("is_swapped", [False, True])
def test_two_aligned_texts_are_judged_whichever_was_given_first(
    playground: Playground, run_id: str, tmp_path: Path, is_swapped: bool
) -> None:
    texts = ["The rain fell all night.\nMy house is small.\n", "A chuva caiu a noite toda.\nMinha casa é pequena.\n"]
    files = [tmp_path / "one.txt", tmp_path / "two.txt"]
    for file, text in zip(files, reversed(texts) if is_swapped else texts, strict=True):
        file.write_text(text, encoding="utf-8")
    request = JudgeRequest((run_id,), test_file=str(files[0]), test_target=str(files[1]), decoding=GREEDY)
    *_, verdict = playground.judge(request)
    assert [pair.source for pair in verdict.test.pairs] == texts[0].splitlines()
    assert [pair.reference for pair in verdict.test.pairs] == texts[1].splitlines()


MEMORY = """<tmx version="1.4"><header srclang="en"/><body><tu>
<tuv xml:lang="en"><seg>The rain.</seg></tuv><tuv xml:lang="pt-BR"><seg>A chuva.</seg></tuv></tu></body></tmx>"""
XLIFF = """<xliff version="1.2"><file source-language="en" target-language="pt"><body>
<trans-unit id="1"><source>The rain.</source><target>A chuva.</target></trans-unit></body></file></xliff>"""
CATALOG = 'msgid ""\nmsgstr "Language: pt\\n"\n\nmsgid "The rain."\nmsgstr "A chuva."\n'


@pytest.mark.parametrize(("name", "content"), [("a.tmx", MEMORY), ("a.xlf", XLIFF), ("a.po", CATALOG)])
def test_the_files_of_translators_are_test_files(
    name: str, content: str, playground: Playground, run_id: str, tmp_path: Path
) -> None:
    (tmp_path / name).write_text(content, encoding="utf-8")
    *_, verdict = playground.judge(JudgeRequest((run_id,), test_file=str(tmp_path / name), decoding=GREEDY))
    assert verdict.test.pairs == (("The rain.", "A chuva."),)


def test_a_verdict_on_other_weights_than_those_of_the_training_says_so_for_good(
    playground: Playground, run_id: str
) -> None:
    adapter = playground.store.open(run_id).adapter
    note = json.loads((adapter / "base.json").read_text(encoding="utf-8"))
    (adapter / "base.json").write_text(json.dumps(note | {"sha256": "0" * 64}), encoding="utf-8")
    *_, verdict = playground.judge(JudgeRequest((run_id,), decoding=GREEDY))
    assert verdict.base.system.other_base is None
    assert "began with 000000000000" in str(verdict.adapters[0].system.other_base)
    name = playground.verdict_names(run_id)[0]
    kept = playground.saved_verdict(run_id, name)
    assert kept.adapters[0].system.other_base == verdict.adapters[0].system.other_base
    assert "000000000000" in verdict_html(kept, "pt")


def test_once_stopped_there_is_no_verdict(playground: Playground, run_id: str) -> None:
    updates = list(playground.judge(JudgeRequest((run_id,), decoding=GREEDY), should_stop=lambda: True))
    assert updates == []
    assert list(playground.store.open(run_id).path.glob("verdict-*.json")) == []


def test_what_cannot_be_judged_says_why(
    playground: Playground, run_id: str, make_run: Any, values: Any, tmp_path: Path
) -> None:
    with pytest.raises(RunError, match="Choose a run"):
        JudgeRequest(())
    other = tmp_path / "other.tsv"
    other.write_text("fr\tes\nChat\tGato\n", encoding="utf-8")
    with pytest.raises(DataError, match=r"other\.tsv"):
        list(playground.judge(JudgeRequest((run_id,), test_file=str(other))))
    causal = make_run(values)
    session.run(causal, lambda: False)
    with pytest.raises(RunError, match="did not train on translations"):
        list(playground.judge(JudgeRequest((causal.run_id,))))


def test_the_command_prints_the_sentence_the_figures_and_the_signatures(
    playground: Playground, run_id: str, capsys: pytest.CaptureFixture[str]
) -> None:
    runs = ["--runs-dir", str(playground.runs_dir)]
    assert main(["evaluate", run_id, "--beams", "1", *runs]) == DONE
    shown = capsys.readouterr().out
    assert "pairs:" in shown
    assert "nrefs:1" in shown
    assert "\ndecoding: beam:1|" in shown
    assert main(["evaluate", run_id, "--beams", "1", "--json", *runs]) == DONE
    verdict = json.loads(capsys.readouterr().out)
    assert len(verdict["results"]) == 2
    assert main(["evaluate", "20200101-000000-aaaaaa-no", *runs]) == BAD_INPUT
    assert main(["evaluate", run_id, "--test-target", "x.txt", *runs]) == BAD_INPUT
    assert "--test" in capsys.readouterr().err
    assert main(["evaluate", run_id, "--from", "en", *runs]) == BAD_INPUT
    assert "--to" in capsys.readouterr().err
