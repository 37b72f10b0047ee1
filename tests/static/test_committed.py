"""What must never be committed: addresses of package registries, paths of one machine, secrets."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.static.repository import ROOT, committed

# Written so that this file does not hold what it looks for
REGISTRY = re.compile(
    r"\b(pypi[.]org|pythonhosted[.]org|registry[.]npmjs[.]org|npmjs[.]com|crates[.]io|proxy[.]golang[.]org"
    r"|repo[0-9]?[.]maven[.](apache[.]org|org)|deb[.]debian[.]org|galaxy[.]ansible[.]com)\b"
    r"|--(extra-)?index-url|--find[-]links|[\"']resolved[\"']\s*:\s*[\"']http"
)
MACHINE_PATH = re.compile(rf"(?<![\w.{{}}$~*])(/(work|root)/|{re.escape(str(ROOT))}\b)")
SECRET = re.compile(r"\bA(KIA|SIA)[0-9A-Z]{16}\b|-----BEGIN [A-Z ]*PRIVATE KEY-----")

RULES = {"registry": REGISTRY, "machine path": MACHINE_PATH, "secret": SECRET}


def text(path: Path) -> str:
    return path.read_text(errors="replace")


@pytest.mark.parametrize("rule", RULES)
def test_no_file_holds_one(rule: str) -> None:
    files = [path for path in committed() if path.is_file()]
    assert ROOT / "requirements.txt" in files
    found = [f"{path.relative_to(ROOT)}: {match[0]}" for path in files for match in RULES[rule].finditer(text(path))]
    assert found == []


@pytest.mark.parametrize(
    ("rule", "line"),
    [
        ("registry", "https://pypi" + ".org/simple"),
        ("registry", '"resolved": ' + '"https://x.example/a.tgz"'),
        ("registry", "--index" + "-url https://x.example"),
        ("machine path", "cd /work" + "/main"),
        ("machine path", "'/root" + "/.ansible'"),
        ("machine path", f"cd {ROOT}"),
        ("secret", "AKIA" + "IOSFODNN7EXAMPLE"),
        ("secret", "-----BEGIN RSA " + "PRIVATE KEY-----"),
    ],
)
def test_rule_catches(rule: str, line: str) -> None:
    assert RULES[rule].search(line)


# --- the locks ---

PIN = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[a-z,]+\])?==(\S+)", re.MULTILINE)
LOCKS = [(path, path.with_suffix(".txt")) for path in sorted(ROOT.glob("requirements*.in"))]


def pins(path: Path) -> dict[str, str]:
    return {name.lower().replace("_", "-"): version for name, version in PIN.findall(text(path))}


@pytest.mark.parametrize(("wanted", "lock"), LOCKS, ids=[lock.name for _, lock in LOCKS])
def test_lock_holds_what_is_wanted(wanted: Path, lock: Path) -> None:
    assert pins(wanted)
    assert pins(wanted).items() <= pins(lock).items(), "run: make lock"


@pytest.mark.parametrize("lock", [lock for _, lock in LOCKS], ids=lambda lock: lock.name)
def test_everything_locked_has_a_hash(lock: Path) -> None:
    entries = re.split(r"\n(?=\S)", text(lock))
    assert [entry for entry in entries if not entry.startswith("#") and "--hash=sha256:" not in entry] == []
