// Made by scripts/balance-cypher; what the parameters are: README.md beside this file.
MATCH path = (earlier:Daynode)-[:NEXT_DAY*0..]->(active:Daynode {Active: true})
RETURN toString(active.Date) AS date, properties(active) AS rates, toString(earlier.Date) AS since,
  reduce(factor = 1.0, day IN tail(nodes(path)) | factor / day.CXXprior_CXXcurrent) AS factor
