"""Where the passes were measured."""

from __future__ import annotations

import torch

from playground.model.load import choose_device


def on_a_processor(device: torch.device) -> bool:
    """What saves trips through a processor's memory can cost a GPU, which waits for dozens of small calls.

    A dry run's tensors stand for those of the device on which a run would be.
    """
    return (choose_device()[0] if device.type == "meta" else device).type == "cpu"
