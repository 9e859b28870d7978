"""A model that brings its own code: the code never runs, and nobody is asked whether it may."""

from __future__ import annotations

import ast
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from transformers import AutoModelForCausalLM, AutoTokenizer

from playground.errors import ModelError
from playground.model.load import load_base
from playground.model.sources.config_files import model_config
from tests.tiny import save_tiny

ROOT = Path(__file__).resolve().parents[2]
LOADERS = {"from_pretrained", "from_config", "load_dataset", "load_dataset_builder"}
# Calls that have no such argument, and why no code of the model's can run there.
WITHOUT = {
    "PeftModel.from_pretrained": "reads adapter_config.json and safetensors onto a base that is in memory already",
    "PeftConfig.from_pretrained": "reads adapter_config.json alone, from a folder of ours",
    "datasets.load_dataset_builder": "runs no script of a data set since version 4, and warns of the argument",
}
CODE = """
from pathlib import Path
Path({trace!r}).write_text("the code ran")
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast
class OwnConfig(LlamaConfig):
    model_type = "{kind}"
class OwnModel(LlamaForCausalLM):
    config_class = OwnConfig
class OwnTokenizer(PreTrainedTokenizerFast):
    pass
"""


def with_own_code(folder: Path, trace: Path, kind: str, own_tokenizer: bool = False) -> Path:
    """A tiny model whose files ask for classes of a file beside them."""
    save_tiny(folder)
    (folder / "own.py").write_text(CODE.format(trace=str(trace), kind=kind), encoding="utf-8")
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    config["model_type"] = kind
    config["auto_map"] = {"AutoConfig": "own.OwnConfig", "AutoModelForCausalLM": "own.OwnModel"}
    (folder / "config.json").write_text(json.dumps(config), encoding="utf-8")
    if not own_tokenizer:
        return folder
    tokenizer = json.loads((folder / "tokenizer_config.json").read_text(encoding="utf-8"))
    tokenizer |= {"tokenizer_class": "OwnTokenizer", "auto_map": {"AutoTokenizer": [None, "own.OwnTokenizer"]}}
    (folder / "tokenizer_config.json").write_text(json.dumps(tokenizer), encoding="utf-8")
    return folder


def test_the_trap_springs_where_code_is_trusted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without this, the tests below could pass because the code is broken."""
    monkeypatch.setenv("HF_MODULES_CACHE", str(tmp_path / "modules"))
    folder = with_own_code(tmp_path / "model", tmp_path / "trace", "own_kind")
    program = (
        "import sys; from transformers import AutoConfig;"
        "AutoConfig.from_pretrained(sys.argv[1], trust_remote_code=True)"
    )
    subprocess.run([sys.executable, "-c", program, str(folder)], check=True, capture_output=True, timeout=120)
    assert (tmp_path / "trace").read_text(encoding="utf-8") == "the code ran"


def test_a_model_that_needs_its_own_code_is_refused_and_its_code_never_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("builtins.input", lambda *_: pytest.fail("asked in the terminal"))
    folder = with_own_code(tmp_path / "model", tmp_path / "trace", "own_kind")
    with pytest.raises(ModelError, match="own code, which is never run"):
        load_base(str(folder))
    with pytest.raises(ModelError, match="own code, which is never run"):
        model_config(str(folder))
    assert not (tmp_path / "trace").exists()


def test_a_known_kind_loads_as_the_library_has_it_without_the_code_beside_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("builtins.input", lambda *_: pytest.fail("asked in the terminal"))
    folder = with_own_code(tmp_path / "model", tmp_path / "trace", "llama")
    base = load_base(str(folder))
    assert type(base.model).__module__ == "transformers.models.llama.modeling_llama"
    assert not (tmp_path / "trace").exists()


def test_a_tokenizer_that_needs_its_own_code_is_refused_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("builtins.input", lambda *_: pytest.fail("asked in the terminal"))
    folder = with_own_code(tmp_path / "model", tmp_path / "trace", "llama", own_tokenizer=True)
    with pytest.raises(ModelError, match="own code, which is never run"):
        load_base(str(folder))
    assert not (tmp_path / "trace").exists()


@pytest.mark.slow
def test_the_command_line_asks_nothing_in_a_terminal(tmp_path: Path) -> None:
    pty = pytest.importorskip("pty")
    folder = with_own_code(tmp_path / "model", tmp_path / "trace", "own_kind")
    run_file = tmp_path / "run.yaml"
    run_file.write_text(
        f"base_model: {folder}\ndata: {{dataset: blunt-to-courteous}}\ntraining: {{max_steps: 1}}\n", encoding="utf-8"
    )
    terminal, its_end = pty.openpty()
    os.write(terminal, b"y\n")  # whoever asks is told to run it
    command = [sys.executable, "-m", "playground", "train", str(run_file), "--runs-dir", str(tmp_path / "runs")]
    ended = subprocess.run(command, cwd=ROOT, stdin=its_end, capture_output=True, text=True, timeout=300)
    os.close(its_end)
    os.close(terminal)
    assert ended.returncode != 0
    assert "own code, which is never run" in ended.stderr + ended.stdout
    assert "[y/N]" not in ended.stderr + ended.stdout
    assert not (tmp_path / "trace").exists()


def loading_calls() -> list[tuple[str, ast.Call]]:
    found = []
    for path in sorted((ROOT / "playground").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call):
                name = ast.unparse(node.func)
                if name.rpartition(".")[2] in LOADERS:
                    found.append((f"{path.relative_to(ROOT)}:{node.lineno} {name}", node))
    return found


def test_every_call_that_loads_says_that_no_code_is_trusted() -> None:
    calls = loading_calls()
    assert len(calls) >= 10
    silent = [
        where
        for where, call in calls
        if where.rpartition(" ")[2] not in WITHOUT
        and not any(
            keyword.arg == "trust_remote_code" and ast.unparse(keyword.value) == "False" for keyword in call.keywords
        )
    ]
    assert silent == []


def test_no_exception_to_that_rule_is_left_over() -> None:
    assert {where.rpartition(" ")[2] for where, _ in loading_calls()} >= set(WITHOUT)


def test_the_libraries_still_take_the_argument() -> None:
    assert "trust_remote_code" in (AutoModelForCausalLM.from_pretrained.__doc__ or "")
    assert "trust_remote_code" in (AutoTokenizer.from_pretrained.__doc__ or "")
