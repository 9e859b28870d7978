"""What the catalog says of one PEFT method."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

from playground.catalog.params import ParamSpec
from playground.catalog.peft_fields import check_field
from playground.catalog.plain_values import check_plain
from playground.errors import Problem
from playground.texts import Text

Group = Literal["start_here", "more", "everything"]

UNKNOWN_PARAM = Text(
    "{method} has no such parameter. It has: {known}.",
    "{method} não tem esse parâmetro. Ele tem: {known}.",
)


@dataclass(frozen=True, kw_only=True)
class MethodSpec:
    """One method. `peft_config` is the name of its configuration class in `peft`.

    `params` are those worth a place in the form; a file may set every plain field of the configuration. `learning_rate`
    and the parameters' defaults were tuned on the embedded models (docs/tuning.md).
    """

    name: str
    label: str
    peft_config: str
    summary: Text
    when: Text
    paper: str
    paper_url: str
    learning_rate: float
    params: tuple[ParamSpec, ...]
    group: Group = "everything"
    tasks: tuple[str, ...] = ("causal_lm", "seq2seq_lm")
    quantization: Literal["nf4"] | None = None
    prompt_learning: bool = False
    gradient_checkpointing: bool = True  # whether its layers can be computed again in the backward pass
    fixed: dict[str, Any] = field(default_factory=dict)  # arguments of the configuration that are not a choice
    for_translation: dict[str, Any] = field(default_factory=dict)  # defaults that differ on encoder-decoder models

    def defaults(self, task: str = "causal_lm") -> dict[str, Any]:
        """The parameters' defaults for a model of `task`."""
        own = self._own(task)
        return {param.name: own.get(param.name, param.default) for param in self.params}

    def default_learning_rate(self, task: str = "causal_lm") -> float:
        return float(self._own(task).get("learning_rate", self.learning_rate))

    def _own(self, task: str) -> dict[str, Any]:
        return self.for_translation if task == "seq2seq_lm" else {}

    def check(self, params: dict[str, Any]) -> list[Problem]:
        """Every problem with `params`; missing ones take their default and are no problem."""
        return [problem for name, value in params.items() if (problem := self._check(name, value))]

    def _check(self, name: str, value: Any) -> Problem | None:
        known = {param.name: param for param in self.params}
        if problem := check_plain(name, value, is_described=name in known):
            return problem
        if name in known:
            return known[name].check(value)
        unknown = Problem(f"method.params.{name}", UNKNOWN_PARAM, {"method": self.name, "known": ", ".join(known)})
        return unknown if name in self.fixed else check_field(self.peft_config, name, value, unknown)
