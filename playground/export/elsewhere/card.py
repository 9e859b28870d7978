"""Read a model card as the Hub's own library does: is its metadata what it takes, and does it come back the same?

python -I card.py FOLDER [BASE]    reads FOLDER/README.md; ends with a message where it does not, else runs model.py
"""

from __future__ import annotations

import math
import re
import runpy
import sys
from pathlib import Path

from huggingface_hub import ModelCard, ModelCardData
from huggingface_hub.utils import HFValidationError, validate_repo_id

LANGUAGE = re.compile(r"[a-z]{2,3}")


def problems_of(text: str) -> list[str]:
    """None of a card that the Hub would show with everything it says."""
    try:
        card = ModelCard(text)
    except ValueError as error:
        return [f"the metadata cannot be read ({type(error).__name__})"]
    data, problems = card.data, []
    again = ModelCardData(**ModelCard(str(card)).data.to_dict())
    if again.to_dict() != data.to_dict():
        problems.append("the metadata changes when it is written again")
    if data.library_name != "peft":
        problems.append("the library is not named")
    for name in (data.base_model, *(data.datasets or [])):
        try:
            if name is not None:
                validate_repo_id(name)
        except HFValidationError:
            problems.append("what is named is no id of the Hub")
    if not all(LANGUAGE.fullmatch(code) for code in data.language or []):
        problems.append("a language has no code of ISO 639")
    for result in data.eval_results or []:
        value = result.metric_value
        if not isinstance(value, int | float) or not math.isfinite(value):
            problems.append("a score is no number")
    return problems if card.text.strip() else [*problems, "there is no text"]


if __name__ == "__main__":
    found = problems_of((Path(sys.argv[1]) / "README.md").read_text(encoding="utf-8"))
    if found:
        sys.exit("; ".join(found))
    runpy.run_path(str(Path(__file__).with_name("model.py")), run_name="__main__")
