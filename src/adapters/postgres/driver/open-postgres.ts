import { drizzle } from 'drizzle-orm/postgres-js'
import postgres from 'postgres'
import type { Connection, Statement } from './connection.ts'
import { CLIENT_OPTIONS, makeConnect, plain } from './connection.ts'
import type { Database, Handle } from './database.ts'
import { answersInTime } from './database.ts'
import type { Pool } from './pool.ts'
import { makePool } from './pool.ts'
import type { PostgresAddress } from './postgres-address.ts'
import { BuiltStatement } from './prepared-statement.ts'

export type PostgresOptions = {
  readonly address: PostgresAddress
  /** The maximum number of connections, 20 by default. Four times as many callers may wait for one. */
  readonly poolSize?: number
  /** The name that the server shows in pg_stat_activity. */
  readonly applicationName: string
  /** The server's timeout for one statement, 2 s by default. */
  readonly statementSeconds?: number
}

const POOL_SIZE = 20
const WAITING_PER_CONNECTION = 4
const WAIT_SECONDS = 1
/** One in so many connections may do background work. */
const BACKGROUND_SHARE = 5
/** Fewer statements than this in a quarter of a second are no requests, but the service's own tasks. */
const FEW_STATEMENTS = 10
const QUARTER_MS = 250
const STATEMENT_SECONDS = 2
const RECENTLY_MS = 1000

/**
 * A PostgreSQL server behind a bounded queue. Connects at the first statement, and reconnects by itself after a fault.
 * Every call has a time limit, and throws `Unavailable` when it is exceeded.
 */
export const openPostgres = (options: PostgresOptions): Database => {
  const { address, applicationName, poolSize: size = POOL_SIZE } = options
  const { statementSeconds = STATEMENT_SECONDS } = options
  // This client never connects. Drizzle needs it, and sets its codecs on it.
  const shell = postgres(CLIENT_OPTIONS)
  const codecs = shell.options
  const pool = makePool(makeConnect({ address, applicationName, statementSeconds, codecs }), {
    size,
    waiting: size * WAITING_PER_CONNECTION,
    waitSeconds: WAIT_SECONDS,
    inBackground: Math.max(1, Math.floor(size / BACKGROUND_SHARE)),
  })
  let answeredAt = Number.NEGATIVE_INFINITY
  const asked = countRecent()
  let isClosed = false

  const handleOn = (use: Pool<Connection>['use']): Handle => {
    const run = (statement: Statement) =>
      use(async (connection) => {
        const answer = await connection.run(statement)
        answeredAt = performance.now()
        return answer
      })
    const db = drizzle(
      replaced(shell, {
        unsafe: unsafeBy(run),
        begin: (work: (client: postgres.Sql) => Promise<unknown>) =>
          use((connection) => inTransaction(connection, shell, work)),
      }),
    )
    return sendingBuiltStatements(db, run)
  }
  return {
    db: handleOn((work) => {
      asked.add()
      return pool.use(work)
    }),
    background: handleOn(pool.useInBackground),
    isQuiet: () => asked.recent() < FEW_STATEMENTS,
    close: async () => {
      isClosed = true
      await pool.close()
    },
    isAvailable: async () => {
      // While callers wait for connections, their answers show that the server works. A probe would wait behind them.
      if (!isClosed && pool.isBusy()) return performance.now() - answeredAt < RECENTLY_MS
      return answersInTime(pool.use((connection) => connection.run(plain('select 1'))))
    },
  }
}

/** Counts what happened in this quarter of a second and in the one before. */
const countRecent = () => {
  let began = 0
  let now = 0
  let before = 0
  const turn = (): void => {
    const elapsed = performance.now() - began
    if (elapsed < QUARTER_MS) return
    before = elapsed < 2 * QUARTER_MS ? now : 0
    now = 0
    began = performance.now()
  }
  return {
    add: (): void => {
      turn()
      now += 1
    },
    recent: (): number => {
      turn()
      return now + before
    },
  }
}

/** Drizzle's way to the client costs a third as much as the client itself, and adds nothing to a statement that is built. */
const sendingBuiltStatements = (db: Handle, run: (statement: Statement) => Promise<unknown>) => {
  const execute = db.execute.bind(db)
  return Object.assign(db, {
    execute: (statement: Parameters<Handle['execute']>[0]) =>
      statement instanceof BuiltStatement
        ? run({ text: statement.query.sql, values: valuesOf(statement), asLists: false })
        : execute(statement),
  }) as Handle
}

// Whoever filled the placeholders gave values that the client can send.
const valuesOf = ({ query }: BuiltStatement) => query.params as NonNullable<Statement['values']>

type Run = Connection['run']

/** The only method that Drizzle calls. It says at once whether it wants lists, before anything is sent. */
const unsafeBy = (run: Run) => (text: string, values: Statement['values']) => {
  let asLists = false
  const answer = Promise.resolve().then(() => run({ text, values, asLists }))
  const asksForLists = () => {
    asLists = true
    return answer
  }
  return Object.assign(answer, { values: asksForLists })
}

const inTransaction = async <T>(
  connection: Connection,
  shell: postgres.Sql,
  work: (client: postgres.Sql) => Promise<T>,
): Promise<T> => {
  let isOver = false
  // Statements that the work did not wait for must not run in the next transaction on this connection.
  const run: Run = async (statement) => {
    if (isOver) throw new Error('the transaction is over')
    return connection.run(statement)
  }
  await connection.run(plain('begin'))
  try {
    const result = await work(replaced(shell, { unsafe: unsafeBy(run) }))
    isOver = true
    const { command } = await connection.run(plain('commit'))
    // COMMIT answers ROLLBACK when a statement had failed: the server has rolled everything back.
    if (command !== 'COMMIT') throw new Error('a transaction went on after a fault')
    return result
  } catch (fault) {
    isOver = true
    await connection.run(plain('rollback')).catch(() => {})
    throw fault
  }
}

const replaced = <T extends object>(target: T, members: Readonly<Record<string, unknown>>): T =>
  new Proxy(target, {
    get: (object, name) =>
      typeof name === 'string' && name in members ? members[name] : Reflect.get(object, name),
  })
