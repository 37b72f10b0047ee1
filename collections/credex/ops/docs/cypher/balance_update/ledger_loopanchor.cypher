// Made by scripts/balance-cypher; what the parameters are: README.md beside this file.
MATCH (e:CxxScaled:LoopAnchor)
WHERE e.lastScaled < date($date)
CALL (e) {
  SET e.scaling = true REMOVE e.scaling // locks e, so that what another run has scaled meanwhile is seen below
  WITH e, $cxx[toString(e.lastScaled)] AS factor
  WHERE e.lastScaled < date($date) AND factor > 0 AND factor <= 1.7976931348623157e308
  SET
    e.LoopedAmount = e.LoopedAmount * factor,
    e.lastScaled = date($date)
  RETURN true AS done
} IN TRANSACTIONS OF $batch ROWS
RETURN count(done) AS scaled
