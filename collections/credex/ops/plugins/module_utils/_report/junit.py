# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A report document as JUnit XML, for a CI system's list of tests. Pure.

One suite a phase, one case a check. The file is red exactly when the document is not green: a required check that is
skipped or unknown is an error, not a skip, and so are a silent server and an interrupted run.
"""

from __future__ import annotations

import re
from typing import Any
from xml.etree import ElementTree

from ansible_collections.credex.ops.plugins.module_utils._report.document import PHASES

# What XML 1.0 cannot hold, even escaped
FORBIDDEN = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def render(document: dict[str, Any]) -> str:
    """The XML text, with its declaration."""
    run = document["run"]
    root = ElementTree.Element("testsuites", {"name": f"{run['title']} ({run.get('environment') or ''})"})
    for phase in PHASES:
        checks = [check for check in document["checks"] if check["phase"] == phase]
        if checks:
            _suite(root, document, phase, [_case(document, check) for check in checks])
    _suite(root, document, "run", [_run_case(document)])
    root.set("tests", str(len(root.findall(".//testcase"))))
    root.set("failures", str(len(root.findall(".//failure"))))
    root.set("errors", str(len(root.findall(".//error"))))
    root.set("time", str(run.get("duration_s") or 0))
    _clean(root)
    ElementTree.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ElementTree.tostring(root, encoding="unicode") + "\n"


def _suite(root: ElementTree.Element, document: dict[str, Any], name: str, cases: list[ElementTree.Element]) -> None:
    suite = ElementTree.SubElement(root, "testsuite", {"name": name, "tests": str(len(cases))})
    for tag, attribute in (("failure", "failures"), ("error", "errors"), ("skipped", "skipped")):
        suite.set(attribute, str(sum(case.find(tag) is not None for case in cases)))
    if document["run"].get("started"):
        suite.set("timestamp", str(document["run"]["started"]).rstrip("Z"))
    suite.extend(cases)


def _case(document: dict[str, Any], check: dict[str, Any]) -> ElementTree.Element:
    operation = document["run"].get("operation") or "run"
    where = check.get("server") or "fleet"
    case = ElementTree.Element(
        "testcase",
        {"name": check["title"], "classname": f"{operation}.{check['phase']}.{where}", "time": "0"},
    )
    tag = _tag(check)
    if tag:
        message = check.get("detail") or f"{check['status']}"
        ElementTree.SubElement(case, tag, {"message": message, "type": check["status"]})
    elif check.get("detail"):
        ElementTree.SubElement(case, "system-out").text = check["detail"]
    return case


def _tag(check: dict[str, Any]) -> str | None:
    if check["status"] == "passed":
        return None
    if not check.get("required", True):
        return "skipped"
    return "failure" if check["status"] == "failed" else "error"


def _run_case(document: dict[str, Any]) -> ElementTree.Element:
    """The run as a whole: red whenever the document is, whatever its checks say."""
    operation = document["run"].get("operation") or "run"
    case = ElementTree.Element("testcase", {"name": "The run as a whole", "classname": f"{operation}.run", "time": "0"})
    if not document["green"]:
        tag = "failure" if document["verdict"] == "failed" else "error"
        node = ElementTree.SubElement(case, tag, {"message": document["summary"], "type": document["verdict"]})
        node.text = "\n".join(document["findings"])
    return case


def _clean(root: ElementTree.Element) -> None:
    """All texts of a journal end here, whatever they are there."""
    for element in root.iter():
        for name, value in element.items():
            element.set(name, FORBIDDEN.sub("\ufffd", str(value)))
        if element.text is not None:
            element.text = FORBIDDEN.sub("\ufffd", str(element.text))
