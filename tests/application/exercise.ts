// What the tests let an application do with the module. A line of JSON for each unit of work, until standard input ends.
import { closeSpaces, ledgerSpaceDriver, searchSpaceDriver, Space } from "./neo4j";

const WRITE = "MERGE (p:CredexOpsProbe {name: $name}) SET p.at = $at RETURN p.name AS name";
const READ = "MATCH (p:CredexOpsProbe {name: $name}) RETURN p.at AS at";
const PAUSE_MS = 50;

let isOver = false;
process.stdin.on("end", () => (isOver = true)).resume();

function tell(done: object): void {
  console.log(JSON.stringify(done));
}

async function write(space: Space, name: string, at: string): Promise<void> {
  const written = await space.write(async (transaction) => (await transaction.run(WRITE, { name, at })).records.length);
  if (written !== 1) {
    throw new Error(`${written} rows for one write`);
  }
}

/** To both spaces, one after the other, as credex-core's queues do. */
async function writing(): Promise<void> {
  for (const [name, space] of Object.entries({ ledger: ledgerSpaceDriver, search: searchSpaceDriver })) {
    try {
      await write(space, name, new Date().toISOString());
      tell({ written: name });
    } catch (error) {
      tell({ failed: name, error: String(error) });
    }
  }
}

/** What one space has just written is read through the other, which is the same database in this test. */
async function reading(): Promise<void> {
  const at = new Date().toISOString();
  await write(ledgerSpaceDriver, "read", at);
  const found = await searchSpaceDriver.read((transaction) => transaction.run(READ, { name: "read" }));
  tell({ stale: found.records[0].get("at") !== at });
  const session = ledgerSpaceDriver.session();
  const old = await session.run(READ, { name: "read" });
  await session.close();
  tell({ stale: old.records[0].get("at") !== at });
}

async function main(): Promise<void> {
  const work = process.argv[2] === "reading" ? reading : writing;
  await Promise.all([ledgerSpaceDriver.verifyConnectivity(), searchSpaceDriver.verifyConnectivity()]);
  while (!isOver) {
    await work();
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  }
  await closeSpaces();
}

main().catch((error) => {
  tell({ failed: "all", error: String(error) });
  process.exit(1);
});
