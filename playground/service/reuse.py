"""A run's settings as a form takes them once more, without those that can no longer be used."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from playground.catalog.datasets import DATASETS
from playground.config import MethodConfig, RunConfig
from playground.errors import ConfigError, Problem
from playground.service.uploads import Uploads
from playground.service.visitor import Visitor

# Settings without which nothing else can be checked: what stands in for those that cannot be used.
STAND_INS: dict[str, Any] = {
    "base_model": RunConfig.model_fields["base_model"].default,
    "data.dataset": next(iter(DATASETS)),
    "method.method": MethodConfig.model_fields["method"].default,
}
PARTS_OF_DATA = ("subset", "split", "prompt_column", "completion_column", "target_file")


@dataclass(frozen=True)
class ReusedSettings:
    """Nested values for the form, and why each setting that is not among them cannot be used again."""

    values: dict[str, Any]
    left_out: tuple[Problem, ...] = ()


def reused(
    config: RunConfig, visitor: Visitor, uploads: Uploads, check: Callable[[dict[str, Any]], RunConfig]
) -> ReusedSettings:
    """What `check`, which raises ConfigError with every problem, accepts of a run's settings."""
    values = config.to_values()
    for field in ("dataset", "target_file"):
        if name := uploads.name_of(values["data"][field], visitor):
            values["data"][field] = name
    left_out: dict[str, Problem] = {}
    # One problem may hide others: each round takes at least one setting away, until none is refused.
    while True:
        try:
            check(_complete(values, left_out))
        except ConfigError as error:
            new = [problem for problem in error.problems if problem.where not in left_out]
            if not new:
                raise
            for problem in new:
                left_out[problem.where] = problem
                _take_away(values, problem.where)
        else:
            return ReusedSettings(values, tuple(left_out.values()))


def _take_away(values: dict[str, Any], where: str) -> None:
    """Without the setting, and without what means nothing by itself: a part of other data, parameters of a method."""
    if where == "data.dataset":
        for name in PARTS_OF_DATA:
            values["data"].pop(name, None)
    if where == "method.method":
        values["method"].pop("params", None)
    *sections, name = where.split(".")
    section = values
    for key in sections:
        section = section.get(key, {})
    section.pop(name, None)


def _complete(values: dict[str, Any], left_out: dict[str, Problem]) -> dict[str, Any]:
    """A copy with a stand-in for each setting that cannot be done without."""
    complete = {**values, "data": dict(values["data"]), "method": dict(values["method"])}
    for where in STAND_INS.keys() & left_out.keys():
        *sections, name = where.split(".")
        section = complete[sections[0]] if sections else complete
        section[name] = STAND_INS[where]
    return complete
