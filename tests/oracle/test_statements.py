"""Every Cypher statement in modules, examples, playbooks, inventories and documentation passes Neo4j's own parser, and
so does what the emulated server takes for statements.

It is the front end of the server itself, published by Neo4j as an npm package (pinned in package-lock.json). A
statement must be valid in Cypher 5 (5.26 LTS) and in Cypher 25; one that begins with CYPHER 5 or CYPHER 25 only there.
The parser does not know which procedures exist, nor what Community lacks: tests/contract asks a real server.
"""

from __future__ import annotations

import json
import subprocess
from functools import cache
from pathlib import Path

import pytest

from tests.oracle import corpus

ORACLE = Path(__file__).with_name("oracle.mjs")
SOURCES = {
    "modules": list(corpus.of_modules()),
    "balance": list(corpus.of_balance()),
    "files": list(corpus.of_cypher_files()),
    "examples": list(corpus.of_examples()),
    "yaml": list(corpus.of_yaml()),
    "documentation": list(corpus.of_documentation()),
    "emulator": list(corpus.of_emulator()),
}
ALL = [statement for statements in SOURCES.values() for statement in statements]
BROKEN = [
    corpus.Statement("broken on purpose", text)
    for text in (
        "SHOW SERVER S",
        "CREATE DATABASE foo TOPOLOGY 3 PRIMARYS",
        "DEALOCATE DATABASES FROM SERVER 'a'",
        "CREATE USER x SET PASSWORD y",
        "GRANT ROLE r TO",
        "SHOW SERVERS YIELD nope",
        "DROP DATABASE a b",
    )
]


@cache
def verdicts() -> dict[corpus.Statement, dict[str, list[str]]]:
    """What the parser says of all statements, asked once; the start of the program takes seconds."""
    statements = sorted({*ALL, *BROKEN}, key=repr)
    asked = json.dumps([{"statement": each.text, "parameters": each.parameters} for each in statements])
    answered = subprocess.run(["node", ORACLE], input=asked, check=True, capture_output=True, text=True).stdout
    return dict(zip(statements, json.loads(answered), strict=True))


@pytest.mark.parametrize("source", SOURCES)
def test_statements_were_found(source: str) -> None:
    assert SOURCES[source]


@pytest.mark.parametrize("statement", ALL, ids=lambda statement: f"{statement.place}: {statement.text[:60]}")
def test_parser_accepts(statement: corpus.Statement) -> None:
    verdict = verdicts()[statement]
    assert verdict
    assert {version: errors for version, errors in verdict.items() if errors} == {}, statement.text


@pytest.mark.parametrize("statement", BROKEN, ids=lambda statement: statement.text)
def test_parser_rejects(statement: corpus.Statement) -> None:
    assert all(verdicts()[statement].values())


def test_statements_stand_in_one_file() -> None:
    assert list(corpus.outside_the_one_file()) == []
