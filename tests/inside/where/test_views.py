"""The views of a finished run: each against its definition, beside its control, kept, and without a trace."""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections.abc import Iterable
from contextlib import nullcontext
from typing import Any

import pytest
import torch
from safetensors.torch import load_file, save_file

from playground.compare.adapters import adapted
from playground.data.batches import collate
from playground.errors import ModelError, RunError
from playground.inside.control import controlled
from playground.inside.effects import batches_of, losses_of
from playground.inside.opened import known_of
from playground.inside.where import answers, layer_effects, soft_prompt, weights
from playground.inside.where.files import answers_table, weights_table
from playground.inside.where.intervals import paired_difference
from playground.inside.where.prompts import attention_to_prompt, vectors_of, without
from playground.inside.where.shift import token_text
from playground.model.in_memory import base_in_memory
from playground.model.load import load_base
from playground.runs.folder import RunFolder
from playground.service import Playground
from playground.train.encoding import encode_for
from playground.train.loss import label_logits
from playground.train.sample import SAMPLE_TOKENS, HeldOutSample
from tests.inside.where.conftest import Finished


def last(parts: Iterable[Any]) -> Any:
    *_, whole = parts
    assert whole.is_whole
    return whole


def digest_of_base(folder: RunFolder) -> str:
    found = hashlib.sha256()
    for tensor in base_in_memory(folder.config.base_model).model.state_dict().values():
        found.update(tensor.contiguous().numpy().tobytes())
    return found.hexdigest()


@pytest.mark.parametrize("method", ["lora", "oft", "full"])
def test_the_map_holds_each_layer_as_it_is_and_the_base_stays(
    looking: Playground, finished: Finished, method: str
) -> None:
    folder = finished(method)
    before = digest_of_base(folder)
    found: weights.Weights = last(looking.changed_weights(folder.run_id))
    for cell in found.cells:
        spectrum = cell.spectrum or looking.spectrum(folder.run_id, cell.name)
        for values in (spectrum.values, spectrum.control):  # ‖·‖² is the sum of the squares of the singular values
            assert sum(value**2 for value in values) ** 0.5 == pytest.approx(cell.norm, rel=1e-3)
        assert (cell.spectrum is not None) is (method == "lora")
    assert digest_of_base(folder) == before
    layers, modules, relative = found.map()
    assert [len(row) for row in relative] == [len(modules)] * len(layers)
    assert any(value for row in relative for value in row)


def test_a_layer_to_which_adalora_left_no_rank_is_one_that_did_not_change(
    looking: Playground, finished: Finished
) -> None:
    folder = finished("adalora")
    path = folder.adapter / "adapter_model.safetensors"
    tensors = load_file(path)
    name = "base_model.model.model.layers.1.self_attn.q_proj.lora_"
    for part, empty in (("A", (0, 64)), ("B", (64, 0)), ("E", (0, 1))):  # as PEFT writes what has lost all ranks
        tensors[f"{name}{part}"] = torch.zeros(empty)
    save_file(tensors, path)
    config = json.loads((folder.adapter / "adapter_config.json").read_text())
    kept = config["rank_pattern"]
    key = f"{name}E".removeprefix("base_model.model.")
    kept[key] = [False] * len(kept[key])
    (folder.adapter / "adapter_config.json").write_text(json.dumps(config))
    found = last(looking.changed_weights(folder.run_id))
    (cell,) = [cell for cell in found.cells if cell.name == "model.layers.1.self_attn.q_proj"]
    assert (cell.norm, cell.rank, cell.spectrum.values, cell.spectrum.matches_control) == (0.0, 0, (), False)
    last(looking.layer_effects(folder.run_id))


def test_a_view_is_found_again_until_the_adapter_is_another(looking: Playground, finished: Finished) -> None:
    folder = finished("lora")
    found = last(looking.changed_weights(folder.run_id))
    assert looking.kept_views(folder.run_id)[0] == found
    path = folder.path / "inside-weights.json"
    content = json.loads(path.read_text())
    for damaged in ("", "[" * 100_000, json.dumps(content | {"key": {}}), json.dumps({"key": content["key"]})):
        path.write_text(damaged)
        assert looking.kept_views(folder.run_id)[0] is None
        assert last(looking.changed_weights(folder.run_id)) == found  # a damaged file costs the work, no more


