"""What the static tests look at: the files of this repository."""

from __future__ import annotations

import ast
import os
import subprocess
from functools import cache
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[2]
COLLECTION = ROOT / "collections/credex/ops"
ROLES = sorted(path for path in (COLLECTION / "roles").iterdir() if path.is_dir())
PLAYBOOKS = sorted((ROOT / "playbooks").glob("*.yml"))


def load(path: Path) -> Any:
    return yaml.safe_load(path.read_text())


def plugins(kind: str) -> list[Path]:
    """The collection's plugins of a kind (modules, filter, ...), as files."""
    return sorted(path for path in (COLLECTION / "plugins" / kind).glob("*.py") if not path.name.startswith("_"))


@cache
def committed() -> list[Path]:
    """What git holds, or would add: files and links."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    return sorted(ROOT / name for name in listed.split("\0") if name and os.path.lexists(ROOT / name))


def constant(path: Path, name: str) -> str:
    """A text that a Python file assigns to a name at its top level, such as DOCUMENTATION; empty when it does not."""
    for node in ast.parse(path.read_text()).body:
        if isinstance(node, ast.Assign) and any(getattr(target, "id", "") == name for target in node.targets):
            return str(ast.literal_eval(node.value))
    return ""
