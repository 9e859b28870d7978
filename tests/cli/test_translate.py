"""`translate`: what goes to stdout, from an argument, a file or a pipe; and what is refused."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from playground.cli.main import BAD_INPUT, DONE, INTERRUPTED, main
from playground.service import Playground

DIRECTION = ["--from", "en", "--to", "pt"]
QUICK = ["translate", *DIRECTION, "--beams", "1"]


@pytest.fixture(autouse=True)
def in_a_folder_of_its_own(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)


def piped(monkeypatch: pytest.MonkeyPatch, content: bytes) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(content), encoding="utf-8"))


def test_a_text_comes_out_translated_with_its_lines_and_nothing_else(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*QUICK, "--model", "m2m100-mini", "Save the file.\n\n  - Close the window.\n"]) == DONE
    assert capsys.readouterr().out == "Salve o arquivo.\n\n  - Fechar a janela.\n"


def test_what_comes_through_a_pipe_is_translated(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    piped(monkeypatch, b"\xef\xbb\xbfSave the file.\n")
    assert main(QUICK) == DONE
    assert capsys.readouterr().out == "Salve o arquivo.\n"


def test_a_file_is_translated_line_by_line_and_json_says_how_sure_the_model_is(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "lines.txt"
    path.write_text("Save the file.\n\n🙂\n", encoding="utf-8")
    assert main([*QUICK, "--file", str(path)]) == DONE
    assert capsys.readouterr().out == "Salve o arquivo.\n\n🙂\n"
    assert main([*QUICK, "--file", str(path), "--json"]) == DONE
    [update] = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert update["is_final"]
    assert [row["source"] for row in update["rows"]] == ["Save the file.", "", "🙂"]
    [made] = update["rows"][0]["translations"]
    assert made["text"] == "Salve o arquivo."
    assert 0 < made["confidence"] < 1


def test_ctrl_c_keeps_what_is_translated(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    translated = Playground.translate

    def interrupted(playground: Playground, request: Any) -> Iterator[Any]:
        update = list(translated(playground, request))[-1]
        yield replace(update, texts=["half …"], is_final=False)
        raise KeyboardInterrupt

    monkeypatch.setattr(Playground, "translate", interrupted)
    assert main([*QUICK, "Save the file."]) == INTERRUPTED
    assert capsys.readouterr().out == "half …\n"


REFUSED: list[tuple[list[str], str]] = [
    (["--from", "en", "--to", "tlh", "x"], "Portuguese (pt)"),
    (["--from", "xx", "--to", "pt", "x"], "English (en)"),
    (["--from", "en", "--to", "en-GB", "x"], "the same language"),
    ([*DIRECTION, "--file", "gone.txt"], "gone.txt"),
    ([*DIRECTION, "--file", "gone.txt", "x"], "Choose one"),
    ([*DIRECTION, "--output", "x.txt", "x"], "Give both"),
    ([*DIRECTION, "--file", "gone.txt", "--output", "gone/x.txt"], "no such folder"),
    ([*DIRECTION, " \n "], "nothing to translate"),
    ([*DIRECTION, "--beams", "99", "x"], "num_beams"),
    ([*DIRECTION, "--run", "20260101-000000-abcdef", "x"], "There is no run"),
    ([*DIRECTION, "--model", "no/such/model", "x"], "no model"),
]


@pytest.mark.parametrize(("arguments", "message"), REFUSED, ids=[" ".join(arguments) for arguments, _ in REFUSED])
def test_bad_input_is_one_message_on_stderr_and_status_2(
    arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["translate", *arguments]) == BAD_INPUT
    out, err = capsys.readouterr()
    assert out == ""
    assert message in err
    assert "Traceback" not in err


def test_a_pipe_that_is_no_text_is_refused(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    piped(monkeypatch, b"abc\xff")
    assert main(QUICK) == BAD_INPUT
    assert "byte 3" in capsys.readouterr().err


def test_a_language_without_a_name_is_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["translate", "--to", "pt", "x"]) == BAD_INPUT
    assert "--from" in capsys.readouterr().err


XLIFF = (
    '<xliff version="1.2"><file source-language="en" target-language="pt"><body>\r\n'
    "<trans-unit id='1'><source>Save the file.</source>{}</trans-unit>\r\n"
    "<trans-unit id='2'><source>Press <x id='1'/> now.</source></trans-unit>\r\n</body></file></xliff>"
)
STATE = 'state="needs-review-translation" state-qualifier="leveraged-mt"'


def test_an_xliff_file_comes_out_filled_in_and_says_its_own_languages(
    tmp_path: Path, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    path, output = tmp_path / "menu.xlf", tmp_path / "menu.pt.xlf"
    path.write_bytes(XLIFF.format("").encode())
    expected = XLIFF.format(f"<target {STATE}>Salve o arquivo.</target>").encode()
    assert main(["translate", "--beams", "1", "--file", str(path)]) == DONE
    out, err = capsysbinary.readouterr()
    assert out == expected
    assert b"Filled in: 1. These stay as they are: 1 with markup inside the sentence." in err
    assert main(["translate", "--beams", "1", "--file", str(path), "--output", str(output)]) == DONE
    assert (capsysbinary.readouterr().out, output.read_bytes()) == (b"", expected)


def test_a_memory_comes_out_as_a_memory(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "memory.tmx"
    path.write_text(
        '<tmx version="1.4"><header srclang="en"/><body><tu><tuv xml:lang="en"><seg>Save the file.</seg></tuv>'
        '<tuv xml:lang="pt"><seg>Guarde</seg></tuv></tu></body></tmx>',
        encoding="utf-8",
    )
    assert main(["translate", "--beams", "1", "--file", str(path)]) == DONE
    assert "<seg>Salve o arquivo.</seg>" in capsys.readouterr().out


def test_a_file_for_other_languages_is_not_filled_in(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "menu.xlf"
    path.write_bytes(XLIFF.format("").encode())
    assert main(["translate", "--to", "es", "--file", str(path)]) == BAD_INPUT
    assert "from English into Portuguese, not from English into Spanish" in capsys.readouterr().err


def test_unknown_languages_are_listed_in_the_terminals_language(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("LC_ALL", "pt_BR.UTF-8")
    assert main(["translate", "--from", "en", "--to", "tlh", "x"]) == BAD_INPUT
    assert "Português (pt)" in capsys.readouterr().err


def test_several_columns_are_written_side_by_side(capsys: pytest.CaptureFixture[str]) -> None:
    from playground.cli.translate import _write_side_by_side
    from playground.compare.adapters import Column
    from playground.data.example import Languages
    from playground.model.translate import TranslationConfig
    from playground.translate.text import Row, Translated, TranslateUpdate

    made: Any = (Translated("Olá\x1b[31m", 0.5, False, ()), Translated("Oi", 0.875, False, ("copied",)))
    columns = [Column("base", None), Column("mine", "run-1")]
    rows = [Row("Hello", made), Row("Bye", (None, None))]
    _write_side_by_side(
        TranslateUpdate(columns, Languages("en", "pt"), TranslationConfig(), rows, ["", ""], 2, 4, False)
    )
    assert capsys.readouterr().out.splitlines() == [
        "> Hello", "  base: Olá [31m  50%", "  mine (run-1): Oi  88%  [copied]", "> Bye",
    ]  # fmt: skip


def test_another_engine_translates_too_and_says_how_far_it_agrees_beside_the_translation(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PEFT_PLAYGROUND_CACHE", str(tmp_path / "cache"))
    assert main([*QUICK, "--engine", "ctranslate2", "Save the file."]) == DONE
    printed = capsys.readouterr()
    assert printed.out == "Salve o arquivo.\n"
    assert "CTranslate2 (int8), m2m100-mini: 1 of the 1 sentences" in printed.err
    assert main([*QUICK, "--engine", "ctranslate2", "--json", "Save the file."]) == DONE
    update = json.loads(capsys.readouterr().out)
    assert update["engine"] == "ctranslate2"
    assert update["agreements"] == [{"sentences": 1, "equal": 1}]
    with pytest.raises(SystemExit):
        main([*QUICK, "--engine", "onnx", "x"])
