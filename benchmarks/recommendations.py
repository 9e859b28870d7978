"""Whether the recommended setting of an adapter's knobs forgets less, on data that did not choose it.

    python benchmarks/recommendations.py [--only m2m100-domain] [--json]

Trains the lessons that translate: their data hold out enough to choose, and there is general text enough to report on
the choice. An adapter has forgotten where its loss on general text is above the base's. `saved`: 95 % interval of what
the setting forgets less than strength 1, paired by general text that took no part in the choice; `task`: of the
difference of the losses on the task, in % of strength 1's.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.one_run import finished
from playground.catalog.presets import load_preset
from playground.inside.recommend import Recommendation
from playground.service import Playground

LESSONS = ("m2m100-everyday", "m2m100-domain", "m2m100-new-language")


def measured(playground: Playground, settings: dict[str, Any]) -> dict[str, Any]:
    """One row of the table."""
    row = {"run": settings["name"]}
    *_, found = playground.recommend(finished(playground, settings).run_id)
    assert isinstance(found, Recommendation)
    if found.setting is None or found.reported is None:
        return row | {"reason": found.reason.en if found.reason else ""}
    told = found.reported
    return row | {
        "setting": found.setting.to_values(),
        "forgets": found.forgets,
        "adapter_forgets": found.adapter_forgets,
        "general_texts": found.general_texts,
        "saved": found.saved,
        "task": [100 * end / told.adapter_task_loss for end in (told.low, told.high)],
        "holds": told.holds,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", default="", help="runs whose name begins so")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        playground = Playground(Path(folder) / "runs")
        for name in LESSONS:
            if name.startswith(options.only):
                rows.append(measured(playground, load_preset(name).values))
                print(rows[-1], file=sys.stderr)
    forgot = [row for row in rows if row.get("adapter_forgets", 0) > 0]
    less = [row for row in forgot if row["saved"] and row["saved"][0] > 0 and row["holds"]]
    print(f"forgetting in {len(forgot)} of {len(rows)}; in {len(less)} of them less of it, the task as good")
    if options.json:
        print(json.dumps(rows))


if __name__ == "__main__":
    main()
