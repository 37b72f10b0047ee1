# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# FOR INTERNAL COLLECTION USE ONLY: private to credex.ops

"""Every Cypher statement that compares or repairs the two spaces, so that Neo4j's own parser can be run over this file.

Values are always bound as parameters. Anchors of SearchSpace have their type as label and as the type of their two
relationships; where a statement names the types, `anchors.with_types` puts in those of the ledger's denominations.
"""

from __future__ import annotations

# What each side is. Swapped addresses are known by it

SHAPE = """
RETURN EXISTS { (:Daynode) } AS daynodes,
       EXISTS { (:Member) } AS members,
       EXISTS { ()-[:OWES]->() } AS owes,
       EXISTS { ()-[:SEARCH_SECURED]->() } AS anchored,
       EXISTS { (:Account) } AS accounts,
       EXISTS { (:Credex) } AS credexes,
       EXISTS { (:CredexOpsRebuild) } AS rebuilding,
       datetime().epochSeconds AS now
"""

DAYNODES = """
MATCH (d:Daynode)
OPTIONAL MATCH (d)-[:NEXT_DAY]->(next:Daynode)
RETURN toString(d.Date) AS date, d.Active AS active, d.DCOrunningNow AS dco, d.MTQrunningNow AS mtq,
       collect(toString(next.Date)) AS next, properties(d) AS properties
ORDER BY date
"""

# Rows of each side in the order of their keys. Columns are told apart by position (rows.py)

LEDGER_ACCOUNTS = """
MATCH (a:Account)
WHERE a.accountID >= '' AND ($ranges IS NULL OR left(a.accountID, $length) IN $ranges)
WITH a ORDER BY a.accountID
RETURN [a.accountID, a.accountName, a.queueStatus] AS row
"""

SEARCH_ACCOUNTS = """
MATCH (a:Account)
WHERE a.accountID >= '' AND ($ranges IS NULL OR left(a.accountID, $length) IN $ranges)
WITH a ORDER BY a.accountID
RETURN [a.accountID, a.accountName, null] AS row
"""

LEDGER_CREDEXES = """
MATCH (c:Credex)
WHERE c.credexID >= '' AND ($ranges IS NULL OR left(c.credexID, $length) IN $ranges)
MATCH (issuer:Account)-[:OWES]->(c)-[:OWES]->(acceptor:Account)
WHERE coalesce(c.OutstandingAmount <= $epsilon, false) = false
WITH c, issuer, acceptor ORDER BY c.credexID
WITH c, issuer, acceptor, EXISTS { (c)<-[:SECURES]-() } AS secured
RETURN [c.credexID, c.OutstandingAmount, c.CXXmultiplier, c.Denomination,
        CASE WHEN NOT secured THEN toStringOrNull(c.dueDate) END,
        CASE WHEN secured THEN c.Denomination + '_SECURED' ELSE 'UNSECURED' END,
        issuer.accountID, acceptor.accountID, c.queueStatus] AS row
"""

SEARCH_CREDEXES = """
MATCH (c:Credex)
WHERE c.credexID >= '' AND ($ranges IS NULL OR left(c.credexID, $length) IN $ranges)
WITH c ORDER BY c.credexID
OPTIONAL MATCH (c)-[:SEARCH_SECURED]->(t)
OPTIONAL MATCH (issuer:Account)-[x:UNSECURED|CXX_SECURED|CAD_SECURED|USD_SECURED|XAU_SECURED|ZWG_SECURED]->(t)
               -[y:UNSECURED|CXX_SECURED|CAD_SECURED|USD_SECURED|XAU_SECURED|ZWG_SECURED]->(acceptor:Account)
WITH c, labels(t)[0] AS type, type(x) AS incoming, type(y) AS outgoing, issuer, acceptor
RETURN [c.credexID, c.outstandingAmount, c.CXXmultiplier, c.Denomination,
        CASE WHEN type = 'UNSECURED' THEN toStringOrNull(c.dueDate) END,
        CASE WHEN incoming = type AND outgoing = type THEN type ELSE type + ' in pieces' END,
        issuer.accountID, acceptor.accountID, null] AS row
"""

# Digests: for each range of keys the number of rows, a sum over their numbers, and how many must be looked at in any
# case. A row's number is a polynomial over its text, mixed with the face value and squared, so that no two rows can
# swap anything unnoticed; a letter that $codes lacks makes it null, and the row one to look at. Of ids the last eight
# letters count, which tell UUIDs apart at a third of the cost. A date is there for what is unsecured alone.
# Why not MD5: docs/decisions/0010-comparing-spaces.md

