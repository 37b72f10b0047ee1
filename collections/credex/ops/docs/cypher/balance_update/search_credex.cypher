// Made by scripts/balance-cypher; what the parameters are: README.md beside this file.
MATCH (e:CxxScaled:Credex)
WHERE e.lastScaled < date($date)
CALL (e) {
  SET e.scaling = true REMOVE e.scaling // locks e, so that what another run has scaled meanwhile is seen below
  WITH e, CASE e.Denomination WHEN 'CXX' THEN $cxx[toString(e.lastScaled)] ELSE 1.0 * $rates[e.Denomination] / e.CXXmultiplier END AS factor
  WHERE e.lastScaled < date($date) AND factor > 0 AND factor <= 1.7976931348623157e308
  SET
    e.outstandingAmount = e.outstandingAmount * factor,
    e.CXXmultiplier = $rates[e.Denomination],
    e.lastScaled = date($date)
  RETURN true AS done
} IN TRANSACTIONS OF $batch ROWS
RETURN count(done) AS scaled
