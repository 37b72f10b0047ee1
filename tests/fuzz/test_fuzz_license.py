# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The license reader: no content makes a traceback, and no file that says it has expired is accepted."""

from __future__ import annotations

import base64
import contextlib
import datetime
import json
import math

from ansible_collections.credex.ops.plugins.module_utils._neo4j import license as lic
from ansible_collections.credex.ops.plugins.module_utils._neo4j import renewal
from hypothesis import example, given
from hypothesis import strategies as st

from lab.server import licenses
from tests.fuzz.values import any_text, json_values

NOW = datetime.datetime(2026, 11, 23, tzinfo=datetime.UTC)
SECONDS = int(NOW.timestamp())
VALID = licenses.issue("gds", "Great Sun", NOW, NOW + datetime.timedelta(days=365)).encode()
OLD = NOW - datetime.timedelta(days=1)

numbers = (
    st.integers()
    | st.floats()
    | st.integers(-(10**13), 10**13)
    | st.integers(SECONDS - 3, SECONDS + 3)
    | st.floats(SECONDS - 3, SECONDS + 3)
)
ends = numbers | json_values
claims = st.fixed_dictionaries({}, optional={"exp": ends, "product": any_text | json_values, "iat": json_values})
# Other spellings of a header say the same, and must not make a file opaque
headers = st.sampled_from(['{"alg":"none-of-ours"}', '{ "alg": "x" }', '{\n"typ": "JWT"}', '{\t"x":1}', "{}"])


def part(text: str) -> str:
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def jwt(header: str, body: object) -> bytes:
    return f"{part(header)}.{part(json.dumps(body))}.c2ln".encode()


@st.composite
def damaged(draw) -> bytes:
    """A good license file, after what mail programs, editors and full disks do to one."""
    content = bytearray(VALID)
    for _ in range(draw(st.integers(1, 3))):
        at = draw(st.integers(0, len(content)))
        until = draw(st.integers(at, len(content)))
        content[at:until] = draw(st.binary(max_size=8) | st.sampled_from([b"\r\n", b"\xef\xbb\xbf", b"\n", b"", b"="]))
    return bytes(content)


contents = (
    st.binary(max_size=200)
    | any_text.map(lambda text: text.encode("utf-8", "surrogatepass"))
    | st.binary(max_size=60).map(lambda tail: b"eyJ" + tail)
    | damaged()
    | st.builds(jwt, headers, claims | json_values)
)


def planned(shown: lic.LicenseFile, accept: tuple[str, ...] = ()) -> dict:
    """The plan for a server without a file, from what travels between tasks: JSON."""
    wanted = json.loads(json.dumps({"product": "gds", "license": shown.as_dict(), "accept": accept, "restart": True}))
    files = [{"path": "/l/gds", "exists": False, "license": None, "owner": None, "group": None, "mode": None}]
    service: dict[str, object] = {"state": "running", "started_at": None, "changed_since": []}
    owned = {"owner": "", "group": "", "mode": "0640"}
    observed = {"host": "one", "ownership": owned, "service": service, "files": files}
    answer = {"reachable": True, "agreement": {"status": "commercial"}, "license_paths": {}}
    return renewal.plan_server(observed, [wanted], "commercial", answer, NOW)


@given(contents)
@example(b"eyJ" + b"A" * 20 + b"." + b"x" * 20 + b".c2ln")
@example(jwt("{}", {"exp": -62135596800}))
@example(jwt("{}", {"product": "\ud800"}))
def test_no_content_makes_a_traceback(content):
    assert lic.read_present(content).fingerprint == lic.fingerprint(content)
    try:
        shown = lic.read(content)
    except lic.LicenseError as error:
        words = str(error)
        assert words.isprintable() and len(words) < 200, "a sentence for people"
        return
    plan = planned(shown, ("other_product", "expired"))
    assert plan["refused"] == []
    shown_to_people = renewal.table([plan], ["one"]) + planned(shown)["refused"]
    for line in shown_to_people:
        assert line.isprintable() and line.encode("utf-8"), "it can be written into a log and a report"


@given(st.integers(0, len(VALID) - 2))
def test_a_file_that_was_cut_off_is_refused_wherever_that_was(length):
    if len(VALID[:length].strip()) < 3:
        return  # too little to tell it from another format
    try:
        lic.read(VALID[:length])
    except lic.LicenseError:
        return
    raise AssertionError(f"the first {length} of {len(VALID)} bytes were taken for a license")


@given(headers, claims, numbers)
@example("{}", {}, -math.inf)
@example("{}", {}, -(10**400))
@example('{ "alg": "x" }', {}, 0)
def test_no_expired_file_is_accepted(header, others, end):
    content = jwt(header, {**others, "exp": end})
    accepted = ("other_product", "earlier")
    try:
        refused = planned(lic.read(content), accepted)["refused"]
    except lic.LicenseError:
        return
    assert refused or not end <= SECONDS, f"exp {end} was accepted"
    # What travels between tasks has whole seconds
    assert not refused or end < SECONDS + 1, f"exp {end}: {refused}"


# The emulated product's own reader, which must not end a server that starts


@given(contents)
def test_no_file_ends_an_emulated_server(content):
    with contextlib.suppress(licenses.LicenseError):
        licenses.read(content.decode("utf-8", "replace"))


@given(claims | json_values)
@example({"product": "gds", "licensee": "x", "iat": 0, "exp": 10**30})
def test_nor_one_that_is_signed(body):
    signed = f"{part('{}')}.{part(json.dumps(body))}"
    text = f"{signed}.{base64.urlsafe_b64encode(licenses._signature(signed.encode())).decode()}"
    try:
        found = licenses.read(text)
    except licenses.LicenseError:
        return
    assert isinstance(found.expires, datetime.datetime)


def test_the_good_one_is_good():
    """What the damaged ones are made of is accepted, and once its time is over it is not."""
    assert planned(lic.read(VALID))["refused"] == []
    expired = licenses.issue("gds", "Great Sun", OLD, OLD).encode()
    assert len(planned(lic.read(expired))["refused"]) == 1