LEDGER_ACCOUNT_DIGESTS = """
MATCH (a:Account)
WHERE a.accountID >= ''
WITH left(a.accountID, $length) AS range, a.queueStatus = 'PROCESSED' AS processed,
     reduce(h = 1, letter IN split(a.accountID + '|' + coalesce(a.accountName, ''), '') |
            (h * 131 + $codes[letter]) % 2147483647) AS h
RETURN range, count(*) AS rows, sum(h * h % 2147483647) AS digest,
       sum(CASE WHEN processed AND h IS NOT NULL THEN 0 ELSE 1 END) AS suspects
"""

SEARCH_ACCOUNT_DIGESTS = """
MATCH (a:Account)
WHERE a.accountID >= ''
WITH left(a.accountID, $length) AS range,
     reduce(h = 1, letter IN split(a.accountID + '|' + coalesce(a.accountName, ''), '') |
            (h * 131 + $codes[letter]) % 2147483647) AS h
RETURN range, count(*) AS rows, sum(h * h % 2147483647) AS digest,
       sum(CASE WHEN h IS NULL THEN 1 ELSE 0 END) AS suspects
"""

LEDGER_CREDEX_DIGESTS = """
MATCH (c:Credex)
WHERE c.credexID >= ''
MATCH (issuer:Account)-[:OWES]->(c)-[:OWES]->(acceptor:Account)
WHERE coalesce(c.OutstandingAmount <= $epsilon, false) = false
WITH c, issuer.accountID AS issuer, acceptor.accountID AS acceptor, EXISTS { (c)<-[:SECURES]-() } AS secured,
     toFloatOrNull(c.OutstandingAmount) AS amount, toFloatOrNull(c.CXXmultiplier) AS multiplier
WITH c.credexID AS id, multiplier, coalesce(amount / multiplier, 0.0) AS face, c.queueStatus AS queue,
     $rates[c.Denomination] AS rate,
     right(c.credexID, 8) + '|' + coalesce(right(issuer, 8), '') + '|' + coalesce(right(acceptor, 8), '') + '|' +
     coalesce(c.Denomination, '') +
     CASE WHEN secured THEN '' ELSE 'U' + coalesce(toStringOrNull(c.dueDate), '') END AS text
WITH id, multiplier, rate, queue, text, CASE WHEN face > 1.0E-200 AND face < 1.0E200 THEN face END AS face
WITH id, multiplier, rate, queue, text, face, toInteger(floor(log10(face))) AS magnitude
WITH id, multiplier, rate, queue, face, magnitude, toInteger(round(face / 10.0 ^ (magnitude - 8))) AS digits,
     reduce(h = 1, letter IN split(text, '') | (h * 131 + $codes[letter]) % 2147483647) AS h
WITH id, (h + coalesce(digits, 0) * 7 + coalesce(magnitude, 0) * 1009 + 1000000) % 2147483647 AS h,
     CASE WHEN queue = 'PROCESSED' AND face * h IS NOT NULL AND abs(multiplier - rate) <= $tolerance * rate
          THEN 0 ELSE 1 END AS suspect
RETURN left(id, $length) AS range, count(*) AS rows, sum(h * h % 2147483647) AS digest, sum(suspect) AS suspects
"""

