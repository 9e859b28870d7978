"""Models of the Hub, through the real client, against a stand-in of it: what comes, what is said, and how it ends."""

from __future__ import annotations

import hashlib
import json
import random
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from filelock import FileLock

from playground.model.sources.fetch import BLOCK_BYTES
from tests.hub_standin import CONVERSION, MAIN, REFUSALS, TOKEN, HubStandIn, asked, commit_of, files_in, serving
from tests.tiny import save_tiny

LOAD = """
import json, sys, time
from playground.errors import ModelError
from playground.model.load import load_base
for name in sys.argv[1:]:
    start = time.perf_counter()
    try:
        text = f"loaded {load_base(name).source}"
    except ModelError as error:
        text = error.to("en")
    print(json.dumps({"text": text, "seconds": time.perf_counter() - start}))
"""
FETCH = """
import json, sys, time
from pathlib import Path
from playground.errors import ModelError
from playground.model.sources.hub import from_hub
for name in sys.argv[1:]:
    start = time.perf_counter()
    try:
        folder = Path(from_hub(name))
        text = f"fetched {name}: " + " ".join(sorted(path.name for path in folder.iterdir()))
    except ModelError as error:
        text = error.to("en")
    print(json.dumps({"text": text, "seconds": time.perf_counter() - start}))
"""
TRAIN = """
import json, sys, time
from pathlib import Path
from playground.model.libraries import load_libraries
from playground.service import Playground
load_libraries()
playground = Playground(Path(sys.argv[1]))
for model in sys.argv[3:]:
    values = {"base_model": model, "data": {"dataset": sys.argv[2]}, "method": {"method": "lora", "params": {"r": 2}},
              "training": {"max_steps": 2, "eval_every": 2, "eval_examples": 2, "batch_size": 2}}
    run_id = playground.start_run(playground.check(values))
    if model == "me/slow":
        while not any(event["event"] == "Downloading" for event in playground.progress(run_id).events):
            time.sleep(0.02)
        playground.stop_run(run_id)
    start = time.perf_counter()
    ended = playground.worker.wait(run_id, 60)
    seconds = time.perf_counter() - start
    folder = playground.store.open(run_id)
    print(json.dumps({"ended": ended, "summary": folder.summary(), "events": folder.read_since(0)[0],
                      "seconds": seconds}))
"""
LIMITED = "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000))\n"


class Runs(NamedTuple):
    ended: dict[str, Any]
    half_files: list[Path]
    again: list[Any]


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    return files_in(save_tiny(tmp_path_factory.mktemp("tiny")))


@pytest.fixture
def hub() -> Iterator[HubStandIn]:
    with serving() as server:
        yield server


@pytest.fixture(scope="module")
def runs(tiny: dict[str, bytes], tmp_path_factory: pytest.TempPathFactory) -> Runs:
    """How runs ended, one after another in one process: each of a model of the Hub, one stopped while it downloads."""
    place = tmp_path_factory.mktemp("runs")
    rows = (json.dumps({"prompt": f"What is {n}?", "completion": f"It is {n}."}) for n in range(12))
    (place / "rows.jsonl").write_text("\n".join(rows), encoding="utf-8")
    with serving() as hub:
        hub.add("me/good", tiny, bytes_per_second=200_000)
        hub.add("me/gated", tiny, gated=True)
        hub.add("me/broken", tiny, fault="broken")
        slow = hub.add("me/slow", tiny, bytes_per_second=20_000)
        names = ["me/gated", "me/broken", "me/missing", "me/slow", "me/good"]
        found = asked(hub, place / "home", TRAIN, str(place / "runs"), str(place / "rows.jsonl"), *names)
        half_files = list(place.rglob("*.incomplete"))
        slow.bytes_per_second = 0
        again = asked(hub, place / "home", FETCH, "me/slow")
    return Runs(dict(zip(names, found, strict=True)), half_files, again)


def blobs(home: Path) -> list[Path]:
    return list(home.glob("hub/models--*/blobs/*"))


def whole(name: str, found: list[Any], files: dict[str, bytes]) -> bool:
    """Whether what `FETCH` told is that every file of the model came."""
    told: str = found[0]["text"]
    return told == f"fetched {name}: {' '.join(sorted(files))}"


