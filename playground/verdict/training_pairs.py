"""How many pairs a data set has for a direction, and how much of it a verdict will stand on."""

from __future__ import annotations

from dataclasses import dataclass

from playground.config import DataConfig, RunConfig
from playground.data.read import load_split
from playground.verdict.detectable import detectable_chrf


@dataclass(frozen=True)
class TrainingPairs:
    """`detectable` is the difference in chrF that so many held-out sentences can show, an estimate.

    So is `train` of a large file.
    """

    source_language: str
    target_language: str
    train: int
    held_out: int

    @property
    def detectable(self) -> float:
        return detectable_chrf(self.held_out)


def training_pairs(data: DataConfig, seed: int = RunConfig.model_fields["seed"].default) -> TrainingPairs | None:
    """What a run with these settings trains on and holds out; None of what is no translation. Raises DataError."""
    split = load_split(data, seed)
    languages = split.held_out[0].languages
    if languages is None:
        return None
    count = split.stream.estimate if split.stream else len(split.train)
    return TrainingPairs(languages.source, languages.target, count, len(split.held_out))