SEARCH_CREDEX_DIGESTS = """
MATCH (c:Credex)
WHERE c.credexID >= ''
OPTIONAL MATCH (c)-[:SEARCH_SECURED]->(t)
OPTIONAL MATCH (issuer:Account)-[x:UNSECURED|CXX_SECURED|CAD_SECURED|USD_SECURED|XAU_SECURED|ZWG_SECURED]->(t)
               -[y:UNSECURED|CXX_SECURED|CAD_SECURED|USD_SECURED|XAU_SECURED|ZWG_SECURED]->(acceptor:Account)
WITH c, labels(t)[0] AS type, type(x) AS incoming, type(y) AS outgoing, issuer.accountID AS issuer,
     acceptor.accountID AS acceptor, toFloatOrNull(c.outstandingAmount) AS amount,
     toFloatOrNull(c.CXXmultiplier) AS multiplier
WITH c.credexID AS id, multiplier, coalesce(amount / multiplier, 0.0) AS face,
     coalesce(incoming = type AND outgoing = type AND type IN ['UNSECURED', c.Denomination + '_SECURED'], false)
     AS whole,
     $rates[c.Denomination] AS rate,
     right(c.credexID, 8) + '|' + coalesce(right(issuer, 8), '') + '|' + coalesce(right(acceptor, 8), '') + '|' +
     coalesce(c.Denomination, '') +
     CASE type WHEN 'UNSECURED' THEN 'U' + coalesce(toStringOrNull(c.dueDate), '') ELSE '' END AS text
WITH id, multiplier, rate, whole, text, CASE WHEN face > 1.0E-200 AND face < 1.0E200 THEN face END AS face
WITH id, multiplier, rate, whole, text, face, toInteger(floor(log10(face))) AS magnitude
WITH id, multiplier, rate, whole, face, magnitude, toInteger(round(face / 10.0 ^ (magnitude - 8))) AS digits,
     reduce(h = 1, letter IN split(text, '') | (h * 131 + $codes[letter]) % 2147483647) AS h
WITH id, (h + coalesce(digits, 0) * 7 + coalesce(magnitude, 0) * 1009 + 1000000) % 2147483647 AS h,
     CASE WHEN whole AND face * h IS NOT NULL AND abs(multiplier - rate) <= $tolerance * rate
          THEN 0 ELSE 1 END AS suspect
RETURN left(id, $length) AS range, count(*) AS rows, sum(h * h % 2147483647) AS digest, sum(suspect) AS suspects
"""

# Everything about some keys, to judge them. The first columns are those of the rows above

LEDGER_ACCOUNT_DETAILS = """
MATCH (a:Account) WHERE a.accountID IN $keys
RETURN a.accountID AS id, a.accountName AS name, a.queueStatus AS queue, elementId(a) AS element,
       [toString(a.createdAt), toString(a.updatedAt)] AS moments
"""

SEARCH_ACCOUNT_DETAILS = """
MATCH (a:Account) WHERE a.accountID IN $keys
RETURN a.accountID AS id, a.accountName AS name, elementId(a) AS element, COUNT { (a)--() } AS degree
"""

LEDGER_CREDEX_DETAILS = """
MATCH (c:Credex) WHERE c.credexID IN $keys
OPTIONAL MATCH (issuer:Account)-[:OWES]->(c)-[:OWES]->(acceptor:Account)
WITH c, issuer, acceptor, EXISTS { (c)<-[:SECURES]-() } AS secured
RETURN c.credexID AS id, c.OutstandingAmount AS amount, c.CXXmultiplier AS multiplier, c.Denomination AS denomination,
       CASE WHEN NOT secured THEN toStringOrNull(c.dueDate) END AS due,
       CASE WHEN secured THEN c.Denomination + '_SECURED' ELSE 'UNSECURED' END AS type,
       issuer.accountID AS issuer, acceptor.accountID AS acceptor, c.queueStatus AS queue,
       elementId(c) AS element, c.RedeemedAmount AS redeemed,
       [(c)-[s:CLEARED|CANCELLED|DECLINED|OFFERS|REQUESTS]->(:Account) | type(s)] AS standings,
       [moment IN [c.createdAt, c.acceptedAt, c.DateRedeemed, c.cancelledAt, c.declinedAt] | toStringOrNull(moment)]
       + [(c)-[r:REDEEMED]->() | toStringOrNull(r.createdAt)] AS moments
"""

SEARCH_CREDEX_DETAILS = """
MATCH (c:Credex) WHERE c.credexID IN $keys
OPTIONAL MATCH (c)-[:SEARCH_SECURED]->(t)
OPTIONAL MATCH (issuer:Account)-[x:UNSECURED|CXX_SECURED|CAD_SECURED|USD_SECURED|XAU_SECURED|ZWG_SECURED]->(t)
               -[y:UNSECURED|CXX_SECURED|CAD_SECURED|USD_SECURED|XAU_SECURED|ZWG_SECURED]->(acceptor:Account)
WITH c, t, labels(t)[0] AS type, type(x) AS incoming, type(y) AS outgoing, issuer, acceptor
RETURN c.credexID AS id, c.outstandingAmount AS amount, c.CXXmultiplier AS multiplier, c.Denomination AS denomination,
       CASE WHEN type = 'UNSECURED' THEN toStringOrNull(c.dueDate) END AS due,
       CASE WHEN incoming = type AND outgoing = type THEN type ELSE type + ' in pieces' END AS type,
       issuer.accountID AS issuer, acceptor.accountID AS acceptor,
       elementId(c) AS element, elementId(t) AS anchor, toStringOrNull(c.outstandingAmount) AS seen,
       toStringOrNull(c.dueDate) AS any_due
"""

