# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import itertools
from html.parser import HTMLParser
from types import MappingProxyType
from xml.etree import ElementTree

import pytest
from ansible_collections.credex.ops.plugins.module_utils._report import document, html, junit, view
from hypothesis import given
from hypothesis import strategies as st
from junitparser import JUnitXml

AT = "2026-11-23T04:50:00Z"
RUN = MappingProxyType(
    {
        "id": "20261123T044901Z-bastion-4711",
        "operation": "renew_license",
        "environment": "production",
        "holder": "ops@bastion",
        "started": "2026-11-23T04:49:00Z",
    }
)
END = MappingProxyType({"at": "2026-11-23T04:54:00Z"})
VOID = {"meta", "link", "br", "hr", "img", "input"}


def check(status="passed", **more):
    return document.normalized({"id": "some.check", "status": status, **more}, AT)


def turn(server, state, began=None, down=None, back=None, ended=None, canary=False):
    moments = {"began": began, "down": down, "back": back, "ended": ended}
    stamped = {name: f"2026-11-23T04:{value}Z" if value else None for name, value in moments.items()}
    return check(server=server, evidence={"state": state, "canary": canary, **stamped})


class Page(HTMLParser):
    """What a browser would make of it: the text, the tags, and whether they close in order."""

    def __init__(self, source):
        super().__init__()
        self.text, self.tags, self.attributes, self.open = [], [], [], []
        self.feed(source)
        assert self.open == [], "every tag is closed"

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += attrs
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text.append(data)

    def words(self):
        return " ".join(" ".join(self.text).split())


def page(checks, finished=END, run=RUN, **more):
    return Page(html.render(document.build(run, checks, finished, **more)))


class TestPage:
    @pytest.mark.parametrize("status", document.STATUSES)
    @pytest.mark.parametrize("finished", [END, None, {**END, "failure": "lost"}, {**END, "nothing_to_do": True}])
    @pytest.mark.parametrize("interrupted", [True, False])
    def test_says_the_verdict_in_words(self, status, finished, interrupted):
        result = document.build(RUN, [check(status)], finished, interrupted=interrupted, now=AT)
        words = Page(html.render(result)).words()
        assert view.VERDICTS[result["verdict"]][1] in words and result["summary"] in words
        assert all(finding in words for finding in result["findings"])
        assert view.STATUS[status][1] in words

    def test_shows_every_check_with_its_server_detail_and_evidence(self):
        words = page([check(title="Gate", server="n1", detail="open at once", evidence={"lag": 7})]).words()
        for expected in ("Gate", "n1", "open at once", '"lag": 7', "ops@bastion", "production", RUN["id"]):
            assert expected in words

    def test_escapes_whatever_it_is_given(self):
        hostile = "<script>alert('x')</script>\"><img src=x onerror=y>"
        checks = [check("failed", title=hostile, server=hostile, detail=hostile, evidence={hostile: hostile})]
        changed = check(server="n", evidence={"changes": [{"what": hostile, "before": hostile, "after": hostile}]})
        run = {**RUN, "holder": hostile, "environment": hostile, "title": hostile, "id": hostile}
        result = page([*checks, changed], {**END, "failure": hostile}, run)
        assert not {"script", "img"} & set(result.tags)
        assert not [name for name, _value in result.attributes if name.startswith("on")]
        assert hostile in result.words()

    def test_asks_nothing_of_the_network(self):
        result = page([check(), turn("n1", "done", "49:10", "49:20", "50:00", "50:10", canary=True)])
        assert not {"script", "link", "img", "iframe", "object", "form"} & set(result.tags)
        assert not [value for name, value in result.attributes if name in ("src", "href", "srcset", "action")]
        assert "url(" not in html.STYLE and "@import" not in html.STYLE

    @pytest.mark.parametrize(
        ("value", "shown"),
        [
            ("2027-11-23T00:00:00Z", "2027-11-23"),
            ("2027-11-23T05:22:52Z", "2027-11-23 05:22 UTC"),
            ("2027-99-99T00:00:00Z", "2027-99-99T00:00:00Z"),
            (None, "none"),
            ("", "none"),
            (["a"], '["a"]'),
            ("4 GiB", "4 GiB"),
        ],
    )
    def test_values_are_for_people(self, value, shown):
        evidence = {"state": "done", "changes": [{"what": "it", "before": "old", "after": value}]}
        assert f"it: old → {shown}" in page([check(server="n1", evidence=evidence)]).words()

    def test_every_mark_of_the_picture_is_in_its_legend(self):
        source = html.render(
            document.build(RUN, [turn("n1", "begun", "50:00"), turn("n2", "done", "50:00", "50:10")], END)
        )
        picture, _legend, legend = source.partition('<div class="legend')
        for mark in ("work", "down", "gate open", "gate held"):
            assert f'class="{mark}"' in picture.rpartition("One server after")[2] and f'class="{mark}"' in legend

    def test_a_run_without_checks_servers_or_header_still_makes_a_page(self):
        assert "No check was recorded" in page([], None, {"id": "x"}, interrupted=True).words()

    def test_a_plan_is_not_shown_as_done(self):
        changes = {"changes": [{"what": "heap", "before": "4", "after": "8"}]}
        checks = [check(server="n1", evidence=changes), turn("n1", "done", "49:10", ended="49:12")]
        planned = page(checks, run={**RUN, "check_mode": True}).words()
        assert "Would be changed" in planned and "(planned: 8)" in planned and "Done and proven" not in planned
        assert "→ 8" in page(checks).words()
        assert "(planned: 8)" in page([checks[0], turn("n1", "undone", "49:10")]).words()

    def test_a_server_of_a_killed_run_is_not_said_to_be_in_service(self):
        words = page([check(server="n1")], None, interrupted=True).words()
        assert "Unknown, look at it" in words and "not taken down" not in words

    def test_many_passed_checks_are_folded_and_a_failed_one_is_not(self):
        def folded(checks):
            return "open" not in [name for name, _value in page(checks).attributes]

        assert folded([check()] * (view.MANY + 1))
        assert not folded([check()] * view.MANY)
        assert not folded([*([check()] * (view.MANY + 1)), check("failed")])


