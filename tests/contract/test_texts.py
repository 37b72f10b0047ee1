"""The texts with which the emulated server refuses what only Enterprise judges stand in the jars of real servers.

Both editions are built on these jars: roles, privileges and topology are closed, but the sentences with which they are
refused are not. When a new version words one differently, this test says so.
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from functools import cache

import pytest

from lab.community import parts
from lab.server import texts

TEXTS = {name: text for name, text in vars(texts).items() if name.isupper()}
# The long-term version puts these together from other pieces, or has them in a jar of Enterprise's
NOT_IN_LTS = {
    *("NOT_GRANTED", "DENIED", "DOES_NOT_EXIST", "EXISTS_ALREADY", "RESERVED_ROLE", "TOO_FEW_SERVERS", "REALLOCATE"),
    *("DEALLOCATE_SERVERS", "DROP_SERVER", "CORDON_SERVER", "ALTER_SERVER", "ENABLE_SERVER", "ALTER_DATABASE"),
    "CREATE_DATABASE",
}
UTF8, TWO_SLOTS = 1, (5, 6)
# Bytes that follow the tag of a constant in a class file (JVM specification, 4.4)
SIZES = {3: 4, 4: 4, 5: 8, 6: 8, 7: 2, 8: 2, 9: 4, 10: 4, 11: 4, 12: 4, 15: 3, 16: 2, 17: 4, 18: 4, 19: 2, 20: 2}


@pytest.mark.parametrize("name", TEXTS)
def test_the_calendar_version_has_the_text(name: str) -> None:
    assert TEXTS[name] in sentences(parts.CALENDAR), TEXTS[name]


@pytest.mark.parametrize("name", sorted(set(TEXTS) - NOT_IN_LTS))
def test_the_long_term_version_has_the_text(name: str) -> None:
    assert TEXTS[name] in sentences(parts.LTS), TEXTS[name]


@cache
def sentences(release: parts.Release) -> set[str]:
    """All constants with a space or a placeholder in Neo4j's own classes; `%s` where a value goes."""
    try:
        jars = sorted(parts.server_jars(release).glob("neo4j-*.jar"))
    except parts.MissingPartError as missing:
        pytest.skip(str(missing))
    found: set[str] = set()
    for jar in jars:
        with zipfile.ZipFile(jar) as classes:
            for name in classes.namelist():
                if name.endswith(".class"):
                    found |= {readable(text) for text in constants(classes.read(name)) if b" " in text}
    return found


def readable(text: bytes) -> str:
    """Java marks a value in a concatenation by the byte 1; Scala keeps the margin of a text over several lines."""
    lines = text.decode(errors="replace").replace("\x01", "%s").split("\n")
    return "\n".join([lines[0], *(line.lstrip().removeprefix("|") for line in lines[1:])])


def constants(content: bytes) -> Iterator[bytes]:
    """The texts in a class file's table of constants."""
    count, at, slot = int.from_bytes(content[8:10], "big"), 10, 1
    while slot < count:
        tag = content[at]
        if tag == UTF8:
            size = 2 + int.from_bytes(content[at + 1 : at + 3], "big")
            yield content[at + 3 : at + 1 + size]
        else:
            size = SIZES[tag]
        at += 1 + size
        slot += 2 if tag in TWO_SLOTS else 1
