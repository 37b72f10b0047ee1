# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The search finds what it is there to find: that a run has no secret anywhere would be shown by a blind one too."""

from __future__ import annotations

import base64
import html
import json
import os
import shlex
import subprocess
import sys
import urllib.parse

import pytest

from tests.lab.process_watch import ProcessWatch
from tests.lab.secret_search import files, hits

SECRET = 'c%rd "ex\\ö" 7/kL+9\'&<pq>=2Xn'
PASSAGE = SECRET[5:]


@pytest.mark.parametrize(
    ("spelling", "stands"),
    [
        ("plain", SECRET),
        ("plain", PASSAGE),
        ("JSON", json.dumps({"a": SECRET})),
        ("JSON in UTF-8", json.dumps({"a": SECRET}, ensure_ascii=False)),
        ("JSON in JSON", json.dumps({"a": json.dumps({"b": SECRET})})),
        ("Python", repr(SECRET)),
        ("URL", urllib.parse.quote(SECRET, safe="")),
        ("form", urllib.parse.quote_plus(PASSAGE)),
        ("HTML", html.escape(SECRET)),
        ("shell", shlex.quote(SECRET)),
        ("hexadecimal", SECRET.encode().hex()),
        *(("base64", base64.b64encode(f"{'x' * before}{SECRET}y".encode()).decode()) for before in range(3)),
        ("base64", base64.urlsafe_b64encode(PASSAGE.encode()).decode()),
        ("base64", base64.encodebytes(SECRET.encode() * 3).decode()),
    ],
)
def test_it_is_found_in_each_spelling(spelling, stands):
    [found] = hits({"secret": SECRET}, {"a place": f"before {stands} after".encode()})
    found, _, spellings = found.partition(": ")
    assert found == "secret in a place" and spelling in spellings.split(", ")


def test_another_secret_is_not_it():
    another = SECRET[::-1].encode()
    assert hits({"secret": SECRET}, {"a place": another + base64.b64encode(another)}) == []


def test_a_secret_that_is_too_short_to_be_looked_for_is_refused():
    with pytest.raises(AssertionError, match="too short"):
        hits({"secret": "short"}, {"a place": b""})


def test_every_file_of_a_folder_but_those_left_out(tmp_path):
    for name in ("a/log", "a/.hidden", "b/licenses/file"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(SECRET)
    assert set(files(tmp_path, ["*/licenses/**"])) == {"a/log", "a/.hidden"}
    assert len(hits({"secret": SECRET}, files(tmp_path))) == 3


IN_ARGV = [sys.executable, "-c", "import time; time.sleep(0.2)", SECRET]
BY_A_SHELL = ["/bin/sh", "-c", 'sleep 0.2; true "$0"', SECRET]


@pytest.fixture
def watch(tmp_path):
    return ProcessWatch(tmp_path)


def found(texts):
    places = {kind: "\n".join(found).encode(errors="surrogateescape") for kind, found in texts.items()}
    return "; ".join(hits({"secret": SECRET}, places))


def run(watch, line, **more):
    with watch:
        subprocess.run(line, env={**os.environ, **watch.environment, **more}, check=True)


@pytest.mark.parametrize("line", [IN_ARGV, BY_A_SHELL])
def test_proc_shows_the_arguments_of_a_child(watch, line):
    run(watch, line)
    assert "secret in argv: " in found(watch.sampled())


def test_proc_shows_the_environment_of_a_grandchild(watch):
    run(watch, ["/bin/sh", "-c", "sleep 0.2; true"], TOKEN=SECRET)
    assert "secret in environment: " in found(watch.sampled())


def test_a_process_notes_its_own_start_and_all_that_it_starts(watch):
    """Each is over at once, so that only what was noted counts."""
    starts = "import subprocess, sys; subprocess.run(['/bin/true', sys.stdin.read()], env={'TOKEN': 'another one'})"
    with watch:
        line = [sys.executable, "-c", starts]
        subprocess.run(line, env={**os.environ, **watch.environment}, input=SECRET, text=True, check=True)
        subprocess.run([*IN_ARGV[:2], "", SECRET[::-1]], env={**os.environ, **watch.environment}, check=True)
    recorded = watch.recorded()
    assert f"/bin/true\0{SECRET}" in recorded["argv"]
    assert "TOKEN=another one" in recorded["environment"]
    assert any(SECRET[::-1] in argv for argv in recorded["argv"])


def test_a_process_notes_what_it_sends_to_syslog_and_draws_at_random(watch):
    run(watch, [sys.executable, "-c", f"import secrets, syslog; syslog.syslog({SECRET!r}); secrets.token_urlsafe(18)"])
    recorded = watch.recorded()
    assert recorded["syslog"] == {SECRET}
    assert [len(drawn) for drawn in recorded["drawn 18"]] == [24]
