"""Encoder-decoder models: the loss is the model's own."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import pytest
import torch

from playground.data.batches import collate
from playground.data.encode import EncodedPair
from playground.data.example import Example, Languages, Message
from playground.model.load import load_base
from playground.model.pairs import encode_pairs
from playground.runs import session
from playground.service import Playground
from playground.train.loss import label_losses
from tests.tiny import TINY_FAMILIES, save_tiny_translator

PAIR = Languages("en", "pt")
ROWS = [
    ("The cat sat on the mat.", "O gato sentou no tapete."),
    ("Save the file.", "Salve o arquivo antes de fechar."),
    ("Where is the house?", "Onde está a casa?"),
    ("It rains.", "Chove."),
    ("Save the file before closing the editor.", "Salve o arquivo antes de fechar o editor."),
]
EXAMPLES = [Example((Message("user", source),), target, PAIR) for source, target in ROWS]


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> Any:
    made: dict[str, str] = {}

    def folder(family: str) -> str:
        if family not in made:
            made[family] = str(save_tiny_translator(tmp_path_factory.mktemp(family) / family, family))
        return made[family]

    return folder


@pytest.fixture
def pairs_file(tmp_path: Path) -> str:
    path = tmp_path / "pairs.tsv"
    rows = [f"{source} {number}\t{target} {number}" for number in range(5) for source, target in ROWS]
    path.write_text("en\tpt\n" + "\n".join(rows) + "\n", encoding="utf-8")
    return str(path)


@pytest.mark.parametrize("family", TINY_FAMILIES)
def test_the_loss_is_the_one_that_the_model_computes_from_the_same_labels(folders: Any, family: str) -> None:
    base = load_base(folders(family))
    batch = collate(encode_pairs(EXAMPLES, base, 64).items, base.tokenizer.pad_token_id)
    assert (batch.labels == -100).any()  # padding is in the batch, and must not be in the loss
    own = base.model(input_ids=batch.input_ids, attention_mask=batch.attention_mask, labels=batch.labels).loss
    assert float(label_losses(base.model, batch)) / batch.label_count == pytest.approx(float(own), rel=1e-5)


def test_padding_changes_no_loss(folders: Any) -> None:
    base = load_base(folders("m2m100"))
    items = encode_pairs(EXAMPLES, base, 64).items
    alone = sum(float(label_losses(base.model, collate([item], base.tokenizer.pad_token_id))) for item in items)
    together = float(label_losses(base.model, collate(items, base.tokenizer.pad_token_id)))
    assert together == pytest.approx(alone, rel=1e-5)


def test_a_side_that_is_too_long_is_cut_counted_and_still_ends(folders: Any) -> None:
    base = load_base(folders("m2m100"))
    long = Example((Message("user", "The cat sat on the mat. " * 50),), "Chove.", PAIR)
    encoded = encode_pairs([long, EXAMPLES[3]], base, 32)
    assert encoded.truncated == 1
    item = encoded.items[0]
    assert isinstance(item, EncodedPair)
    assert len(item.input_ids) == 32
    assert item.input_ids[-1] == base.tokenizer.eos_token_id


def weights_hash(model: Any) -> str:
    digest = hashlib.sha256()
    for name, tensor in sorted(model.state_dict().items()):
        digest.update(name.encode() + tensor.detach().contiguous().view(torch.uint8).numpy().tobytes())
    return digest.hexdigest()


def test_label_smoothing_trains_on_another_loss_and_charts_the_plain_one(
    playground: Playground, folders: Any, pairs_file: str
) -> None:
    def first_steps(smoothing: float) -> list[float]:
        data = {"dataset": pairs_file, "source_language": "en", "target_language": "pt"}
        training = {"max_steps": 2, "batch_size": 4, "label_smoothing": smoothing, "score_examples": 0}
        values = {"base_model": folders("m2m100"), "data": data, "training": {**training, "learning_rate": 0.1}}
        folder = playground.store.create(playground.check(values), {})
        assert session.run(folder, lambda: False)["status"] == "finished"
        return [event["loss"] for event in folder.read_since(0)[0] if event["event"] == "StepLogged"]

    plain, smoothed = first_steps(0.0), first_steps(0.3)
    assert smoothed[0] == pytest.approx(plain[0], rel=1e-6)
    assert smoothed[1] != pytest.approx(plain[1], rel=1e-6)


def test_translations_for_a_model_that_only_continues_text_are_refused_with_what_to_do(
    playground: Playground, tiny_model: str, pairs_file: str
) -> None:
    data = {"dataset": pairs_file, "source_language": "en", "target_language": "pt"}
    folder = playground.store.create(playground.check({"base_model": tiny_model, "data": data}), {})
    summary = session.run(folder, lambda: False)
    assert summary["status"] == "failed"
    assert "m2m100-mini" in summary["error"]
