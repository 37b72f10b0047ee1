# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# FOR INTERNAL COLLECTION USE ONLY: private to credex.ops

"""Every Cypher statement about balances, built from the table. tests/oracle has Neo4j's own parser read all of them.

The update's are also files that the application can use as they are (docs/cypher/balance_update in the collection); a
test holds both equal. All values are bound as parameters; names come from the table alone.
"""

from __future__ import annotations

from ansible_collections.credex.ops.plugins.module_utils._balance.table import (
    BY_CXX_RATE,
    CXX,
    DATE,
    LABEL,
    TABLE,
    Kind,
    of,
)

# The largest double: what is above is infinite, and NaN compares with nothing
LARGEST = "1.7976931348623157e308"
# Relative: the same rate read and written again differs in its last bits, a day's rate in far more
TOLERANCE = 1e-9
# Subtracted amounts and sums of many: their last bits add up
DAMAGE_TOLERANCE = 1e-6

DAYNODES = """\
MATCH (d:Daynode)
OPTIONAL MATCH (p:Daynode)-[:NEXT_DAY]->(d)
RETURN toString(d.Date) AS date, valueType(d.Date) STARTS WITH 'DATE ' AS dated, d.Active AS active,
  d.DCOrunningNow AS running, toString(p.Date) AS previous, properties(d) AS rates
ORDER BY date"""

ANY_DAYNODE = "MATCH (d:Daynode) RETURN 1 AS one LIMIT 1"

NOW = "RETURN toString(datetime()) AS now"

INDEXES = "SHOW INDEXES YIELD name"

CONSTRAINTS = "SHOW CONSTRAINTS YIELD name"

# The parameters of the update, for an application that has no driver of ours: date and rates are the same in each row,
# and cxx is the map of each row's `since` to its `factor`
PARAMETERS = """\
MATCH path = (earlier:Daynode)-[:NEXT_DAY*0..]->(active:Daynode {Active: true})
RETURN toString(active.Date) AS date, properties(active) AS rates, toString(earlier.Date) AS since,
  reduce(factor = 1.0, day IN tail(nodes(path)) | factor / day.CXXprior_CXXcurrent) AS factor"""


def _finite(value: str) -> str:
    return f"CASE WHEN abs({value}) <= {LARGEST} THEN {value} END"


# Of each credex that is in SearchSpace, as far as it should be: what is still owed
OWED = f"""\
MATCH (:Account)-[:OWES]->(e:Credex {{queueStatus: 'PROCESSED'}})-[:OWES]->(:Account)
WHERE e.OutstandingAmount > 0
RETURN e.Denomination AS denomination, count(*) AS entities, sum({_finite("e.OutstandingAmount")}) AS owed"""

SEARCHED = f"""\
MATCH (e:Credex)
RETURN e.Denomination AS denomination, count(*) AS entities, sum({_finite("e.outstandingAmount")}) AS owed"""


def _today(amount: str, entity: str) -> str:
    """An amount in the active day's CXX, also of an entity that the update has not reached."""
    return f"{amount} * coalesce($cxx[toString({entity}.{DATE})], 1)"


# What was looped is known twice and more. A currency's REDEEMED keeps its face value through every update, and the rate
# of the loop's day makes CXX of it again; a CXX credex with one REDEEMED has the amount itself. LoopAnchors and
# relationships in CXX must agree with either; those that the old statement scaled once for each row do not
DAMAGE = f"""\
MATCH (l:LoopAnchor)-[:CREATED_ON]->(d:Daynode)
CALL (l, d) {{
  MATCH (l)<-[x:REDEEMED]-(c:Credex)
  RETURN max(CASE WHEN x.Denomination <> '{CXX}' THEN
      x.AmountRedeemed / x.CXXmultiplier * d[x.Denomination] * $cxx[toString(d.Date)] END) AS by_currency,
    max(CASE WHEN x.Denomination = '{CXX}' AND COUNT {{ (c)-[:REDEEMED]->() }} = 1 THEN
      {_today("c.RedeemedAmount", "c")} END) AS by_credex
}}
WITH l, coalesce(by_currency, by_credex) AS looped WHERE looped > 0 AND looped <= {LARGEST}
CALL (l, looped) {{
  RETURN 'LoopAnchor' AS kind, l.loopID AS key, {_today("l.LoopedAmount", "l")} / looped AS factor
  UNION ALL
  MATCH (l)<-[x:REDEEMED {{Denomination: '{CXX}'}}]-()
  RETURN 'REDEEMED' AS kind, x.redeemedRelID AS key, {_today("x.AmountRedeemed", "x")} / looped AS factor
  UNION ALL
  MATCH (l)<-[:REDEEMED]-()-[x:CREDLOOP {{Denomination: '{CXX}'}}]->() WHERE x.loopID = l.loopID
  RETURN 'CREDLOOP' AS kind, x.credloopRelID AS key, {_today("x.AmountRedeemed", "x")} / looped AS factor
}}
WITH kind, key, factor WHERE abs(factor - 1) > {DAMAGE_TOLERANCE} AND factor <= {LARGEST}
RETURN kind, count(*) AS entities, min(factor) AS smallest, max(factor) AS largest,
  collect({{key: key, factor: factor}})[..$samples] AS samples
ORDER BY kind"""


