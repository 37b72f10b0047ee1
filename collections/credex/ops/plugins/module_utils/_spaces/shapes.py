# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# FOR INTERNAL COLLECTION USE ONLY: private to credex.ops

"""What an address is, by what is in the database: two spaces that were swapped look like two that differ in all."""

from __future__ import annotations

import typing as t

from .._neo4j.errors import InvalidOptionError
from .._neo4j.spaces import Space
from . import statements

Shape = t.Mapping[str, t.Any]


class WrongSpaceError(InvalidOptionError):
    """The spaces are not what they should be; nothing was compared and nothing written."""


def right(spaces: t.Mapping[str, Space], allow_empty_ledger: bool) -> dict[str, Shape]:
    """What each space has, after a look that it is the one it should be."""
    shapes: dict[str, Shape] = {name: space.rows(statements.SHAPE)[0] for name, space in spaces.items()}
    refuse_wrong(spaces, shapes, allow_empty_ledger)
    return shapes


def refuse_wrong(spaces: t.Mapping[str, Space], shapes: t.Mapping[str, Shape], allow_empty_ledger: bool) -> None:
    """LedgerSpace has Daynodes, members and OWES; SearchSpace has anchors, and none of those."""
    ledger, search = spaces["ledger"], spaces["search"]
    if (ledger.target.address, ledger.database) == (search.target.address, search.database):
        raise WrongSpaceError(f"ledger and search are the same database: {ledger}")
    if _is_ledger(shapes["search"]) and not _is_ledger(shapes["ledger"]):
        raise WrongSpaceError(
            f"ledger and search are swapped: {search} has Daynodes, members or OWES, and {ledger} has none. "
            "Exchange the two addresses"
        )
    if _is_ledger(shapes["search"]):
        raise WrongSpaceError(f"{search} is a LedgerSpace, too: it has Daynodes, members or OWES. Correct its address")
    if shapes["ledger"]["anchored"]:
        raise WrongSpaceError(f"{ledger} is no LedgerSpace: it has SEARCH_SECURED. Correct its address")
    if not shapes["ledger"]["owes"] and shapes["search"]["credexes"] and not allow_empty_ledger:
        raise WrongSpaceError(
            f"nobody owes anything in {ledger}, and {search} has credexes: that is what a wrong address looks like. "
            "If LedgerSpace is indeed empty, say so with allow_empty_ledger"
        )


def _is_ledger(shape: Shape) -> bool:
    return bool(shape["daynodes"] or shape["members"] or shape["owes"])
