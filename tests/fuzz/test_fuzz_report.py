# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A report from whatever a journal holds: all three forms of it are made, and it is green only where all was proven."""

from __future__ import annotations

import json
from html.parser import HTMLParser
from xml.etree import ElementTree

from ansible_collections.credex.ops.plugins.module_utils._report import document, html, journal, junit
from ansible_collections.credex.ops.plugins.modules import ops_report
from hypothesis import example, given
from hypothesis import strategies as st

from tests.fuzz.values import any_text, json_values

AT = "2026-11-23T04:50:00Z"
times = st.sampled_from(
    [AT, "2026-11-23T04:50:01Z", "", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59-14:00", "2026-11-23"]
)
texts = st.sampled_from(["n1", "n2", "gds", "<script>", ""]) | any_text
turns = st.fixed_dictionaries(
    {"state": st.sampled_from(["done", "begun", "undone: why", "kept"]) | json_values},
    optional=dict.fromkeys(("began", "down", "back", "ended"), times | json_values) | {"canary": st.booleans()},
)
changes = st.fixed_dictionaries(
    {},
    optional={
        "changes": st.lists(st.fixed_dictionaries({"what": texts}, optional={"before": json_values}), max_size=2)
        | json_values,
        "present": st.dictionaries(texts, json_values, max_size=2) | json_values,
        "wanted": st.dictionaries(texts, json_values, max_size=2) | json_values,
    },
)
fields = {
    **dict.fromkeys(("title", "server", "detail", "group", "follow_up"), texts),
    "phase": st.sampled_from(document.PHASES),
    "required": st.booleans(),
    "evidence": json_values | turns | changes,
    "at": times,
}
# As the module's own options let them through; and, of a damaged journal, anything
checks = st.fixed_dictionaries({"id": texts, "status": st.sampled_from(document.STATUSES)}, optional=fields)
odd_checks = st.fixed_dictionaries({"status": json_values}, optional=dict.fromkeys(("id", *fields), json_values))
runs = st.fixed_dictionaries(
    {"operation": texts, "environment": texts, "started": times},
    optional={
        "title": texts,
        "holder": texts,
        "check_mode": st.booleans(),
        "servers": st.lists(texts, max_size=2),
    },
)
ends = st.fixed_dictionaries({"at": times}, optional={"failure": texts, "nothing_to_do": st.booleans()})
names = st.sampled_from(["run", "finished", "published", "status", "id", "servers", "started", "at"])
entries = (
    checks
    | odd_checks
    | st.builds(lambda run: {"run": run}, runs | st.dictionaries(names, json_values, max_size=3))
    | st.builds(lambda end: {"finished": end}, ends | st.dictionaries(names, json_values, max_size=3))
    | st.dictionaries(names, json_values, max_size=2)
)
lines = entries.map(json.dumps) | any_text.map(lambda text: text.replace("\n", " "))


class Balanced(HTMLParser):
    """Whether every tag is closed in order, and nothing of the journal became one."""

    VOID = frozenset(("meta", "link", "br", "hr", "img", "input"))

    def __init__(self, source: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.feed(source)
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        assert tag != "script"
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


def published(source: journal.Journal, interrupted: bool) -> dict:
    """As the module publishes it: three texts that a disk and a bucket take."""
    report = ops_report._document(source, interrupted)
    as_json, as_xml, page = document.to_json(report), junit.render(report), html.render(report)
    assert json.loads(as_json.encode("utf-8"))["verdict"] == report["verdict"]
    root = ElementTree.fromstring(as_xml.encode("utf-8"))
    assert (root.find(".//failure") is None and root.find(".//error") is None) == report["green"]
    Balanced(page.encode("utf-8").decode("utf-8"))
    return report


@given(st.lists(lines, max_size=5), st.booleans())
@example(['{"id": "n1", "status": "passed"}', '{"run": {"started": "\\b"}}'], False)
@example(['{"run": {"servers": 5}}'], False)
@example(['{"status": "passed", "id": "x", "phase": []}'], False)
@example(['{"status": "passed", "id": "x", "title": "\\ud800"}'], False)
def test_any_journal_makes_a_report(written, interrupted):
    source = journal.Journal("/journals/run.jsonl")
    for line in written:
        source.take(line)
    report = published(source, interrupted)
    unproven = [c for c in report["checks"] if c["required"] and c["status"] in ("failed", "unknown")]
    assert not report["green"] or (source.finished is not None and not unproven and not source.damaged_lines)


@given(runs, st.lists(checks, max_size=3), ends | st.none())
def test_what_was_recorded_is_in_the_report(run, recorded, end):
    source = journal.Journal("/journals/run.jsonl")
    source.take(json.dumps({"run": run}))
    kept = []
    for check in recorded:
        try:
            kept.append(document.normalized(check, AT))
        except document.CheckError:
            continue
        source.take(json.dumps(journal.redacted(kept[-1])))
    if end is not None:
        source.take(json.dumps({"finished": end}))
    report = published(source, interrupted=False)
    assert [check["status"] for check in report["checks"]] == [check["status"] for check in kept]
    wrong = [c for c in kept if c["required"] and c["status"] != "passed"]
    assert not report["green"] or (end is not None and kept and not wrong and not end.get("failure"))
