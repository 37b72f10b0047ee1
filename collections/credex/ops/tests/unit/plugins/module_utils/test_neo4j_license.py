# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import base64
import datetime
import json

import pytest
from ansible_collections.credex.ops.plugins.module_utils._neo4j import license as lic
from hypothesis import given
from hypothesis import strategies as st

NOW = datetime.datetime(2026, 11, 23, tzinfo=datetime.UTC)


def part(value):
    return base64.urlsafe_b64encode(json.dumps(value, separators=(",", ":")).encode()).decode().rstrip("=")


def jwt(days=365, product="gds", **claims):
    exp = int((NOW + datetime.timedelta(days=days)).timestamp())
    return f"{part({'alg': 'HS256'})}.{part({'exp': exp, 'product': product, **claims})}.{'c2ln' * 10}c2k".encode()


def test_a_jwt_shows_product_and_end():
    shown = lic.read(jwt(days=1))
    assert (shown.opaque, shown.product) == (False, "gds")
    assert lic.timestamp(shown.expires) == "2026-11-24T00:00:00Z"
    assert lic.days_left(shown.expires, NOW) == 1
    assert lic.parse_timestamp("2026-11-24T00:00:00Z") == shown.expires


def test_anything_else_is_opaque_and_says_nothing():
    shown = lic.read(b"6fa1-77bc-09d2-aa\n")
    assert (shown.opaque, shown.product, shown.expires) == (True, None, None)


@pytest.mark.parametrize("exp", [None, "2027", True, 1e300, float("inf"), [], float("nan")])
def test_an_odd_end_is_no_end(exp):
    assert lic.read(jwt(exp=exp)).expires is None


@pytest.mark.parametrize("exp", [-1e300, float("-inf"), -62135596800])
def test_an_end_before_all_calendars_is_over_and_can_be_written(exp):
    expires = lic.read(jwt(exp=exp)).expires
    assert expires < NOW and lic.parse_timestamp(lic.timestamp(expires)) == expires


@pytest.mark.parametrize("product", ["gds\x1b[2J", "\ud800", "x" * 99, "", 7, "two\nlines"])
def test_what_is_no_name_of_a_product_is_not_repeated(product):
    assert lic.read(jwt(product=product)).product is None


def test_a_header_in_other_words_is_read_too():
    spaced = base64.urlsafe_b64encode(b'{ "alg": "x" }').decode().rstrip("=")
    content = f"{spaced}.{part({'exp': 0})}.c2ln".encode()
    assert not content.startswith(b"eyJ")
    assert lic.objections(lic.read(content), "gds", None, NOW)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "empty"),
        (b" \n\t\n", "empty"),
        (b"x" * (lic.MAX_BYTES + 1), "no license is larger"),
        (b"\xef\xbb\xbf" + jwt(), "byte order mark"),
        (jwt() + b"\r\n", "Windows line ends"),
        (b"\x1f\x8b\x08\x00binary", "binary"),
        (b"\xff\xff latin", "binary"),
        (jwt()[:30], "cut off"),
        (jwt().rpartition(b".")[0] + b".", "cut off"),
        (jwt()[:-1], "signature was cut off"),
        (f"{part({'alg': 'RS256'})}.{part({})}.c2ln".encode(), "signature was cut off"),
        (f"{part({'alg': 'x'})}.{part({})}.c".encode(), "signature was cut off"),
        (f"{part({'alg': 'x'})}.{part([])}.c2ln".encode(), "cannot be read"),
        (b"eyJhbGciOiJ4In0.!!!.c2ln", "cannot be read"),
    ],
)
def test_what_cannot_be_a_license_is_refused_without_repeating_it(content, words):
    with pytest.raises(lic.LicenseError, match=words) as caught:
        lic.read(content)
    assert content[:20].decode("latin-1") not in str(caught.value) or not content.strip()
    assert lic.read_present(content).opaque, "what lies there already can always be replaced"


def test_objections_name_the_word_that_overrules_them():
    old, new = lic.read(jwt(days=100)), lic.read(jwt(days=-1, product="bloom"))
    found = lic.objections(new, "gds", old, NOW)
    assert [o.rpartition("(")[2].rstrip(")") for o in found] == ["other_product", "expired", "earlier"]
    assert lic.objections(new, "gds", old, NOW, ["other_product", "expired", "earlier"]) == []


def test_no_objection_to_a_renewal_or_to_what_is_opaque():
    assert lic.objections(lic.read(jwt(days=365)), "gds", lic.read(jwt(days=20)), NOW) == []
    assert lic.objections(lic.read(b"opaque"), "gds", lic.read(jwt(days=20)), NOW) == []
    assert lic.objections(lic.read(jwt(days=365)), "gds", None, NOW) == []


@given(
    st.binary(max_size=200) | st.text(max_size=200).map(str.encode) | st.binary(max_size=60).map(lambda b: b"eyJ" + b)
)
def test_no_input_makes_a_traceback(content):
    try:
        shown = lic.read(content)
    except lic.LicenseError:
        return
    assert len(shown.fingerprint) == 16
    lic.objections(shown, "gds", shown, NOW)
