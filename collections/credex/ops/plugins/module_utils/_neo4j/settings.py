# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# FOR INTERNAL COLLECTION USE ONLY: private to credex.ops

"""neo4j.conf as data: which settings a server knows, what is wrong with those that are wanted, and the file. Pure.

Neo4j itself names one unknown setting a run, and takes a misspelt suffix of a TLS policy for nothing at all.
"""

from __future__ import annotations

import difflib
import re
import typing as t

from .versions import COMMUNITY, version_tuple

# The one setting that may stand in the file more than once
REPEATABLE = "server.jvm.additional"
# The manual's placeholders, in names such as dbms.ssl.policy.<scope>.private_key
_PLACEHOLDERS = {"<scope>": "(bolt|https|cluster|backup)", "<provider>": r"[^.]+", "<policy-name>": r"[^.]+"}
_PLACEHOLDER = re.compile("|".join(map(re.escape, _PLACEHOLDERS)))
# Where both are known, a file with both says the same thing twice
RENAMED = {
    "db.cluster.raft.leader_transfer.priority_group": "db.cluster.raft.leader_transfer.priority_tag",
    "db.logs.query.annotation_data_as_json_enabled": "db.logs.query.annotation_data_format",
    "dbms.cluster.catchup.client_inactivity_timeout": "dbms.cluster.network.client_inactivity_timeout",
    "dbms.cluster.discovery.type": "dbms.cluster.discovery.resolver_type",
    "dbms.cluster.discovery.v2.endpoints": "dbms.cluster.endpoints",
    "dbms.kubernetes.discovery.v2.service_port_name": "dbms.kubernetes.discovery.service_port_name",
    "server.cluster.catchup.connect_randomly_to_server_group": "server.cluster.catchup.connect_randomly_to_server_tags",
    "server.groups": "initial.server.tags",
    "server.max_databases": "dbms.max_databases",
}
_NAME = re.compile(r"[A-Za-z][\w.-]*", re.ASCII)
# Whose values no diff may show
_SECRET = re.compile("password|secret|token|params")
HIDDEN = "(hidden)"
_ALIKE = 0.8  # how much of a name must agree before it is proposed


class Known(t.NamedTuple):
    """A setting of the table: the edition that is enough for it, and its versions, both ends included."""

    name: str
    edition: str
    since: str
    until: str

    def suits(self, version: str, edition: str) -> bool:
        of_version = version_tuple(version)
        is_gone = bool(self.until) and of_version[:2] > version_tuple(self.until)
        return self.edition in (COMMUNITY, edition) and of_version >= version_tuple(self.since) and not is_gone

    def where(self) -> str:
        """For whom it is, in words."""
        versions = f" since {self.since}" if self.since else f" up to {self.until}" if self.until else ""
        return ("" if self.edition == COMMUNITY else f" in {self.edition} edition") + versions

    def means(self, name: str) -> bool:
        if "<" not in self.name:  # nearly all: some hundred are asked for each setting of each host
            return name == self.name
        pattern = "".join(_PLACEHOLDERS.get(part, re.escape(part)) for part in _parts(self.name))
        return re.fullmatch(pattern, name) is not None


def _parts(name: str) -> list[str]:
    return re.split(f"({_PLACEHOLDER.pattern})", name)


def known(table: t.Mapping[str, t.Mapping[str, t.Sequence[str]]]) -> list[Known]:
    """The rows of C(roles/neo4j_server/files/settings.yml): versions to edition to names."""
    found = []
    for versions, editions in table.items():
        since, until = ("", "") if versions == "any" else ("", versions) if versions == "5.26" else (versions, "")
        found += [Known(name, edition, since, until) for edition, names in editions.items() for name in names]
    return found


def merged(defaults: t.Mapping[str, t.Any], written: t.Mapping[str, t.Any]) -> dict[str, list[str]]:
    """Each setting with its lines in the file. What is written wins; V(null) leaves the setting to Neo4j."""
    return {
        name: _lines(name, value)
        for name, value in sorted({**defaults, **written}.items())
        if value is not None and value != []
    }


def _lines(name: str, value: t.Any) -> list[str]:
    if not isinstance(value, (list, tuple)):
        return [_text(value)]
    texts = [_text(item) for item in value]
    return texts if name == REPEATABLE else [",".join(texts)]