def update(kind: Kind) -> str:
    """Scale what is due, each entity once, whoever else does the same at that moment.

    Parameters: date (text), the active Daynode's; rates, denomination to its rate, CXX to 1; cxx, date to the factor
    from that day to the active one, the product of 1 / CXXprior_CXXcurrent of each day after it; batch.
    """
    multiplier = "" if kind.rule == BY_CXX_RATE else "\n    e.CXXmultiplier = $rates[e.Denomination],"
    scaled = "".join(f"\n    e.{amount} = e.{amount} * factor," for amount in kind.amounts)
    return f"""\
MATCH {_flagged(kind)}
WHERE e.{DATE} < date($date)
CALL (e) {{
  SET e.scaling = true REMOVE e.scaling // locks e, so that what another run has scaled meanwhile is seen below
  WITH e, {_factor(kind)} AS factor
  WHERE e.{DATE} < date($date) AND factor > 0 AND factor <= {LARGEST}
  SET{scaled}{multiplier}
    e.{DATE} = date($date)
  RETURN true AS done
}} IN TRANSACTIONS OF $batch ROWS
RETURN count(done) AS scaled"""


def files() -> dict[str, str]:
    """File name to content: the update as an application can use it."""
    scale = {f"{kind.space}_{kind.name.lower()}.cypher": update(kind) for kind in TABLE}
    return {
        name: f"// Made by scripts/balance-cypher; what the parameters are: README.md beside this file.\n{statement}\n"
        for name, statement in {**scale, "parameters.cypher": PARAMETERS}.items()
    }


def _factor(kind: Kind) -> str:
    """A rate that is missing makes null of it. An entity without a factor is left alone, to be found as a straggler."""
    by_cxx_rate = f"$cxx[toString(e.{DATE})]"
    if kind.rule == BY_CXX_RATE:
        return by_cxx_rate
    by_own_rate = "1.0 * $rates[e.Denomination] / e.CXXmultiplier"
    return f"CASE e.Denomination WHEN '{CXX}' THEN {by_cxx_rate} ELSE {by_own_rate} END"


def flag(kind: Kind) -> str:
    """Flag what has no flag. Parameters: date, rates, batch. The multiplier shows whether the date is true."""
    without = f"NOT e:{LABEL}" if kind.is_node else f"e.{DATE} IS NULL"
    label = f"e:{LABEL}, " if kind.is_node else ""
    return f"""\
MATCH {_any(kind)}
WHERE {without} AND {_is_current(kind)}
CALL (e) {{
  SET {label}e.{DATE} = date($date)
}} IN TRANSACTIONS OF $batch ROWS
RETURN count(*) AS flagged"""


def restamp(kind: Kind) -> str:
    """Date again what another statement has scaled since. Parameters as for flag."""
    return f"""\
MATCH {_flagged(kind)}
WHERE (e.{DATE} < date($date) OR e.{DATE} IS NULL) AND {_is_current(kind)}
CALL (e) {{
  SET e.{DATE} = date($date)
}} IN TRANSACTIONS OF $batch ROWS
RETURN count(*) AS flagged"""


def _is_current(kind: Kind) -> str:
    """In the active Daynode's CXX, as far as its multiplier tells."""
    if kind.rule == BY_CXX_RATE:
        return "true"
    return f"abs(e.CXXmultiplier / $rates[e.Denomination] - 1) <= {TOLERANCE}"


