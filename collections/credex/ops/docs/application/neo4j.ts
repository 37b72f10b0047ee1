// LedgerSpace and SearchSpace on a cluster: replaces credex-core's config/neo4j.ts. README.md tells what changes.
import "dotenv/config";
import * as neo4j from "neo4j-driver";

/** A unit of work. It is run again when a server is lost, so it must do the same the second time. */
export type Work<T> = (transaction: neo4j.ManagedTransaction) => Promise<T>;

/** One of the two spaces: a database of a cluster, or all that a single server has. */
export class Space {
  constructor(
    private readonly driver: neo4j.Driver,
    private readonly database: string | undefined,
    private readonly bookmarkManager: neo4j.BookmarkManager,
  ) {}

  /** On any member; sees all that this process has written before, in either space of the cluster. */
  read<T>(work: Work<T>): Promise<T> {
    return this.within((session) => session.executeRead(work));
  }

  /** On the writer, wherever that is by then. */
  write<T>(work: Work<T>): Promise<T> {
    return this.within((session) => session.executeWrite(work));
  }

  /** For code that is not converted yet: what it sends with `run` is sent once, and fails with the server. */
  session(config: neo4j.SessionConfig = {}): neo4j.Session {
    return this.driver.session({ database: this.database, bookmarkManager: this.bookmarkManager, ...config });
  }

  /** Resolves when a member has answered that this user may read this database. */
  async verifyConnectivity(): Promise<void> {
    await this.driver.verifyConnectivity({ database: this.database });
  }

  close(): Promise<void> {
    return this.driver.close();
  }

  private async within<T>(use: (session: neo4j.Session) => Promise<T>): Promise<T> {
    const session = this.session();
    try {
      return await use(session);
    } finally {
      await session.close();
    }
  }
}

const LIMITS: neo4j.Config = {
  maxConnectionPoolSize: 50,
  // A host that is gone does not refuse: give up on it in time to ask the others
  connectionTimeout: 5_000,
  connectionAcquisitionTimeout: 30_000,
  maxTransactionRetryTime: 30_000,
};

function required(name: string): string {
  const value = process.env[name];
  if (!value) {
    throw new Error(`${name} is not set: the application cannot reach Neo4j without it`);
  }
  return value;
}

// A bookmark is understood by the cluster alone that gave it, so spaces share one when they share an address
const managers = new Map<string, neo4j.BookmarkManager>();

function bookmarksOf(url: string): neo4j.BookmarkManager {
  const manager = managers.get(url) ?? neo4j.bookmarkManager();
  managers.set(url, manager);
  return manager;
}

function space(name: string): Space {
  const url = required(`${name}_BOLT_URL`);
  const login = neo4j.auth.basic(required(`${name}_USER`), required(`${name}_PASS`));
  // Without a database it is the user's home database, as on a server of one's own
  return new Space(neo4j.driver(url, login, LIMITS), process.env[`${name}_DATABASE`] || undefined, bookmarksOf(url));
}

// The names that credex-core imports
export const ledgerSpaceDriver = space("NEO_4J_LEDGER_SPACE");
export const searchSpaceDriver = space("NEO_4J_SEARCH_SPACE");

export async function closeSpaces(): Promise<void> {
  await Promise.all([ledgerSpaceDriver.close(), searchSpaceDriver.close()]);
}

// ECS sends SIGTERM before it stops a task, a terminal SIGINT
for (const signal of ["SIGTERM", "SIGINT"] as const) {
  process.once(signal, () => {
    closeSpaces().then(
      () => process.exit(0),
      (error) => {
        console.error("Neo4j's connections did not close:", error);
        process.exit(1);
      },
    );
  });
}
