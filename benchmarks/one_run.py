"""A run to measure things on, trained by the product itself."""

from __future__ import annotations

from typing import Any

from playground.runs.folder import RunFolder
from playground.runs.session import run
from playground.service import Playground


def trained(playground: Playground, steps: int, **settings: Any) -> RunFolder:
    """A finished LoRA of that many steps, evaluated once. `settings` as in a run's file."""
    training = {"max_steps": steps, "eval_every": steps}
    return finished(playground, {"method": {"method": "lora"}, "training": training, **settings})


def finished(playground: Playground, settings: dict[str, Any]) -> RunFolder:
    """A finished run of these settings."""
    folder = playground.store.create(playground.check(settings), {})
    with folder.claim_or_refuse():
        summary = run(folder, lambda: False)
    if summary["status"] != "finished":
        raise SystemExit(f"the run ended as {summary['status']}: {summary['error']}")
    return folder