def groups(kind: Kind) -> str:
    """All entities of a kind in groups: flagged or not, denomination, date. Sums are of what is finite.

    Parameters: rates; until (text or null), the moment after which what was created is not in the sums.
    """
    odd = " OR ".join(f"NOT (abs(e.{amount}) <= {LARGEST})" for amount in kind.amounts)
    empty = " AND ".join(f"e.{amount} IS NULL" for amount in kind.amounts)
    sums = "".join(
        f",\n  sum(CASE WHEN old THEN {_finite(f'e.{amount}')} END) AS cxx_{amount}"
        f",\n  sum(CASE WHEN old THEN {_finite(f'e.{amount} / e.CXXmultiplier')} END) AS face_{amount}"
        for amount in kind.amounts
    )
    is_flagged = f"e:{LABEL}" if kind.is_node else f"e.{DATE} IS NOT NULL"
    return f"""\
MATCH {_any(kind)}
WITH e, coalesce(e.{kind.created} <= datetime($until), true) AS old
RETURN {is_flagged} AS flagged, e.Denomination AS denomination, toString(e.{DATE}) AS since, count(*) AS entities,
  min({_finite("e.CXXmultiplier")}) AS lowest, max({_finite("e.CXXmultiplier")}) AS highest,
  count(CASE WHEN {_is_current(kind)} THEN 1 END) AS current,
  count(CASE WHEN {odd} THEN 1 END) AS odd, count(CASE WHEN {empty} THEN 1 END) AS empty,
  count(CASE WHEN old THEN 1 END) AS summed{sums}"""


def stragglers(kind: Kind) -> str:
    """Some of what is flagged and not in the active Daynode's CXX. Parameters: date, samples."""
    without = f" OR e.{DATE} IS NULL" if kind.is_node else ""
    return f"""\
MATCH {_flagged(kind)}
WHERE e.{DATE} < date($date){without}
RETURN e.{kind.key} AS key, e.Denomination AS denomination, toString(e.{DATE}) AS since, e.CXXmultiplier AS multiplier
LIMIT $samples"""


def strangers(space: str) -> str:
    """Amounts that the table does not know, and flags on what has none."""
    nodes = " OR ".join(f"e:{kind.name}" for kind in of(space) if kind.is_node)
    types = [kind.name for kind in of(space) if not kind.is_node]
    return f"""\
MATCH (e) WHERE NOT ({nodes}) AND (e.CXXmultiplier IS NOT NULL OR e:{LABEL})
RETURN labels(e) AS names, e:{LABEL} AS flagged, count(*) AS entities
UNION ALL
MATCH ()-[e]->() WHERE NOT type(e) IN {types!r} AND (e.CXXmultiplier IS NOT NULL OR e.{DATE} IS NOT NULL)
RETURN [type(e)] AS names, e.{DATE} IS NOT NULL AS flagged, count(*) AS entities"""


def indexes(space: str) -> dict[str, str]:
    """Name to statement: for resuming and for looking for stragglers. The daily pass reads everything anyway."""
    patterns = {
        LABEL: f"(e:{LABEL})",
        **{kind.name: f"()-[e:{kind.name}]-()" for kind in of(space) if not kind.is_node},
    }
    return {
        f"{name}_{DATE}": f"CREATE INDEX {name}_{DATE} IF NOT EXISTS FOR {pattern} ON (e.{DATE})"
        for name, pattern in patterns.items()
    }


def constraints() -> dict[str, str]:
    """Name to statement, on Enterprise alone: a flag without a date would never be scaled, and nobody would see it."""
    demands = {f"{LABEL}_{DATE}_exists": "IS NOT NULL", f"{LABEL}_{DATE}_is_date": "IS :: DATE"}
    return {
        name: f"CREATE CONSTRAINT {name} IF NOT EXISTS FOR (e:{LABEL}) REQUIRE e.{DATE} {demand}"
        for name, demand in demands.items()
    }


def all_of_them() -> dict[str, str]:
    """Every statement, for the parser."""
    built = {f"{make.__name__} {kind.space} {kind.name}": make(kind) for kind in TABLE for make in _OF_A_KIND}
    spaces = ("ledger", "search")
    return {
        **built,
        **{f"strangers {space}": strangers(space) for space in spaces},
        **{f"index {name}": text for space in spaces for name, text in indexes(space).items()},
        **{f"constraint {name}": text for name, text in constraints().items()},
        "daynodes": DAYNODES,
        "parameters": PARAMETERS,
        "any daynode": ANY_DAYNODE,
        "now": NOW,
        "indexes": INDEXES,
        "constraints": CONSTRAINTS,
        "owed": OWED,
        "searched": SEARCHED,
        "damage": DAMAGE,
    }


_OF_A_KIND = (update, flag, restamp, groups, stragglers)


def _any(kind: Kind) -> str:
    return f"(e:{kind.name})" if kind.is_node else f"()-[e:{kind.name}]->()"


def _flagged(kind: Kind) -> str:
    return f"(e:{LABEL}:{kind.name})" if kind.is_node else _any(kind)
