"""Every method on models of four kinds, as whole runs: samples and scores on, finished, saved, loaded again.

Other families see one method of each kind: what every method does on them is in the table, which was probed.

In bfloat16, as most visitors' processors have it; what learns, and how much, is tested in float32 (test_session.py).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import torch

from playground.capabilities import tiny_families
from playground.catalog.capabilities import capability
from playground.catalog.methods import METHODS
from playground.config import RunConfig
from playground.data.read import load_split
from playground.model import load
from playground.model.adapt import attached
from playground.model.in_memory import base_in_memory, forget_base
from playground.model.load import BaseModel
from playground.model.virtual_tokens import text_limit
from playground.preflight.meta_model import meta_base, outline
from playground.runs import session
from playground.service import Playground
from playground.train.encoding import as_the_model_takes_them, encode_for
from playground.train.loop import evaluate, local_accelerator
from playground.train.sample import HeldOutSample
from tests.kinds import ONE_OF_EACH_KIND
from tests.tiny import save_tiny_translator, tiny_tokenizer

STEPS = 2
# transformers' name of each family's architecture, under which the table of what works lists it.
CAUSAL = {"llama": "llama", "gpt2": "gpt2", "opt": "opt", "bloom": "bloom"}
TRANSLATORS = {"m2m100": "m2m_100", "mbart50": "mbart", "marian": "marian", "t5": "t5"}
# An architecture from above with a tokenizer of its own: the methods that a visitor sees first will do.
OTHER_TOKENIZERS = {"nllb": "m2m_100", "marian-many": "marian", "mt5": "t5"}
# A decoder with plain layers and one with transposed, fused ones; an encoder-decoder with biases and one without.
ALL_METHODS = ("llama", "gpt2", "m2m100", "t5")
START_HERE = {name for name, spec in METHODS.items() if spec.group == "start_here"}
EACH = [
    (family, method)
    for families, task in ((CAUSAL, "causal_lm"), (TRANSLATORS, "seq2seq_lm"), (OTHER_TOKENIZERS, "seq2seq_lm"))
    for family in families
    for method, spec in METHODS.items()
    if task in spec.tasks
    and (
        family in ALL_METHODS
        or method in START_HERE
        or (families is not OTHER_TOKENIZERS and method in ONE_OF_EACH_KIND)
    )
]
SHORT = {"max_position_embeddings": 12, "encoder_layers": 1, "decoder_layers": 1}
SHORT_T5 = {"n_positions": 12, "num_layers": 1}
Folders = Callable[[str], str]


@pytest.fixture(scope="module", autouse=True)
def _in_bfloat16_and_soon_over() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("playground.train.sample.SAMPLE_TOKENS", 6)
        patch.setattr(load, "choose_device", lambda: (torch.device("cpu"), torch.bfloat16, "cpu_bf16"))
        forget_base()
        yield
        forget_base()


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> Folders:
    """From a family to its tiny model; one that translates has so few positions that its answers end soon."""
    made: dict[str, str] = {}

    def folder(family: str) -> str:
        if family not in made:
            path = tmp_path_factory.mktemp(family) / family
            if family in CAUSAL:
                tiny_families.save_tiny(family, path)
                tiny_tokenizer().save_pretrained(path)
            else:
                save_tiny_translator(path, family, **(SHORT_T5 if family in ("t5", "mt5") else SHORT))
            made[family] = str(path)
        return made[family]

    return folder


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    """Ten questions with answers, and ten short translations."""
    folder = tmp_path_factory.mktemp("data")
    (folder / "rows.jsonl").write_text(
        "\n".join(json.dumps({"prompt": f"Note {i}", "completion": f"{{{i}}}"}) for i in range(10))
    )
    pairs = "\n".join(f"It rains {i}.\tChove {i}." for i in range(10))
    (folder / "pairs.tsv").write_text(f"en\tpt\n{pairs}\n")
    languages = {"source_language": "en", "target_language": "pt"}
    return {
        "causal_lm": {"dataset": str(folder / "rows.jsonl")},
        "seq2seq_lm": {"dataset": str(folder / "pairs.tsv"), **languages},
    }


@pytest.mark.parametrize(("family", "method"), EACH)
def test_a_method_finishes_on_a_family_and_answers_from_its_file_as_it_did_in_the_run(
    playground: Playground, folders: Folders, data: dict[str, Any], family: str, method: str
) -> None:
    spec, is_causal = METHODS[method], family in CAUSAL
    few = {"num_virtual_tokens": 4} if any(param.name == "num_virtual_tokens" for param in spec.params) else {}
    values = {
        "base_model": folders(family),
        "data": data["causal_lm" if is_causal else "seq2seq_lm"],
        "method": {"method": method, "params": few},
        "training": {"max_steps": STEPS, "batch_size": 4, "eval_every": STEPS, "eval_examples": 2, "score_examples": 1},
    }
    config = playground.check(values)
    before = weights_hash(base_in_memory(config.base_model, spec.quantization).model)
    folder = playground.store.create(config, {})
    summary = session.run(folder, lambda: False)
    known = capability(method, (CAUSAL | TRANSLATORS | OTHER_TOKENIZERS)[family], spec.quantization or "fp32")
    assert known is not None
    if summary["status"] == "failed" and not known.trains:
        assert summary["error"]  # PEFT itself cannot: some refuse at the start, two only in the first evaluation
        return
    assert (summary["status"], summary["error"]) == ("finished", "")
    events: dict[str, list[Any]] = {}
    for event in folder.read_since(0)[0]:
        events.setdefault(event["event"], []).append(event)
    assert [event["step"] for event in events["SampleLogged"]] == [0, STEPS]
    assert [event["step"] for event in events.get("ScoreLogged", [])] == ([] if is_causal else [0, STEPS])
    if "merge" not in known.failures:
        assert events["ChangeLogged"][-1]["relative"]
    base = base_in_memory(config.base_model, spec.quantization)
    assert weights_hash(base.model) == before
    assert counted(config, base, folder.adapter) == [
        events["RunStarted"][0][name] for name in ("trainable_parameters", "total_parameters")
    ]
    with attached(base, folder.adapter) as model:
        assert held_out_loss(model, base, config) == pytest.approx(summary["eval_loss"], rel=1e-3)
        again = HeldOutSample(model, base, load_split(config.data, config.seed).held_out).take(STEPS)
    assert (again.base, again.adapter) == (events["SampleLogged"][-1]["base"], events["SampleLogged"][-1]["adapter"])


def counted(config: RunConfig, base: BaseModel, adapter: Path) -> list[int]:
    """What pre-flight says of the run, and of its file, which lacks the ranks that AdaLoRA took."""
    items = encode_for(base, load_split(config.data, config.seed).train, text_limit(config, base)).items
    told = outline(config, meta_base(config.base_model), items)
    saved = (adapter / "adapter_model.safetensors").stat().st_size
    assert told.adapter_bytes == pytest.approx(saved, rel=0.02) or config.method.method == "adalora"
    return [told.trainable_parameters, told.total_parameters]


def held_out_loss(model: Any, base: BaseModel, config: RunConfig) -> float:
    held_out = as_the_model_takes_them(base, load_split(config.data, config.seed).held_out)
    items = encode_for(base, held_out, text_limit(config, base)).items
    pad = base.tokenizer.pad_token_id
    return evaluate(model, items, config.training, pad, local_accelerator(), step=0, started=0.0).loss


def weights_hash(model: Any) -> str:
    digest = hashlib.sha256()
    for name, tensor in sorted(model.state_dict().items()):
        digest.update(name.encode() + tensor.detach().contiguous().view(torch.uint8).numpy().tobytes())
    return digest.hexdigest()
