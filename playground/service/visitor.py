"""Who calls the service: the machine's owner, or a visitor whom a signed cookie tells from the others."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Visitor:
    """Runs belong to a `name`; the owner's is empty, and everything is the owner's.

    What may be named beside included, uploaded and Hub data and models: any file of this machine
    (`names_data_files`), any model folder of it (`names_model_folders`).
    """

    name: str = ""
    names_data_files: bool = False
    names_model_folders: bool = False

    @property
    def is_owner(self) -> bool:
        return not self.name


COMMAND_LINE = Visitor(names_data_files=True, names_model_folders=True)
PAGE_OWNER = Visitor(names_model_folders=True)
