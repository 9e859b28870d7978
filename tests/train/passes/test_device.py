"""Where the passes stand in for a module's own."""

from __future__ import annotations

import pytest
import torch

from playground.train.passes import device as device_of_passes
from playground.train.passes.device import on_a_processor


@pytest.mark.parametrize(("device", "expected"), [("cpu", True), ("cuda", False), ("mps", False)])
def test_only_processors_count_and_a_dry_run_does_what_its_device_would(
    device: str, expected: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert on_a_processor(torch.device(device)) is expected
    monkeypatch.setattr(device_of_passes, "choose_device", lambda: (torch.device(device), torch.float32, ""))
    assert on_a_processor(torch.device("meta")) is expected