def _text(value: t.Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def problems(
    written: t.Mapping[str, t.Any], rows: t.Sequence[Known], version: str, edition: str, unlisted: t.Sequence[str] = ()
) -> list[str]:
    """What is wrong with the settings as they are written, all of it at once; C(unlisted): names to be believed."""
    found = []
    for name in map(str, written):
        is_vouched_for = name in unlisted and _NAME.fullmatch(name)
        if not is_vouched_for and not any(row.means(name) and row.suits(version, edition) for row in rows):
            found.append(
                f"Neo4j {version} ({edition}) has no setting {name!r}. {_advice(name, rows, version, edition)}"
            )
        found += _value_problems(name, written[name])
    return found + _written_twice(written)


def _advice(name: str, rows: t.Sequence[Known], version: str, edition: str) -> str:
    there = {row.name for row in rows if row.suits(version, edition)}
    if RENAMED.get(name) in there:
        return f"It is called {RENAMED[name]} now."
    elsewhere = [row for row in rows if row.means(name)]
    if elsewhere:
        return f"It exists{elsewhere[0].where()} only."
    close = difflib.get_close_matches(name.strip().lower(), sorted(there | set(_like(name, there))), 1, _ALIKE)
    if close:
        return f"Did you mean {close[0]}?"
    return "If a plugin declares it, name it in neo4j_server_unlisted_settings too."


def _like(name: str, there: t.Iterable[str]) -> list[str]:
    """Names with a placeholder, with what stands in its place in C(name): dbms.ssl.policy.bolt.private_key."""
    words = name.strip().lower().split(".")
    found = []
    for candidate in there:
        parts = candidate.split(".")
        if len(parts) == len(words) and _PLACEHOLDER.search(candidate):
            found.append(".".join(w if p in _PLACEHOLDERS else p for p, w in zip(parts, words)))
    return found


def _value_problems(name: str, value: t.Any) -> list[str]:
    texts = value if isinstance(value, (list, tuple)) else [value]
    if any(isinstance(text, (dict, list, tuple)) for text in texts) or isinstance(value, dict):
        return [f"{name} has a value within a value. Write the setting's whole name, and a text, a number or a list."]
    if any(re.search(r"[\x00-\x1f\x7f]", _text(text)) for text in texts):
        return [f"{name} has a line break or another control character in its value."]
    return []


def _written_twice(written: t.Mapping[str, t.Any]) -> list[str]:
    spelt: dict[str, list[str]] = {}
    for name in map(str, written):
        spelt.setdefault(name.strip().lower(), []).append(name)
    said = [name for name, value in written.items() if value is not None]
    return renamed_twice(said, said) + [
        f"{' and '.join(map(repr, names))} are one setting." for names in spelt.values() if len(names) > 1
    ]


def renamed_twice(stand: t.Collection[str], written: t.Collection[str]) -> list[str]:
    """What stands in a file by two names, of which one was written."""
    return [
        f"{old} and {new} are one setting, by its old and its new name."
        for old, new in RENAMED.items()
        if old in stand and new in stand and (old in written or new in written)
    ]


def of_this_server(
    defaults: t.Mapping[str, t.Any], rows: t.Sequence[Known], version: str, edition: str
) -> dict[str, t.Any]:
    """The defaults that this version and edition knows."""
    return {
        name: value
        for name, value in defaults.items()
        if any(row.means(name) and row.suits(version, edition) for row in rows)
    }


def conf(settings: t.Mapping[str, t.Sequence[str]], head: str) -> str:
    """The file. Always in the same order, so that it changes only when a setting does."""
    lines = [line(name, value) for name, values in sorted(settings.items()) for value in values]
    return "\n".join([f"# {head}", *lines, ""])


def line(name: str, value: str) -> str:
    return f"{name}={_escaped(value)}"


def _escaped(value: str) -> str:
    """Neo4j reads a Java properties file in ISO 8859-1: a backslash escapes, and other letters have numbers."""
    plain = value.replace("\\", "\\\\")
    units = plain.encode("utf-16-be")
    numbers = [int.from_bytes(units[at : at + 2], "big") for at in range(0, len(units), 2)]
    return "".join(chr(number) if number < 128 else f"\\u{number:04x}" for number in numbers)


def is_secret(name: str, value: str = "") -> bool:
    """Whether the setting's name tells of a secret, or the option of the JVM that it holds."""
    return _SECRET.search((value if name == REPEATABLE else name).lower()) is not None


def unless_secret(name: str, value: str) -> str:
    return HIDDEN if is_secret(name, value) else value


def shown(name: str, text: str | None) -> str:
    """A value for people, in one line: nothing of a secret, and Neo4j's own where it is not set."""
    if text is None:
        return "Neo4j's own"
    return unless_secret(name, text).replace("\n", " ")