# Anchors: what is wrong with them needs SearchSpace alone

ANCHORS = """
MATCH (t:UNSECURED|CXX_SECURED|CAD_SECURED|USD_SECURED|XAU_SECURED|ZWG_SECURED)
CALL (t) { MATCH (t)<-[:SEARCH_SECURED]-(c:Credex) RETURN count(c) AS credexes, min(c.dueDate) AS due }
WITH t, credexes, due
WHERE credexes = 0 OR coalesce(t.earliestDueDate = due, due IS NULL) = false
RETURN elementId(t) AS element, t.searchAnchorID AS anchor, labels(t)[0] AS type, credexes, toString(due) AS due,
       toString(t.earliestDueDate) AS earliest
"""

DUPLICATE_ANCHORS = """
MATCH (issuer:Account)
CALL (issuer) {
  MATCH (issuer)-[x:UNSECURED|CXX_SECURED|CAD_SECURED|USD_SECURED|XAU_SECURED|ZWG_SECURED]->(t)
        -[y:UNSECURED|CXX_SECURED|CAD_SECURED|USD_SECURED|XAU_SECURED|ZWG_SECURED]->(acceptor:Account)
  WHERE type(x) = type(y) AND type(x) IN labels(t) AND EXISTS { (t)<-[:SEARCH_SECURED]-() }
  WITH type(x) AS type, acceptor, t ORDER BY elementId(t)
  WITH type, acceptor, collect(elementId(t)) AS anchors
  WHERE size(anchors) > 1
  RETURN type, acceptor.accountID AS acceptor, anchors
}
RETURN issuer.accountID AS issuer, acceptor, type, anchors
"""

# The ledger's own invariants. Each returns what breaks one; nothing of it can be repaired from here

LEDGER_WITHOUT_ID = """
MATCH (c:Credex) WHERE coalesce(c.credexID >= '', false) = false
RETURN elementId(c) AS element, toStringOrNull(c.createdAt) AS created
"""

LEDGER_AMOUNTS = """
MATCH (c:Credex)
WITH c, [amount IN [c.InitialAmount, c.OutstandingAmount, c.RedeemedAmount, c.CXXmultiplier] | toFloatOrNull(amount)]
     AS amounts
WHERE any(amount IN amounts WHERE coalesce(amount * 0.0 = 0.0, false) = false) AND NOT EXISTS { (c)-[:OWES]->() }
RETURN c.credexID AS id, toStringOrNull(c.InitialAmount) AS initial, toStringOrNull(c.OutstandingAmount) AS outstanding,
       toStringOrNull(c.RedeemedAmount) AS redeemed, toStringOrNull(c.CXXmultiplier) AS multiplier
"""

LEDGER_BALANCES = """
MATCH (c:Credex)
WITH c, toFloatOrNull(c.InitialAmount) AS initial,
     toFloatOrNull(c.OutstandingAmount) + toFloatOrNull(c.RedeemedAmount)
     + coalesce(toFloatOrNull(c.WrittenOffAmount), 0.0) AS told
WHERE abs(initial - told) > $tolerance * initial AND told * 0.0 = 0.0 AND EXISTS { (c)-[:OWES|CLEARED]->() }
RETURN c.credexID AS id, initial, told, c.CXXmultiplier AS multiplier, c.Denomination AS denomination
"""

LEDGER_REDEMPTIONS = """
MATCH (c:Credex)
WITH c, toFloatOrNull(c.RedeemedAmount) AS redeemed, toFloatOrNull(c.CXXmultiplier) AS multiplier
WHERE redeemed > 0 OR EXISTS { (c)-[:REDEEMED]->() }
CALL (c, multiplier) {
  MATCH (c)-[r:REDEEMED]->()
  RETURN sum(toFloatOrNull(r.AmountRedeemed) / toFloatOrNull(r.CXXmultiplier) * multiplier) AS told
}
WITH c, redeemed, multiplier, told
WHERE abs(redeemed - told) > $tolerance * toFloatOrNull(c.InitialAmount)
RETURN c.credexID AS id, redeemed, told, multiplier, c.Denomination AS denomination
"""