def test_each_refusal_of_the_hub_has_its_own_message(hub: HubStandIn, tiny: dict[str, bytes], tmp_path: Path) -> None:
    for fault in (*REFUSALS, "proxied"):
        hub.add(f"me/{fault}", tiny, fault=fault)
    hub.add("me/gated", tiny, gated=True)
    plain = {name: content for name, content in tiny.items() if not name.endswith(".safetensors")}
    hub.add("me/pickled", {**plain, "pytorch_model.bin": b"a pickle"})
    code = {"auto_map": {"AutoConfig": "their.Config", "AutoModelForCausalLM": "their.Model"}, "model_type": "their"}
    hub.add("me/own-code", {**tiny, "config.json": json.dumps(code).encode(), "their.py": b"raise SystemExit"})
    names = [*(name for _, name in hub.repositories), "me/missing"]
    found = asked(hub, tmp_path / "home", LOAD, *names)
    texts = {name: item["text"] for name, item in zip(names, found, strict=True)}
    assert "refused me/forbidden (HTTP 403)" in texts["me/forbidden"]
    assert "HF_TOKEN" in texts["me/forbidden"]
    assert "too many requests" in texts["me/limited"]
    assert "Try again in 30 seconds" in texts["me/limited"]
    assert "asks for its licence" in texts["me/gated"]
    assert "has no model me/missing, or it is private" in texts["me/missing"]
    assert "has no model me/private, or it is private" in texts["me/private"]
    assert "could not give me/broken (HTTP 500)" in texts["me/broken"]
    assert "could not give me/busy (HTTP 503)" in texts["me/busy"]
    assert "could not give me/proxied (JSONDecodeError)" in texts["me/proxied"]
    assert "no safetensors weights" in texts["me/pickled"]
    assert "works only with its own code" in texts["me/own-code"]
    assert max(item["seconds"] for item in found) < 10
    assert not [path for path in hub.asked if path.endswith((".bin", ".py"))], "neither pickle nor code is downloaded"


def test_a_gated_model_comes_with_a_token_that_no_other_host_sees(
    hub: HubStandIn, tiny: dict[str, bytes], tmp_path: Path
) -> None:
    hub.add("me/gated", tiny, gated=True)
    refused = asked(hub, tmp_path / "home", FETCH, "me/gated", HF_TOKEN="hf_somebodyElse")
    assert "asks for its licence" in refused[0]["text"]
    assert whole("me/gated", asked(hub, tmp_path / "home", FETCH, "me/gated", HF_TOKEN=TOKEN), tiny)
    assert hub.leaked == []
    assert any(path.startswith("GET cdn/") for path in hub.asked)


def test_weights_are_taken_once_as_safetensors_from_the_model_or_the_hubs_own_conversion(
    hub: HubStandIn, tiny: dict[str, bytes], tmp_path: Path
) -> None:
    others = {"pytorch_model.bin": b"a pickle", "model.fp16.safetensors": b"other", "onnx/model.safetensors": b"other",
              "README.md": b"# hello"}  # fmt: skip
    plain = {name: content for name, content in tiny.items() if not name.endswith(".safetensors")}
    hub.add("me/good", {**tiny, **others})
    hub.add("me/converted", {**plain, "pytorch_model.bin": b"a pickle"}).branches[CONVERSION] = tiny
    names = ["me/good", "me/converted"]
    expected = [f"loaded {name}" for name in names]
    assert [item["text"] for item in asked(hub, tmp_path / "home", LOAD, *names)] == expected
    sent = [path.rpartition("/")[2] for path in hub.asked if path.startswith("GET me/") or path.startswith("GET cdn")]
    assert sorted(sent) == sorted([*tiny, *tiny]), "each file once, and no other format"
    assert f"GET cdn/model/me/converted/{CONVERSION.replace('/', '-')}/model.safetensors" in hub.asked
    hub.asked.clear()
    assert whole(names[0], asked(hub, tmp_path / "home", FETCH, *names), tiny)
    assert hub.asked == [], "the second time comes from this machine's disk"


