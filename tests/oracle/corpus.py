"""Every Cypher statement that this repository holds, with the place it stands at."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import yaml
from ansible_collections.credex.ops.plugins.module_utils._balance import statements as balance

from tests.lab import examples
from tests.static.repository import COLLECTION, ROOT, committed, constant, load, plugins

MODULE_UTILS = COLLECTION / "plugins/module_utils"
# Built from a table, so that its functions are asked for what it makes
BALANCE = MODULE_UTILS / "_balance/statements.py"
STATEMENTS = sorted(set(MODULE_UTILS.glob("*/statements.py")) - {BALANCE})
YAML_FOLDERS = ("collections/credex/ops/roles", "inventories", "molecule", "playbooks")
CYPHER_BLOCK = re.compile(r"^[ \t]*```cypher\n(.*?)^[ \t]*```", re.MULTILINE | re.DOTALL)
# A text in a string or between back-ticks holds no parameter
QUOTED = re.compile(r"'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\"|`[^`]*`")
PARAMETER = re.compile(r"\$(\w+)")


@dataclass(frozen=True)
class Statement:
    place: str
    text: str

    @property
    def parameters(self) -> list[str]:
        return sorted(set(PARAMETER.findall(QUOTED.sub("''", self.text))))


def of_modules() -> Iterator[Statement]:
    """The constants of the files that hold what modules send, one for each package."""
    for path in STATEMENTS:
        for node in ast.parse(path.read_text()).body:
            if isinstance(node, ast.Assign):
                (target,) = node.targets
                place = f"{path.parent.name}/{path.name}: {ast.unparse(target)}"
                yield Statement(place, str(ast.literal_eval(node.value)).strip())


def of_balance() -> Iterator[Statement]:
    """What the balance modules send."""
    for name, text in balance.all_of_them().items():
        yield Statement(f"{BALANCE.parent.name}/{BALANCE.name}: {name}", text)


def of_cypher_files() -> Iterator[Statement]:
    """Files that an application can use as they are: one statement each, after comments."""
    for path in committed():
        if path.suffix == ".cypher":
            yield Statement(str(path.relative_to(ROOT)), path.read_text())


def of_examples() -> Iterator[Statement]:
    for module in plugins("modules"):
        for text in queries(yaml.safe_load(constant(module, "EXAMPLES"))):
            yield Statement(f"example of {module.stem}", text)


def of_yaml() -> Iterator[Statement]:
    for path in committed():
        name = str(path.relative_to(ROOT))
        if name.startswith(YAML_FOLDERS) and path.suffix in (".yml", ".yaml"):
            for text in queries(load(path)):
                yield Statement(name, text)


def of_documentation() -> Iterator[Statement]:
    """Statements in ```cypher blocks, which a semicolon separates."""
    for path in committed():
        if path.suffix == ".md":
            for block in CYPHER_BLOCK.findall(path.read_text()):
                for text in filter(None, map(str.strip, re.split(r";[ \t]*(?:\n|$)", block))):
                    yield Statement(str(path.relative_to(ROOT)), text)


def of_emulator() -> Iterator[Statement]:
    """What the emulated server believes to be statements."""
    for text in examples.all_of_them():
        yield Statement("lab/server", text)


def queries(part: Any) -> Iterator[str]:
    """The values of every `query`, and commands in `privileges`, but for those that a template fills in."""
    if isinstance(part, dict):
        for key, value in part.items():
            texts = value if key == "privileges" and isinstance(value, list) else [value] if key == "query" else []
            if texts and all(isinstance(text, str) for text in texts):
                yield from (text for text in texts if "{{" not in text)
            else:
                yield from queries(value)
    elif isinstance(part, list):
        for value in part:
            yield from queries(value)


def looks_like_cypher(text: str) -> bool:
    return (
        re.match(r"(CYPHER|EXPLAIN|PROFILE|CALL|CREATE|SHOW|MATCH|MERGE|UNWIND|RETURN|ALTER|DROP) +\S", text)
        is not None
    )


def outside_the_one_file() -> Iterator[Statement]:
    """Cypher elsewhere in a plugin's code. None should be there: it would never be checked."""
    for path in sorted((COLLECTION / "plugins").rglob("*.py")):
        documentation = {constant(path, name) for name in ("DOCUMENTATION", "EXAMPLES", "RETURN")}
        for text, line in text_constants(ast.parse(path.read_text())):
            if text not in documentation and path not in (*STATEMENTS, BALANCE) and looks_like_cypher(text):
                yield Statement(f"{path.relative_to(COLLECTION)}:{line}", text)


def text_constants(tree: ast.AST) -> Iterator[tuple[str, int]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value, node.lineno
