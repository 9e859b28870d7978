"""An adapter of the Hub, through the real client, against a stand-in of it."""

from __future__ import annotations

from pathlib import Path

from tests.hub_standin import asked, commit_of, files_in, serving

BRING = """
import json, sys
from pathlib import Path
from playground.errors import PlaygroundError
from playground.service import Playground
from playground.service.export.bring import BringRequest
playground = Playground(Path(sys.argv[1]))
for hub_id in sys.argv[4:]:
    request = BringRequest(hub_id=hub_id, base_model=sys.argv[2], dataset=sys.argv[3])
    try:
        *_, last = playground.bring_adapter(request)
        folder = playground.store.open(last.run_id)
        names = sorted(path.name for path in folder.adapter.iterdir())
        origin = json.loads((folder.path / "origin.json").read_text())
        print(json.dumps({"method": last.method, "name": last.name, "files": names, "origin": origin}))
    except PlaygroundError as error:
        print(json.dumps({"error": str(error), "runs": len(playground.list_runs())}))
"""


def test_its_two_files_come_and_no_other(lora: Path, tiny_model: str, tiny_data: str, tmp_path: Path) -> None:
    files = files_in(lora)
    pickled = {"adapter_config.json": files["adapter_config.json"], "adapter_model.bin": b"\x80\4."}
    with serving() as hub:
        hub.add("me/lora", {**files, "optimizer.pt": b"\x80\4.", "tokenizer.json": b"{}" * 1000})
        hub.add("me/pickled", pickled)
        hub.add("me/large", {**files, "adapter_model.safetensors": b"\0" * 10})
        hub.add("me/private", files, fault="private")
        brought, *refused = asked(
            hub, tmp_path / "home", BRING, str(tmp_path / "runs"), tiny_model, tiny_data,
            "me/lora", "me/pickled", "me/large", "me/nowhere", "me/private",
        )  # fmt: skip
        fetched = {line.split("/resolve/")[1].partition("/")[2] for line in hub.asked if "/resolve/" in line}
    assert brought["files"] == ["adapter_config.json", "adapter_model.safetensors"]
    assert (brought["method"], brought["name"]) == ("lora", f"lora@{commit_of('me/lora', 'main')[:12]}")
    assert brought["origin"]["name"] == f"me/lora@{commit_of('me/lora', 'main')[:12]}"
    assert fetched == {"adapter_config.json", "adapter_model.safetensors"}
    said = ("a pickle", "no safetensors", "The Hub has no", "The Hub has no")
    for answer, words in zip(refused, said, strict=True):
        assert words in answer["error"]
        assert answer["runs"] == 1