def test_a_model_that_was_renamed_comes_under_both_names(
    hub: HubStandIn, tiny: dict[str, bytes], tmp_path: Path
) -> None:
    hub.add("me/new", tiny)
    hub.renamed["me/old"] = "me/new"
    tell = FETCH + "from playground.model.sources.hub import about\nprint(json.dumps({'now': about('me/old').hub_id}))"
    first, now = asked(hub, tmp_path / "home", tell, "me/old")
    assert whole("me/old", [first], tiny)
    assert now["now"] == "me/new"
    hub.asked.clear()
    assert whole("me/old", asked(hub, tmp_path / "home", FETCH, "me/old"), tiny)
    assert hub.asked == []


def test_a_download_that_is_cut_off_goes_on_where_it_was_and_is_whole(
    hub: HubStandIn, tiny: dict[str, bytes], tmp_path: Path
) -> None:
    content = random.Random(0).randbytes(5 * BLOCK_BYTES)
    hub.add("me/cut", {**tiny, "model.safetensors": content}, fault="cut")
    assert whole("me/cut", asked(hub, tmp_path / "home", FETCH, "me/cut"), tiny)
    assert hub.ranges == [f"model.safetensors bytes={2 * BLOCK_BYTES}-"], "two whole blocks came before the cut"
    kept = {hashlib.sha256(path.read_bytes()).hexdigest() for path in blobs(tmp_path / "home")}
    assert hashlib.sha256(content).hexdigest() in kept


@pytest.mark.parametrize("fault", ["silent", "silent tree"])
def test_a_hub_that_accepts_and_never_answers_is_given_up_within_ten_seconds(
    hub: HubStandIn, tiny: dict[str, bytes], tmp_path: Path, fault: str
) -> None:
    hub.add("me/silent", tiny, fault=fault)
    (found,) = asked(hub, tmp_path / "home", FETCH, "me/silent")
    assert "did not answer within 5 seconds" in found["text"]
    assert found["seconds"] < 10


@pytest.mark.skipif(sys.platform == "win32", reason="a limit on file sizes stands in for the disk")
def test_a_disk_that_fills_ends_in_a_message_and_leaves_nothing_that_looks_whole(
    hub: HubStandIn, tiny: dict[str, bytes], tmp_path: Path
) -> None:
    hub.add("me/large", tiny)
    home = tmp_path / "home"
    (full,) = asked(hub, home, LIMITED + FETCH, "me/large")
    assert "The disk filled up while me/large was downloaded, which needs 391\N{NO-BREAK SPACE}kB" in full["text"]
    names = {path.name for path in blobs(home)}
    assert not [name for name in names if name.endswith(".incomplete")]
    assert hashlib.sha256(tiny["model.safetensors"]).hexdigest() not in names
    hub.asked.clear()
    assert whole("me/large", asked(hub, home, FETCH, "me/large"), tiny), "a later try goes on"
    assert not [path for path in hub.asked if path.startswith("GET me/") and path.endswith("tokenizer.json")]


def test_a_model_larger_than_the_free_disk_is_refused_before_its_first_byte(
    hub: HubStandIn, tiny: dict[str, bytes], tmp_path: Path
) -> None:
    hub.add("me/large", tiny)
    small = "import shutil\nfrom collections import namedtuple\nUsage = namedtuple('Usage', 'total used free')\n"
    small += "shutil.disk_usage = lambda path: Usage(10**9, 10**9 - 99_000, 99_000)\n"
    (found,) = asked(hub, tmp_path / "home", small + FETCH, "me/large")
    said = found["text"].replace("\N{NO-BREAK SPACE}", " ")
    assert said.startswith("me/large needs 391 kB on the disk, and 99 kB are free.")
    assert not [path for path in hub.asked if path.startswith("GET me/")]


def test_a_tokenizer_comes_without_the_weights(hub: HubStandIn, tiny: dict[str, bytes], tmp_path: Path) -> None:
    hub.add("me/good", tiny)
    script = "import json\nfrom playground.model.load import load_tokenizer\n"
    script += "print(json.dumps([len(load_tokenizer('me/good')), len(load_tokenizer('me/good'))]))"
    ((first, second),) = asked(hub, tmp_path / "home", script)
    assert first == second > 256
    assert not [path for path in hub.asked if path.endswith(".safetensors")]
    sent = [path for path in hub.asked if path.startswith("GET me/good/resolve")]
    assert len(sent) == len(tiny) - 1, "each of the others once"