def test_the_table_has_a_row_for_each_layer_with_both_spectra(looking: Playground, finished: Finished) -> None:
    found = last(looking.changed_weights(finished("lora").run_id))
    rows = list(csv.DictReader(io.StringIO(weights_table(found))))
    assert [row["name"] for row in rows] == [cell.name for cell in found.cells]
    assert float(rows[0]["sigma_1"]) == pytest.approx(found.cells[0].spectrum.values[0])
    assert float(rows[0]["control_sigma_1"]) == pytest.approx(found.cells[0].spectrum.control[0])


def test_the_table_of_answers_has_a_row_for_each_token_with_the_likeliest_of_both_models(
    looking: Playground, finished: Finished
) -> None:
    found: answers.Answers = last(looking.changed_answers(finished("lora").run_id))
    rows = list(csv.DictReader(io.StringIO(answers_table(found), newline="")))
    tokens = [token for shift in (*found.shifts, *found.controls) for token in shift.tokens]
    assert [int(row["rank_in_base"]) for row in rows] == [token.rank for token in tokens]
    assert [row["answer"] for row in rows].count("adapter") == sum(len(shift.tokens) for shift in found.shifts)
    for row, token in zip(rows, tokens, strict=True):
        assert row["token"] in (token.text, f"'{token.text}")  # as text, where a spreadsheet would compute
        assert row["base_5"] in (token.of_base[4].text, f"'{token.of_base[4].text}")
        assert float(row["adapter_1_share"]) == token.of_adapter[0].probability
    more = list(csv.DictReader(io.StringIO(answers_table(found, found), newline="")))
    assert more[: len(rows)] == rows
    assert {row["answer"] for row in more[len(rows) :]} == {"shuffled_answers"}
    assert len(more) - len(rows) == sum(len(shift.tokens) for shift in found.shifts)


@pytest.mark.parametrize("method", ["lora", "oft", "prompt_tuning"])
def test_each_token_of_an_answer_has_the_rank_that_the_base_gives_it(
    looking: Playground, finished: Finished, method: str
) -> None:
    folder = finished(method)
    before = digest_of_base(folder)
    found: answers.Answers = last(looking.changed_answers(folder.run_id))
    assert len(found.shifts) == len(found.controls) == 3
    assert looking.kept_views(folder.run_id)[1] == found
    with adapted(folder) as (base, model):
        example = known_of(folder, base).texts.held_out[0]
        for shift, changed in ((found.shifts[0], nullcontext(model)), (found.controls[0], controlled(model))):
            with changed:
                answer = HeldOutSample(model, base, [example]).answer()
            items = encode_for(base, [example._replace(completion=answer)], 512).items
            batch = collate(items, base.tokenizer.pad_token_id)
            with model.disable_adapter(), torch.no_grad():
                logits, targets = label_logits(model, batch)
            orders = logits.argsort(descending=True).tolist()
            ranks = [order.index(target) + 1 for order, target in zip(orders, targets.tolist(), strict=True)]
            assert [token.rank for token in shift.tokens] == ranks[: -1 if len(ranks) > SAMPLE_TOKENS else None]
            for token in shift.tokens:
                if token.rank == 1:
                    assert token.of_base[0].text == token.text
    assert digest_of_base(folder) == before


def test_the_tokens_of_a_translation_join_to_its_text() -> None:
    """With SentencePiece each token alone decodes without the space before it."""
    tokenizer = load_base("m2m100-mini").tokenizer
    sentence = "Ela foi feliz: o gato voltou."
    tokens = tokenizer(sentence, add_special_tokens=False).input_ids
    assert "".join(token_text(tokenizer, token) for token in tokens).strip() == sentence
    assert len(tokens) > 5


def test_what_the_control_changes_is_as_large_and_all_is_as_before(finished: Finished) -> None:
    """An adapter that rotates is controlled through the base's own weights."""
    for method in ("lora", "oft", "prompt_tuning"):
        with adapted(finished(method)) as (base, model):
            batch = collate(known_of(finished(method), base).texts.task[:4], base.tokenizer.pad_token_id)
            with torch.no_grad():
                own = label_logits(model, batch)[0]
                with controlled(model):
                    other = label_logits(model, batch)[0]
                with model.disable_adapter():
                    plain = label_logits(model, batch)[0]
                assert label_logits(model, batch)[0].equal(own)
        assert not other.equal(own)
        assert not other.equal(plain)


