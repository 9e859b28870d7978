"""The yardstick: what a careful script does, `model(input_ids, attention_mask, labels)` and a step of AdamW."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    import torch

    from playground.data.encode import Item
    from playground.train.prepare import Prepared


class PlainLoop:
    """PEFT's model as it is, none of our passes. Everything but the loop itself is `prepared`'s."""

    def __init__(self, prepared: Prepared) -> None:
        import torch

        self.prepared = prepared
        self.trained = [parameter for parameter in prepared.model.parameters() if parameter.requires_grad]
        self.optimizer = torch.optim.AdamW(self.trained, lr=1e-3)
        prepared.model.train()

    def loss_of(self, items: Sequence[Item]) -> torch.Tensor:
        from playground.data.batches import collate

        base = self.prepared.base
        batch = collate(list(items), base.tokenizer.pad_token_id, base.device)
        return self.prepared.model(
            input_ids=batch.input_ids, attention_mask=batch.attention_mask, labels=batch.labels
        ).loss

    def step(self, items: Sequence[Item]) -> None:
        import torch

        self.loss_of(items).backward()
        torch.nn.utils.clip_grad_norm_(self.trained, 1.0)
        self.optimizer.step()
        self.optimizer.zero_grad()
