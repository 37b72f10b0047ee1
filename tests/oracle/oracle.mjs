// Read [{statement, parameters: [name]}] from standard input, and answer with what Neo4j's own parser says of each:
// {"CYPHER 5": [message], "CYPHER 25": [message]}. A statement that names its version is parsed as that one only.
import { readFileSync } from 'node:fs';
import { lintCypherQuery } from '@neo4j-cypher/language-support';

const VERSIONS = ['CYPHER 5', 'CYPHER 25'];
const ERROR = 1; // as in the language server protocol; 2 is a warning

function errors(statement, parameters) {
  const schema = { parameters: Object.fromEntries(parameters.map((name) => [name, null])) };
  const { diagnostics } = lintCypherQuery(statement, schema);
  return diagnostics.filter((found) => found.severity === ERROR).map((found) => found.message);
}

function verdict({ statement, parameters }) {
  const named = VERSIONS.filter((version) => new RegExp(`^${version}\\b`).test(statement));
  const verdicts = (named.length ? named : VERSIONS).map((version) => [
    version,
    errors(named.length ? statement : `${version} ${statement}`, parameters),
  ]);
  return Object.fromEntries(verdicts);
}

const asked = JSON.parse(readFileSync(0, 'utf8'));
process.stdout.write(JSON.stringify(asked.map(verdict)));