LEDGER_LOOPS = """
MATCH (l:LoopAnchor)
OPTIONAL MATCH (l)-[:CREATED_ON]->(d:Daynode)
WITH l, d, $growth[toString(d.Date)] AS growth
CALL (l, d, growth) {
  MATCH (c:Credex)-[r:REDEEMED]->(l)
  WITH l, c, r, CASE WHEN r.Denomination = 'CXX' THEN toFloatOrNull(r.AmountRedeemed)
                     ELSE toFloatOrNull(r.AmountRedeemed) / toFloatOrNull(r.CXXmultiplier) * d[r.Denomination] / growth
                END AS amount
  RETURN collect(DISTINCT c) AS members, count(r) AS redemptions,
         collect(CASE WHEN abs(amount - toFloatOrNull(l.LoopedAmount)) > $tolerance * amount THEN amount END) AS amounts
}
CALL (l, members) {
  UNWIND members AS c
  MATCH (c)-[x:CREDLOOP]->(:Credex) WHERE x.loopID = l.loopID
  RETURN count(x) AS links
}
WITH l, redemptions, amounts, links
WHERE redemptions <> links OR redemptions = 0 OR size(amounts) > 0
RETURN l.loopID AS id, l.LoopedAmount AS looped, redemptions, links, amounts
"""

LEDGER_MULTIPLIERS = """
MATCH (c:Credex)
WHERE abs(toFloatOrNull(c.CXXmultiplier) - $rates[c.Denomination]) > $tolerance * $rates[c.Denomination]
  AND NOT EXISTS { (c)-[:OWES]->() }
RETURN c.credexID AS id, 'not_scaled' AS kind, c.Denomination AS denomination, c.CXXmultiplier AS multiplier
UNION ALL
MATCH ()-[r:REDEEMED]->()
WHERE abs(toFloatOrNull(r.CXXmultiplier) - $rates[r.Denomination]) > $tolerance * $rates[r.Denomination]
RETURN r.redeemedRelID AS id, 'redeemed_not_scaled' AS kind, r.Denomination AS denomination,
       r.CXXmultiplier AS multiplier
UNION ALL
MATCH ()-[x:CREDLOOP]->()
WHERE abs(toFloatOrNull(x.CXXmultiplier) - $rates[x.Denomination]) > $tolerance * $rates[x.Denomination]
RETURN x.credloopRelID AS id, 'credloop_not_scaled' AS kind, x.Denomination AS denomination,
       x.CXXmultiplier AS multiplier
"""

# Repairs of SearchSpace. Each row says what was seen, and the statement changes nothing that looks different by now.
# Each returns the keys that it changed

CREATE_ACCOUNTS = """
UNWIND $rows AS row
WITH row WHERE NOT EXISTS { (:Account {accountID: row.id}) }
MERGE (a:Account {accountID: row.id}) ON CREATE SET a.accountName = row.name
RETURN a.accountID AS id
"""

RENAME_ACCOUNTS = """
UNWIND $rows AS row
MATCH (a:Account {accountID: row.id})
WHERE coalesce(a.accountName, '') = coalesce(row.seen, '')
SET a.accountName = row.name
RETURN a.accountID AS id
"""

DELETE_ACCOUNTS = """
UNWIND $rows AS row
MATCH (a:Account {accountID: row.id})
WHERE elementId(a) = row.element AND NOT EXISTS { (a)--() }
WITH a, a.accountID AS id
DELETE a
RETURN id
"""

DELETE_CREDEXES = """
UNWIND $rows AS row
MATCH (c:Credex {credexID: row.id})
WHERE elementId(c) = row.element AND coalesce(toStringOrNull(c.outstandingAmount), '') = coalesce(row.seen, '')
WITH c, c.credexID AS id
DETACH DELETE c
RETURN id
"""

SET_CREDEXES = """
UNWIND $rows AS row
MATCH (c:Credex {credexID: row.id})
WHERE elementId(c) = row.element AND coalesce(toStringOrNull(c.outstandingAmount), '') = coalesce(row.seen, '')
SET c.outstandingAmount = row.amount, c.CXXmultiplier = row.multiplier, c.Denomination = row.denomination,
    c.dueDate = date(row.due)
RETURN c.credexID AS id
"""

