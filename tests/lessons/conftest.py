"""Runs whose adapters can be looked into."""

from tests.inside.where.conftest import finished, looking

__all__ = ["finished", "looking"]