def test_a_run_downloads_its_model_tells_how_far_it_is_and_finishes(runs: Runs, tiny: dict[str, bytes]) -> None:
    run = runs.ended["me/good"]
    assert run["summary"]["status"] == "finished", run["summary"]
    assert 0 < run["summary"]["eval_loss"] < run["summary"]["eval_loss_base"]
    news = [event for event in run["events"] if event["event"] == "Downloading"]
    assert len(news) >= 2
    done = [event["done_bytes"] for event in news]
    assert done == sorted(done)
    assert {event["total_bytes"] for event in news} == {sum(map(len, tiny.values()))} == {done[-1]}
    stages = [event["stage"] for event in run["events"] if event["event"] == "StageChanged"]
    assert stages[:3] == ["reading_data", "downloading", "loading_model"]


def test_a_run_that_is_stopped_while_it_downloads_is_stopped_at_once_and_leaves_no_half_file(
    runs: Runs, tiny: dict[str, bytes]
) -> None:
    run = runs.ended["me/slow"]
    assert (run["ended"], run["summary"]["status"]) == (True, "stopped")
    assert run["seconds"] < 3
    assert runs.half_files == []
    assert whole("me/slow", runs.again, tiny), "the next try brings all of it"


@pytest.mark.parametrize(
    ("name", "message"),
    [("me/gated", "asks for its licence"), ("me/broken", "HTTP 500"), ("me/missing", "or it is private")],
)
def test_a_run_whose_model_does_not_come_fails_with_the_hubs_reason(runs: Runs, name: str, message: str) -> None:
    run = runs.ended[name]
    assert run["summary"]["status"] == "failed"
    assert message in run["summary"]["error"]
    assert run["summary"]["error_pt"] != run["summary"]["error"]
    assert run["seconds"] < 10


def test_half_of_a_models_shards_is_no_model(hub: HubStandIn, tiny: dict[str, bytes], tmp_path: Path) -> None:
    """As another program leaves them, which downloads file by file and keeps no list of them."""
    commit = commit_of("me/shards", MAIN)
    folder = tmp_path / "home" / "hub" / "models--me--shards"
    (folder / "refs").mkdir(parents=True)
    (folder / "refs" / "main").write_text(commit)
    snapshot = folder / "snapshots" / commit
    snapshot.mkdir(parents=True)
    (snapshot / "config.json").write_bytes(tiny["config.json"])
    (snapshot / "model-00001-of-00002.safetensors").write_bytes(tiny["model.safetensors"])
    ask = (
        "import json\nfrom playground.model.sources.hub import downloaded\nprint(json.dumps([downloaded('me/shards')]))"
    )
    assert asked(hub, tmp_path / "home", ask) == [[None]]
    (snapshot / "model-00002-of-00002.safetensors").write_bytes(tiny["model.safetensors"])
    assert asked(hub, tmp_path / "home", ask) == [[str(snapshot)]]


def test_what_a_killed_download_left_is_removed_but_not_what_somebody_writes(
    hub: HubStandIn, tiny: dict[str, bytes], tmp_path: Path
) -> None:
    hub.add("me/good", tiny)
    cache = tmp_path / "home" / "hub"
    folder = cache / "models--me--good" / "blobs"
    folder.mkdir(parents=True)
    (folder / "dead.0a1b2c3d.incomplete").write_bytes(b"half")
    (folder / "alive.0a1b2c3d.incomplete").write_bytes(b"half")
    (cache / ".locks" / "models--me--good").mkdir(parents=True)
    with FileLock(cache / ".locks" / "models--me--good" / "alive.lock"):
        sweep = "from playground.model.sources.download import sweep_half_files\nsweep_half_files('me/good')"
        asked(hub, tmp_path / "home", sweep)
    assert [path.name for path in folder.iterdir()] == ["alive.0a1b2c3d.incomplete"]