class TestTimeline:
    def timeline(self, *turns, **run):
        return view.timeline(document.build({**RUN, **run}, list(turns), END))

    def test_segments_follow_each_other_within_the_picture(self):
        picture = self.timeline(
            turn("n3", "done", "50:00", "50:30", "51:30", "52:00", canary=True),
            turn("n1", "done", "52:00", "52:30", "53:30", "54:00"),
        )
        first, second = picture["rows"]
        assert [(s["kind"], s["x"], s["width"]) for s in first["segments"]] == [
            ("work", 0.0, 12.5),
            ("down", 12.5, 25.0),
            ("work", 37.5, 12.5),
        ]
        assert (
            second["segments"][0]["x"] == 50.0
            and second["segments"][-1]["x"] + second["segments"][-1]["width"] == 100.0
        )
        assert [gate["x"] for gate in first["gates"]] == [12.5, 37.5]
        assert [tick["text"] for tick in picture["ticks"]] == [
            "04:50:00",
            "04:51:00",
            "04:52:00",
            "04:53:00",
            "04:54:00",
        ]
        assert picture["summary"] == view.ONE_AT_A_TIME
        assert "04:50:30 to 04:51:30, 1 min 00 s" in first["note"]

    def test_two_down_at_once_are_said(self):
        picture = self.timeline(
            turn("n1", "done", "50:00", "50:10", "51:00"), turn("n2", "done", "50:30", "50:40", "51:10")
        )
        assert picture["summary"] == "Up to 2 servers were out of service at the same time."

    def test_one_that_comes_back_as_the_next_goes_down_is_still_one(self):
        picture = self.timeline(
            turn("n1", "done", "50:00", "50:10", "51:00"), turn("n2", "done", "51:00", "51:00", "51:10")
        )
        assert picture["summary"] == view.ONE_AT_A_TIME

    def test_one_that_never_came_back_stays_down_to_the_edge(self):
        row = self.timeline(turn("n1", "undo failed: x", "50:00", "52:00"))["rows"][0]
        assert row["segments"][-1] == {"kind": "down", "label": "out of service", "x": 50.0, "width": 50.0}
        assert "not seen back" in row["note"]

    def test_one_held_back_was_in_service(self):
        row = self.timeline(turn("n1", "begun", "50:00"))["rows"][0]
        assert [segment["kind"] for segment in row["segments"]] == ["work"]
        assert row["gates"] == [{"x": 100.0, "kind": "held"}]
        assert "held back, in service all the time" in row["note"]

    def test_no_picture_of_what_did_not_happen(self):
        assert self.timeline(check(server="n1")) is None
        assert self.timeline(turn("n1", "done", "50:00", ended="50:01"), check_mode=True) is None


STATES = st.sampled_from(["done", "begun", "waiting", "undone", "touched", "kept: x", "undo failed: x"])
MOMENTS = st.none() | st.integers(0, 3599).map(lambda second: f"{second // 60:02}:{second % 60:02}")
TURNS = st.builds(turn, st.sampled_from(["n1", "n2"]), STATES, MOMENTS, MOMENTS, MOMENTS, MOMENTS, st.booleans())


@given(st.lists(TURNS, max_size=4))
def test_any_turns_make_a_picture_that_stays_in_its_frame(turns):
    result = document.build(RUN, turns, END)
    assert html.render(result)
    picture = view.timeline(result)
    for segment in itertools.chain.from_iterable(row["segments"] for row in picture["rows"]) if picture else ():
        assert 0 <= segment["x"] <= 100 and 0 < segment["width"] <= 100.6


class TestJunit:
    @pytest.mark.parametrize("status", document.STATUSES)
    @pytest.mark.parametrize("required", [True, False])
    @pytest.mark.parametrize("finished", [END, None, {**END, "failure": "lost"}])
    @pytest.mark.parametrize("servers", [[], ["silent"]])
    def test_is_red_exactly_when_the_document_is_not_green(self, status, required, finished, servers):
        checks = [check(), check(status, required=required, phase="verify")]
        result = document.build({**RUN, "servers": servers}, checks, finished, interrupted=True)
        suites = JUnitXml.fromstring(junit.render(result).encode())
        suites.update_statistics()
        assert (suites.failures + suites.errors == 0) == result["green"]
        assert suites.tests == 3, "each check, and the run as a whole"

    def test_counts_are_those_of_its_cases(self):
        result = document.build(RUN, [check("failed"), check("unknown"), check("skipped", required=False)], END)
        root = ElementTree.fromstring(junit.render(result))
        assert (root.get("tests"), root.get("failures"), root.get("errors")) == ("4", "2", "1")
        assert sum(int(suite.get("tests")) for suite in root) == 4
        assert root.find(".//skipped") is not None

    def test_an_empty_run_is_red(self):
        root = ElementTree.fromstring(junit.render(document.build(RUN, [], END)))
        assert root.get("errors") == "1"
        assert "No check was recorded" in root.find(".//error").text

    @given(st.text())
    def test_any_text_makes_xml_that_can_be_read(self, text):
        result = document.build(RUN, [check("failed", title=f"t{text}", detail=text, server=text)], END)
        ElementTree.fromstring(junit.render(result))
