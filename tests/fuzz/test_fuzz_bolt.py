# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The emulated server's Bolt: whatever a client sends, it gets an answer or its connection is closed."""

from __future__ import annotations

import asyncio
import math

from hypothesis import example, given
from hypothesis import strategies as st

from lab.server import bolt
from lab.server.packstream import Structure, pack, unpack
from lab.server.session import BEGIN, DISCARD, FAILURE, HELLO, IGNORED, LOGON, PULL, ROUTE, RUN, SUCCESS, Session
from tests.fuzz.conftest import PASSWORD

int64 = st.integers(-(2**63), 2**63 - 1)
texts = st.text(max_size=18)  # PackStream writes sizes from 16 on otherwise
scalars = st.one_of(st.none(), st.booleans(), int64, st.floats(), texts, st.binary(max_size=3))
packable = st.recursive(
    scalars,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(texts, inner, max_size=2),
        st.builds(Structure, st.integers(0, 127), st.lists(inner, max_size=3).map(tuple)),
    ),
    max_leaves=4,
) | st.lists(st.just(1), min_size=14, max_size=18)
# Beginnings of values that say more than they hold
heads = st.sampled_from(
    [b"\xb1\x10", b"\x91", b"\xd4\x03", b"\xd6\xff\xff\xff\xff", b"\xa1", b"\xd8\x02", b"\xd0\x09", b"\xc1"]
)
encoded = st.binary(max_size=60) | st.builds(bytes.__add__, heads, st.binary(max_size=20)) | packable.map(pack)


@given(encoded)
@example(b"\x91" * 5000 + b"\xc0")
@example(b"\xa1\x90\xc0")
@example(b"\xc9\x01")
@example(b"\xcd\x00\x01x")
@example(b"\xd6\xff\xff\xff\xff")
@example(b"")
def test_no_bytes_make_a_traceback_of_the_decoder(data):
    try:
        value = unpack(data)
    except ValueError:
        return
    assert same(unpack(pack(value)), value)


@given(packable)
def test_what_is_packed_comes_back(value):
    assert same(unpack(pack(value)), value)


@given(packable, st.integers(1, 100))
def test_what_was_cut_off_is_refused(value, missing):
    cut = pack(value)[:-missing]
    try:
        found = unpack(cut)
    except ValueError:
        return
    raise AssertionError(f"{cut!r} was read as {found!r}")


def same(left: object, right: object) -> bool:
    """Equal, with NaN equal to itself."""
    if isinstance(left, float) and isinstance(right, float) and math.isnan(left):
        return math.isnan(right)
    if isinstance(left, Structure) and isinstance(right, Structure):
        return left.tag == right.tag and same(list(left.fields), list(right.fields))
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(map(same, left, right))
    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and all(same(left[key], right[key]) for key in left)
    return type(left) is type(right) and left == right


# A connection: handshake, then messages in chunks


async def read(data: bytes) -> Structure:
    reader = asyncio.StreamReader()
    reader.feed_data(data)
    reader.feed_eof()
    return await bolt.read_message(reader)


chunked = st.lists(st.builds(lambda body: len(body).to_bytes(2, "big") + body, encoded), max_size=3).map(b"".join)


@given(chunked | st.binary(max_size=40))
def test_chunks_are_a_message_or_the_end_of_the_connection(data):
    try:
        message = asyncio_run(read(data + b"\0\0"))
    except (asyncio.IncompleteReadError, bolt.NotBoltError, ValueError):  # with these the connection is closed
        return
    assert isinstance(message, Structure)


LOOP = asyncio.new_event_loop()


def asyncio_run(awaited):
    return LOOP.run_until_complete(awaited)


# A session: messages that are well-formed, of which nobody knows what they hold

options: st.SearchStrategy[dict[str, object]] = st.dictionaries(
    st.sampled_from(["db", "mode", "imp_user", "n", "qid", "scheme", "principal", "credentials"]),
    st.sampled_from(["neo4j", "system", "r", "basic", -1, 0, 1, None, [], {}]) | scalars,
    max_size=2,
)
statements = st.sampled_from(
    ["RETURN 1", "SHOW SERVERS", "SHOW SETTINGS $names", "CALL dbms.components()", "'", "EXPLAIN"]
)
tags = st.sampled_from([HELLO, LOGON, RUN, PULL, DISCARD, BEGIN, ROUTE]) | st.integers(0, 127)
messages = (
    st.builds(Structure, tags, st.lists(scalars | options, max_size=3).map(tuple))
    | st.builds(lambda text, given, extra: Structure(RUN, (text, given, extra)), statements | texts, options, options)
    | st.builds(lambda tag, extra: Structure(tag, (extra,)), tags, options)
)
LOGIN = Structure(LOGON, ({"scheme": "basic", "principal": "neo4j", "credentials": PASSWORD},))


@given(sent=st.lists(messages, min_size=1, max_size=3), is_known=st.booleans())
def test_every_message_has_an_answer(instance, sent, is_known):
    session = Session(instance, (5, 8))
    if is_known:
        assert [answer.tag for answer in session.handle(LOGIN)] == [SUCCESS]
    for message in sent:
        answers = session.handle(message)
        assert all(bolt.framed(answer) for answer in answers)
        assert session.is_closing or answers[-1].tag in (SUCCESS, FAILURE, IGNORED)
        if session.is_closing:
            return
