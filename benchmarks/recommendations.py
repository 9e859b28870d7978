"""Whether the recommended setting of an adapter's knobs forgets less, on data that did not choose it.

    python benchmarks/recommendations.py [--steps 120] [--only everyday-phrases] [--json]

A LoRA is trained on each included data set that holds out enough for a recommendation. Forgetting can be measured where
the adapter's loss on general text is above the base's. `saved`: 95 % interval of what the setting forgets less than
strength 1, paired by general text that took no part in the choice; `task`: of the task loss, in % of strength 1's.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.one_run import trained
from playground.inside.recommend import Recommendation
from playground.service import Playground

PHRASES, CATALOGS, COMMANDS = "everyday-phrases", "django-catalogs", "home-assistant-intents/en"
PAIRS = [
    (PHRASES, "en", "pt"), (PHRASES, "pt", "en"), (PHRASES, "en", "es"), (PHRASES, "en", "fr"),
    (CATALOGS, "en", "pt"), (CATALOGS, "en", "es"),
]  # fmt: skip
SETTINGS: list[dict[str, Any]] = [
    *(
        {
            "base_model": "m2m100-mini",
            "data": {"dataset": name, "source_language": source, "target_language": target},
        }
        for name, source, target in PAIRS
    ),
    {"data": {"dataset": COMMANDS}},
]


def measured(playground: Playground, settings: dict[str, Any], steps: int) -> dict[str, Any]:
    """One row of the table."""
    data = settings["data"]
    languages = [data[side] for side in ("source_language", "target_language") if side in data]
    row: dict[str, Any] = {"data": " ".join([data["dataset"], "→".join(languages)]).strip()}
    *_, found = playground.recommend(trained(playground, steps, **settings).run_id)
    assert isinstance(found, Recommendation)
    if found.setting is None or found.reported is None:
        return row | {"reason": found.reason.en if found.reason else ""}
    told = found.reported
    return row | {
        "setting": found.setting.to_values(),
        "forgets": found.forgets,
        "adapter_forgets": found.adapter_forgets,
        "is_by_distance": found.is_by_distance,
        "general_texts": found.general_texts,
        "saved": found.saved,
        "task": [100 * end / told.adapter_task_loss for end in (told.low, told.high)],
        "holds": told.holds,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--steps", type=int, default=120)
    parser.add_argument("--only", default="", help="data sets whose name begins so")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        playground = Playground(Path(folder) / "runs")
        for settings in SETTINGS:
            if settings["data"]["dataset"].startswith(options.only):
                rows.append(measured(playground, settings, options.steps))
                print(rows[-1], file=sys.stderr)
    forgot = [row for row in rows if row.get("adapter_forgets", 0) > 0]
    surely = [row for row in forgot if row["saved"] and row["saved"][0] > 0]
    kept = [row for row in surely if row["holds"]]
    print(f"forgetting in {len(forgot)} of {len(rows)}; less of it, by an interval above 0, in {len(surely)},"
          f" of which {len(kept)} with a task loss that is not worse")  # fmt: skip
    if options.json:
        print(json.dumps(rows))


if __name__ == "__main__":
    main()