CREATE_CREDEXES = """
UNWIND $rows AS row
WITH row WHERE NOT EXISTS { (:Credex {credexID: row.id}) }
MATCH (issuer:Account {accountID: row.issuer})
MATCH (acceptor:Account {accountID: row.acceptor})
MERGE (issuer)-[:$(row.type)]->(t:$(row.type))-[:$(row.type)]->(acceptor)
ON CREATE SET t.searchAnchorID = randomUUID(), t.earliestDueDate = date(row.due)
WITH row, collect(t)[0] AS t
CREATE (c:Credex {credexID: row.id, outstandingAmount: row.amount, CXXmultiplier: row.multiplier,
                  Denomination: row.denomination, dueDate: date(row.due)})-[:SEARCH_SECURED]->(t)
RETURN c.credexID AS id
"""

MOVE_CREDEXES = """
UNWIND $rows AS row
MATCH (c:Credex {credexID: row.id})
WHERE elementId(c) = row.element
  AND COLLECT { MATCH (c)-[:SEARCH_SECURED]->(t) RETURN elementId(t) ORDER BY elementId(t) } = row.anchors
MATCH (issuer:Account {accountID: row.issuer})
MATCH (acceptor:Account {accountID: row.acceptor})
MERGE (issuer)-[:$(row.type)]->(t:$(row.type))-[:$(row.type)]->(acceptor)
ON CREATE SET t.searchAnchorID = randomUUID(), t.earliestDueDate = c.dueDate
WITH c, collect(t)[0] AS t
CALL (c) { MATCH (c)-[s:SEARCH_SECURED]->() DELETE s }
CREATE (c)-[:SEARCH_SECURED]->(t)
RETURN c.credexID AS id
"""

MERGE_ANCHORS = """
UNWIND $rows AS row
MATCH (kept) WHERE elementId(kept) = row.kept
MATCH (c:Credex)-[s:SEARCH_SECURED]->(t) WHERE elementId(t) IN row.others
DELETE s
CREATE (c)-[:SEARCH_SECURED]->(kept)
RETURN DISTINCT row.id AS id
"""

DELETE_EMPTY_ANCHORS = """
MATCH (t:UNSECURED|CXX_SECURED|CAD_SECURED|USD_SECURED|XAU_SECURED|ZWG_SECURED)
WHERE NOT EXISTS { (t)<-[:SEARCH_SECURED]-() }
WITH t, elementId(t) AS id LIMIT $limit
DETACH DELETE t
RETURN id
"""

SET_DUE_DATES = """
MATCH (t:UNSECURED|CXX_SECURED|CAD_SECURED|USD_SECURED|XAU_SECURED|ZWG_SECURED)
CALL (t) { MATCH (t)<-[:SEARCH_SECURED]-(c:Credex) RETURN min(c.dueDate) AS due }
WITH t, due WHERE due IS NOT NULL AND coalesce(t.earliestDueDate = due, false) = false
WITH t, due LIMIT $limit
SET t.earliestDueDate = due
RETURN elementId(t) AS id
"""

# Filling an empty SearchSpace: one row for each anchor, with all its credexes

LEDGER_ANCHORS = """
MATCH (issuer:Account)
CALL (issuer) {
  MATCH (issuer)-[:OWES]->(c:Credex)-[:OWES]->(acceptor:Account)
  WHERE c.credexID >= '' AND c.OutstandingAmount > $epsilon AND toFloatOrNull(c.OutstandingAmount) * 0.0 = 0.0
    AND (c.queueStatus = 'PROCESSED' OR c.RedeemedAmount > 0)
  WITH c, acceptor, EXISTS { (c)<-[:SECURES]-() } AS secured
  WITH acceptor, CASE WHEN secured THEN c.Denomination + '_SECURED' ELSE 'UNSECURED' END AS type,
       {id: c.credexID, amount: c.OutstandingAmount, multiplier: c.CXXmultiplier, denomination: c.Denomination,
        due: CASE WHEN secured THEN $today ELSE toStringOrNull(c.dueDate) END} AS credex
  RETURN acceptor, type, collect(credex) AS credexes
}
RETURN [issuer.accountID, acceptor.accountID, type, credexes] AS row
"""

