# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A neo4j.conf that somebody else wrote: settings are brought into it, and nothing else of it changes."""

from __future__ import annotations

from ansible_collections.credex.ops.plugins.module_utils._neo4j import conf_file
from hypothesis import example, given
from hypothesis import strategies as st

from tests.fuzz.values import any_text

names = st.sampled_from(["server.bolt.enabled", "server.jvm.additional", "db.transaction.timeout", "a"])
# What settings.problems lets through: no control characters, and Ansible strips what a template leaves around a value
texts = st.text(st.characters(exclude_categories=["Cc", "Cs"])).map(str.strip)
wanted = st.dictionaries(names, st.lists(texts, max_size=2), max_size=3)
lines = (
    st.builds("{}{}{}".format, names, st.sampled_from(["=", " = ", ": ", " ", "\t", "\\\n  ="]), any_text)
    | any_text
    | st.sampled_from(["# comment", "! other", "", " ", "a = b\\", "\\"])
)
# The file is read as ISO 8859-1, in which every byte is a letter
files = st.lists(lines, max_size=6).map(
    lambda found: "\n".join(found).encode("utf-8", "surrogatepass").decode("latin-1")
)


@given(content=files)
def test_any_file_is_read(content):
    conf_file.without_secrets(content)
    assert [entry.first < entry.last for entry in conf_file.entries(content)].count(False) == 0


@given(content=files, settings=wanted)
@example(content="a = 1\n", settings={"a": ["\N{GRINNING FACE}"]})
@example(content="\na =", settings={"a": []})
@example(content="a = b\\", settings={"db.transaction.timeout": ["1m"]})
def test_what_is_brought_in_is_there_and_the_rest_as_it_was(content, settings):
    after = conf_file.brought_in(content, settings)
    before, now = conf_file.values(content), conf_file.values(after)
    assert {name: now.get(name, []) for name in settings} == settings
    assert {name: now[name] for name in now if name not in settings} == {
        name: before[name] for name in before if name not in settings
    }
    assert conf_file.brought_in(after, settings) == after
