"""What is said of an export: what changed, by how much, and nothing that was not measured."""

from __future__ import annotations

from pathlib import Path

from playground.export import told
from playground.export.agreement import agreement
from playground.export.own_process import Said
from playground.export.proof import LOSS, Conversion
from playground.export.take import Exported
from playground.export.verify import Verified


def exported(conversion: Conversion) -> Exported:
    return Exported(
        path=Path("a"), kind="merged", verified=True, bytes=1, seconds=1.0, result="equal", answers=10, of=10,
        largest_logit_difference=0.0, conversion=conversion,
    )  # fmt: skip


def test_a_change_of_the_loss_is_told_as_a_change_with_its_sign_in_the_readers_language() -> None:
    found = exported(Conversion(kl=2e-6, score=LOSS, trained=3.0, change=0.0015, low=-0.0002, high=0.002, examples=32))
    assert told.of_exported(found, "a run", "en")[-1] == (
        "Converted: KL from the trained model 2e-6; change of the held-out loss +0.0015 (95%: −0.0002 to +0.002) on 32"
        " held-out examples."
    )
    assert told.of_exported(found, "a run", "pt")[-1] == (
        "Convertido: KL a partir do modelo treinado 2e-6; mudança da perda +0,0015 (95%: −0,0002 a +0,002) em 32"
        " exemplos reservados."
    )


def test_an_engine_that_tells_no_probabilities_has_no_kl() -> None:
    found = exported(Conversion(kl=None, score="BLEU", trained=30.0, change=-0.4, low=-1.0, high=0.0, examples=9))
    assert told.of_exported(found, "a run", "en")[-1] == (
        "Converted: change of BLEU −0.4 (95%: −1 to 0) on 9 held-out examples."
    )
    assert "mudança do BLEU −0,4" in told.of_exported(found, "a run", "pt")[-1]


def test_of_a_page_no_answers_are_told() -> None:
    found = agreement([], Said(answers=[], input_ids=[]))
    assert found.result == "identical"
    page = Verified(
        kind="report", name="a run", result=found.result, largest_logit_difference=None, blame="", answers=0, of=0,
        changed=(), executed=True,
    )  # fmt: skip
    assert told.of_verified(page, "en")[1] == "a run, report. Opened elsewhere, it asks nothing of any network."
