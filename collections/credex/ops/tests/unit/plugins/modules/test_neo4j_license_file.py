# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import base64
import json
import os
import stat
import time
from pathlib import Path

import pytest
from ansible.module_utils.testing import patch_module_args
from ansible_collections.credex.ops.plugins.modules import neo4j_license_file, neo4j_license_file_info


def part(value):
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


def jwt(days, product="gds"):
    return f"{part({'alg': 'x'})}.{part({'exp': int(time.time()) + days * 86400, 'product': product})}.c2ln"


OLD, NEW = jwt(20), jwt(365)


@pytest.fixture
def place(tmp_path, capsys):
    path = tmp_path / "neo4j-gds.license"

    def run(check=False, **params):
        given = {"path": str(path), "product": "gds", **params}
        with (
            patch_module_args({**given, "_ansible_check_mode": check, "_ansible_diff": True}),
            pytest.raises(SystemExit),
        ):
            neo4j_license_file.main()
        result = json.loads(capsys.readouterr().out)
        assert NEW not in json.dumps({k: v for k, v in result.items() if k != "invocation"})
        return result

    run.path = path
    return run


def test_place_then_nothing_to_do(place):
    first = place(content=NEW)
    assert first["changed"] and first["previous"] is None and not first["license"]["opaque"]
    assert place.path.read_text() == NEW and stat.S_IMODE(place.path.stat().st_mode) == 0o640
    changed_at = place.path.stat().st_ctime_ns
    assert not place(content=NEW)["changed"]
    assert place.path.stat().st_ctime_ns == changed_at, "an untouched file must not call for a restart"


def test_check_mode_predicts_the_same_and_touches_nothing(place):
    place.path.write_text(OLD)
    predicted = place(check=True, content=NEW)
    assert place.path.read_text() == OLD and os.listdir(place.path.parent) == [place.path.name]
    real = place(content=NEW)
    for key in ("changed", "license", "previous", "diff"):
        assert predicted[key] == real[key]


def test_the_replaced_file_is_kept_and_comes_back_as_a_new_file(place):
    place.path.write_text(OLD)
    os.utime(place.path, (0, 0))
    placed = place(content=NEW)
    kept = placed["previous"]["path"]
    assert Path(kept).read_text() == OLD and stat.S_IMODE(os.stat(kept).st_mode) == 0o640
    before = time.time() - 1
    undone = place(fingerprint=placed["previous"]["fingerprint"])
    assert undone["changed"] and place.path.read_text() == OLD
    assert place.path.stat().st_mtime > before, "the old time would hide the file from the restart rule"
    assert not place(fingerprint=placed["previous"]["fingerprint"])["changed"]


def test_what_was_never_replaced_needs_no_kept_copy_to_stay(place):
    place.path.write_text(OLD)
    place.path.chmod(0o640)
    fingerprint = place(check=True, content=NEW)["previous"]["fingerprint"]
    undone = place(fingerprint=fingerprint)
    assert not undone.get("failed") and not undone["changed"]


def test_what_was_there_before_comes_back_even_if_it_was_damaged(place):
    place.path.write_bytes(b"eyJ-half a license")
    placed = place(content=NEW)
    assert place(fingerprint=placed["previous"]["fingerprint"])["changed"]
    assert place.path.read_bytes() == b"eyJ-half a license"


def test_absent_keeps_the_content(place):
    place.path.write_text(OLD)
    gone = place(state="absent")
    assert gone["changed"] and gone["license"] is None and not place.path.exists()
    assert os.path.exists(gone["previous"]["path"])
    assert not place(state="absent")["changed"]


@pytest.mark.parametrize(
    ("content", "accept", "words"),
    [
        (jwt(-1), [], "expired"),
        (jwt(-1), ["earlier"], "(expired)"),
        (jwt(10), [], "earlier than the present one"),
        (jwt(365, "bloom"), [], "is for product bloom, not gds"),
        ("", [], "empty"),
        (NEW[:40], [], "cut off"),
    ],
)
def test_the_wrong_file_is_refused_and_the_old_one_stays(place, content, accept, words):
    place.path.write_text(OLD)
    result = place(content=content, accept=accept)
    assert result["failed"] and words in result["msg"] and "Nothing was replaced" in result["msg"]
    assert place.path.read_text() == OLD and len(os.listdir(place.path.parent)) == 1


def test_an_objection_can_be_overruled(place):
    place.path.write_text(OLD)
    assert place(content=jwt(-1), accept=["expired", "earlier"])["changed"]


def test_a_wrong_mode_is_mended(place):
    place.path.write_text(NEW)
    place.path.chmod(0o644)
    assert place(content=NEW)["changed"]
    assert stat.S_IMODE(place.path.stat().st_mode) == 0o640
    assert len(os.listdir(place.path.parent)) == 1, "nothing was replaced, so nothing is kept"


@pytest.mark.parametrize(
    ("params", "words"),
    [
        ({"path": "/nonexistent/x.license", "content": NEW}, "folder /nonexistent does not exist"),
        ({"content": NEW, "owner": "no-such-user"}, "no-such-user"),
        ({"content": NEW, "mode": "rw"}, "rw"),
        ({"fingerprint": "0123456789abcdef"}, "no kept copy"),
        ({}, "content, fingerprint"),
        ({"content": NEW, "fingerprint": "x"}, "mutually exclusive"),
    ],
)
def test_bad_input_is_named(place, params, words):
    result = place(**params)
    assert result["failed"] and words in result["msg"]


def test_info_shows_what_lies_there(place, capsys):
    place.path.write_text(OLD)
    placed = place(content=NEW)
    with patch_module_args({"paths": [str(place.path), str(place.path) + ".none"]}), pytest.raises(SystemExit):
        neo4j_license_file_info.main()
    found, missing = json.loads(capsys.readouterr().out)["files"]
    assert found["license"] == placed["license"] and found["mode"] == "0640"
    assert [k["fingerprint"] for k in found["kept"]] == [placed["previous"]["fingerprint"]]
    assert not missing["exists"] and missing["license"] is None