CREATE_ANCHORS = """
UNWIND $rows AS row
WITH row WHERE NOT EXISTS { (:Credex {credexID: row.credexes[0].id}) }
MATCH (issuer:Account {accountID: row.issuer})
MATCH (acceptor:Account {accountID: row.acceptor})
CREATE (issuer)-[:$(row.type)]->(t:$(row.type) {searchAnchorID: randomUUID()})-[:$(row.type)]->(acceptor)
SET t.earliestDueDate = reduce(due = null, credex IN row.credexes |
    CASE WHEN due IS NULL OR date(credex.due) < due THEN date(credex.due) ELSE due END)
WITH row, t
UNWIND row.credexes AS credex
CREATE (c:Credex {credexID: credex.id, outstandingAmount: credex.amount, CXXmultiplier: credex.multiplier,
                  Denomination: credex.denomination, dueDate: date(credex.due)})-[:SEARCH_SECURED]->(t)
RETURN c.credexID AS id
"""

ACCOUNT_CONSTRAINT = """
CREATE CONSTRAINT accountID_unique IF NOT EXISTS FOR (a:Account) REQUIRE a.accountID IS UNIQUE
"""

CREDEX_CONSTRAINT = """
CREATE CONSTRAINT credexID_unique IF NOT EXISTS FOR (c:Credex) REQUIRE c.credexID IS UNIQUE
"""

# A rebuild that was begun and not ended is known by this node
MARK_REBUILD = "MERGE (r:CredexOpsRebuild) SET r.run = $run, r.begun = coalesce(r.begun, datetime())"

UNMARK_REBUILD = "MATCH (r:CredexOpsRebuild) DELETE r"

# The minute queue's flags, on the active Daynode of LedgerSpace. A hold has our mark, and a deadline by that server's
# own clock

HOLDS = """
MATCH (d:Daynode)
WHERE d.Active = true OR d.opsHold IS NOT NULL
RETURN toString(d.Date) AS date, d.Active AS active, d.DCOrunningNow AS dco, d.MTQrunningNow AS mtq, d.opsHold AS hold,
       toString(d.opsHoldUntil) AS until, coalesce(d.opsHoldUntil < datetime(), false) AS expired
"""

TAKE_HOLD = """
MATCH (d:Daynode {Active: true})
WHERE d.opsHold IS NULL AND d.DCOrunningNow = false
SET d.DCOrunningNow = true, d.opsHold = $run, d.opsHoldUntil = datetime() + duration({seconds: $seconds})
RETURN toString(d.Date) AS date
"""

RELEASE_HOLD = """
MATCH (d:Daynode)
WHERE d.opsHold = $run
SET d.DCOrunningNow = false
REMOVE d.opsHold, d.opsHoldUntil
RETURN toString(d.Date) AS date
"""

RELEASE_EXPIRED_HOLDS = """
MATCH (d:Daynode)
WHERE d.opsHoldUntil < datetime()
SET d.DCOrunningNow = false
REMOVE d.opsHold, d.opsHoldUntil
RETURN toString(d.Date) AS date
"""

CLEAR_MTQ = """
MATCH (d:Daynode {Active: true})
WHERE coalesce(d.MTQrunningNow, true) = true AND coalesce(d.DCOrunningNow, false) = false
SET d.MTQrunningNow = false
RETURN toString(d.Date) AS date
"""

CLEAR_DCO = """
MATCH (d:Daynode {Active: true})
WHERE coalesce(d.DCOrunningNow, true) = true AND d.opsHold IS NULL
SET d.DCOrunningNow = false
RETURN toString(d.Date) AS date
"""

PENDING_ACCOUNTS = """
MATCH (a:Account {queueStatus: 'PENDING_ACCOUNT'})
RETURN a.accountID AS id, a.accountName AS name
ORDER BY id
"""

ACCOUNTS_OF = "MATCH (a:Account) WHERE a.accountID IN $keys RETURN a.accountID AS id"

MARK_PROCESSED = """
UNWIND $rows AS row
MATCH (a:Account {accountID: row.id})
WHERE a.queueStatus = 'PENDING_ACCOUNT'
SET a.queueStatus = 'PROCESSED'
RETURN a.accountID AS id
"""

TRANSACTIONS = """
SHOW TRANSACTIONS YIELD database, transactionId, username, elapsedTime, currentQuery
WHERE database = $database AND NOT currentQuery CONTAINS 'SHOW TRANSACTIONS'
RETURN transactionId AS id, username, elapsedTime.milliseconds AS milliseconds
"""
