"""What the figures were measured on."""

from __future__ import annotations

import os
import platform
from pathlib import Path
from typing import cast

_CPUS, _MEMORY = Path("/proc/cpuinfo"), Path("/proc/meminfo")


def machine() -> dict[str, object]:
    """Names and sizes of the hardware and of what runs on it; nothing that tells whose it is."""
    return {
        "cores": os.cpu_count(),
        "processor": _line(_CPUS, "model name") or platform.machine(),
        "memory_gb": _memory(),
        "system": f"{platform.system()} {platform.release().split('-')[0]}",
        "python": platform.python_version(),
        "load_before": round(os.getloadavg()[0], 1),
    }


def said_of_machine(known: dict[str, object]) -> str:
    memory = f", {known['memory_gb']} GB" if known["memory_gb"] else ""
    settings = cast("dict[str, str]", known.get("postgresql") or {})
    postgresql = f"\nPostgreSQL: {', '.join(f'{n} {v}' for n, v in settings.items())}" if settings else ""
    return (
        f"{known['cores']} cores ({known['processor']}){memory}, {known['system']}, Python {known['python']}, load before "
        f"{known['load_before']}{postgresql}"
    )


def _memory() -> int | None:
    told = _line(_MEMORY, "MemTotal")
    return round(int(told.split()[0]) / 1e6) if told else None


def _line(path: Path, name: str) -> str:
    """What a line of the system's own tables says; empty where there is none."""
    try:
        lines = path.read_text().splitlines()
    except OSError:
        return ""
    return next((line.partition(":")[2].strip() for line in lines if line.startswith(name)), "")
