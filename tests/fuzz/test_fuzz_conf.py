# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The neo4j.conf reader of the emulated server: it starts with what is there, or says which setting is wrong."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from lab.server import config
from lab.server.home import Home
from lab.server.instance import Instance
from tests.fuzz.values import any_text

names = st.sampled_from([*config.SETTINGS, *config.PLUGIN_SETTINGS])
odd = [
    ":7687",
    "localhost",
    "host:http",
    "[::1]:7687",
    ":-1",
    ":99999",
    ":",
    "512m",
    "8.5GiB",
    "9" * 400 + "g",
    "-1",
    "5s",
]
values = st.sampled_from([*odd, "", "true", "True", "1", "REQUIRED", "\x00", "a\\", "\u2028"]) | any_text
lines = (
    st.builds("{}{}{}".format, names, st.sampled_from(["=", " = ", ":", " "]), values)
    | st.builds("{}{}{}".format, any_text, st.sampled_from(["=", "#", ""]), values)
    | st.sampled_from(["# comment", "", " ", "server.config.strict_validation.enabled=false"])
)
files = st.lists(lines, max_size=5).map(lambda found: "\n".join(found).encode("utf-8", "surrogatepass")) | st.binary(
    max_size=100
)


@pytest.fixture(scope="module")
def elsewhere(home: Home, tmp_path_factory: pytest.TempPathFactory) -> Home:
    """The same home with a neo4j.conf of its own (NEO4J_CONF)."""
    return Home(home.path, conf=tmp_path_factory.mktemp("conf"))


def issues_of(home: Home) -> list[str]:
    """What keeps the server from starting."""
    try:
        config.read(home)
    except config.ConfigError as error:
        return error.issues
    return []


def start(home: Home, instance: Instance) -> None:
    """What a server reads of its configuration at the start and while it runs."""
    settings = config.read(home)
    with contextlib.suppress(config.NotEnoughMemoryError):
        config.check_memory(settings, instance.memory)
    Instance(home, home.binding(), settings, instance.cluster)
    for name in config.SETTINGS:
        if name.endswith("_address") and not name.startswith("server.default_"):
            host, port = settings.address(name)
            assert host and 0 <= port < 65536
    assert settings.shown()["server.bolt.listen_address"]


@given(content=files)
@example(content=b"server.directories.licenses=\xff\xfe")
@example(content=b"server.bolt.listen_address=localhost:http")
@example(content=b"gds.enterprise.license_file=a\x00b")
@example(content=b"dbms.security.auth_lock_time=soon")
@example(content=b"dbms.security.auth_max_failed_attempts=many")
@example(content=b"server.memory.heap.max_size=" + b"9" * 400 + b"t")
def test_it_starts_or_says_what_is_wrong(elsewhere, instance, content):
    elsewhere.neo4j_conf.write_bytes(content)
    issues = issues_of(elsewhere)
    assert all(issue.startswith("Error: ") and "\n" not in issue for issue in issues)
    if not issues:
        start(elsewhere, instance)


@given(settings=st.dictionaries(names, st.sampled_from(["true", "1m", "5s", "8", ":7000", "here"]), max_size=6))
def test_what_the_file_says_is_in_force(elsewhere, settings):
    elsewhere.neo4j_conf.write_text("".join(f" {name} =  {value} \n" for name, value in settings.items()))
    assert issues_of(elsewhere) or config.read(elsewhere).given == settings