@pytest.mark.parametrize("method", ["prompt_tuning", "prefix_tuning"])
def test_a_virtual_token_is_worth_what_the_loss_gains_without_it(
    looking: Playground, finished: Finished, method: str
) -> None:
    folder = finished(method)
    found: soft_prompt.SoftPrompt = last(looking.soft_prompt(folder.run_id))
    assert found.count == len(found.learned.removals) == len(found.random.removals) == 3
    with adapted(folder) as (base, model):
        items = known_of(folder, base).texts.task[: soft_prompt.EXAMPLES]
        whole = losses_of(model, items, batches_of(items), base)
        with without(model, 1):
            assert len(vectors_of(model)) == 2
            less = losses_of(model, items, batches_of(items), base)
        assert losses_of(model, items, batches_of(items), base) == whole
        attention = attention_to_prompt(model, collate(items[:2], base.tokenizer.pad_token_id))
    removal = found.learned.removals[1]
    assert removal == paired_difference(whole, less)
    assert removal.low <= removal.change <= removal.high
    assert found.learned.loss == pytest.approx(sum(loss for loss, _ in whole) / sum(count for _, count in whole))
    assert all(0 < sum(layer) < 1 for layer in attention)
    assert bool(found.learned.words) is (method == "prompt_tuning")


@pytest.mark.parametrize("method", ["lora", "oft"])
def test_a_layer_taken_out_and_a_layer_alone_do_what_plain_peft_says(
    looking: Playground, finished: Finished, method: str
) -> None:
    folder = finished(method)
    before = digest_of_base(folder)
    found: layer_effects.LayerEffects = last(looking.layer_effects(folder.run_id))
    assert [effect.layer for effect in found.learned] == ["0", "1"]
    with adapted(folder) as (base, model):
        items = known_of(folder, base).texts.task[: layer_effects.EXAMPLES]
        whole = losses_of(model, items, batches_of(items), base)
        with model.disable_adapter():
            plain = losses_of(model, items, batches_of(items), base)
        for name, tuner in model.get_base_model().named_modules():
            if hasattr(tuner, "merge") and ".layers.0." in name:
                tuner.enable_adapters(False)
        second_alone = losses_of(model, items, batches_of(items), base)
    without, alone = found.learned[0].without, found.learned[1].alone
    assert without.change == pytest.approx(paired_difference(whole, second_alone).change, abs=1e-4)
    assert alone.change == pytest.approx(paired_difference(plain, second_alone).change, abs=1e-4)
    assert digest_of_base(folder) == before


def test_the_nearest_word_of_a_vector_that_is_a_word_is_this_word(looking: Playground, finished: Finished) -> None:
    from playground.inside.where.prompts import nearest_words

    with adapted(finished("prompt_tuning")) as (base, model):
        embeddings = base.model.get_input_embeddings().weight
        (first, *_), *_ = nearest_words(model, base.tokenizer, 3 * embeddings[[40]])
        assert (first.word, first.cosine) == (base.tokenizer.decode([40]), pytest.approx(1.0))


def test_what_a_method_cannot_show_is_said(looking: Playground, finished: Finished) -> None:
    with pytest.raises(ModelError, match="no map of weights"):
        last(looking.changed_weights(finished("prompt_tuning").run_id))
    with pytest.raises(ModelError, match="has no virtual tokens"):
        last(looking.soft_prompt(finished("lora").run_id))
    with pytest.raises(ModelError, match="does not change"):
        looking.spectrum(finished("lora").run_id, "<b>lm_head</b>")
    with pytest.raises(RunError):
        last(looking.changed_answers("no-such-run"))


def test_a_clear_difference_has_an_interval_without_zero_and_none_has_zero_in_it() -> None:
    before = [(2.0 + place % 3, 4) for place in range(20)]
    worse = [(loss + 1 + place % 2, count) for place, (loss, count) in enumerate(before)]
    noise = [(loss + (-1) ** place, count) for place, (loss, count) in enumerate(before)]
    found = paired_difference(before, worse)
    assert found.change == pytest.approx(1.5 / 4)
    assert 0 < found.low < found.change < found.high
    assert found.is_rise
    assert not found.is_fall
    assert paired_difference(worse, before).is_fall
    found = paired_difference(before, noise)
    assert found.change == pytest.approx(0)
    assert found.low < 0 < found.high
    assert not found.is_rise
    assert not found.is_fall
