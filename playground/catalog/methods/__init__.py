"""The PEFT methods, as one table: form, command line, docs and tests are made from it."""

from __future__ import annotations

from playground.catalog.methods.low_rank import LOW_RANK
from playground.catalog.methods.more import MORE
from playground.catalog.methods.other_shapes import OTHER_SHAPES
from playground.catalog.methods.spec import Group, MethodSpec
from playground.catalog.methods.start_here import START_HERE
from playground.texts import Text

__all__ = ["GROUPS", "METHODS", "Group", "MethodSpec"]

GROUPS: dict[Group, Text] = {
    "start_here": Text("Start here", "Comece por aqui"),
    "more": Text("More", "Mais"),
    "everything": Text("Everything", "Todos"),
}
_all = sorted((*START_HERE, *MORE, *LOW_RANK, *OTHER_SHAPES), key=lambda spec: list(GROUPS).index(spec.group))
METHODS: dict[str, MethodSpec] = {spec.name: spec for spec in _all}
