import { drizzle } from 'drizzle-orm/postgres-js'
import postgres from 'postgres'
import { answersInTime } from './answers-in-time.ts'
import type { Connection, Statement } from './connection.ts'
import { CLIENT_OPTIONS, connect, plain } from './connection.ts'
import type { Database } from './database.ts'
import { makePool } from './pool.ts'

export type PostgresOptions = {
  readonly url: string
  /** How many connections at most; 20 unless told. Four times as many callers may wait for one. */
  readonly poolSize?: number
  /** As the server shows it in pg_stat_activity. */
  readonly applicationName: string
  /** How long the server may work on one statement; 2 unless told. */
  readonly statementSeconds?: number
}

const POOL_SIZE = 20
const WAITING_PER_CONNECTION = 4
const WAIT_SECONDS = 1
const STATEMENT_SECONDS = 2
const RECENTLY_MS = 1000

/**
 * A PostgreSQL server behind a bounded queue. Connects when it is first asked, and again by itself after a fault.
 * Whatever cannot be done in time is `Unavailable`; nothing waits for a server that does not answer.
 */
export const openPostgres = (options: PostgresOptions): Database => {
  const { url, applicationName, poolSize: size = POOL_SIZE } = options
  const { statementSeconds = STATEMENT_SECONDS } = options
  // Never connects: it is what Drizzle takes for its client, and teaches its codecs to.
  const shell = postgres(url, CLIENT_OPTIONS)
  const codecs = shell.options
  const pool = makePool(() => connect({ url, applicationName, statementSeconds, codecs }), {
    size,
    waiting: size * WAITING_PER_CONNECTION,
    waitSeconds: WAIT_SECONDS,
  })
  let answeredAt = Number.NEGATIVE_INFINITY
  let isClosed = false

  const run = (statement: Statement) =>
    pool.use(async (connection) => {
      const answer = await connection.run(statement)
      answeredAt = performance.now()
      return answer
    })
  return {
    db: drizzle(
      replaced(shell, {
        unsafe: unsafeBy(run),
        begin: (work: (client: postgres.Sql) => Promise<unknown>) =>
          pool.use((connection) => inTransaction(connection, shell, work)),
      }),
    ),
    close: async () => {
      isClosed = true
      await pool.close()
    },
    isAvailable: async () => {
      // While callers queue up, their answers show as much, and the question would only wait behind them.
      if (!isClosed && pool.isBusy()) return performance.now() - answeredAt < RECENTLY_MS
      return answersInTime(run(plain('select 1')))
    },
  }
}

type Run = Connection['run']

/** The one way in which Drizzle asks; whether it wants lists it says at once, before anything is sent. */
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
  // What the work has left behind must not slip into the next transaction on this connection.
  const run: Run = async (statement) => {
    if (isOver) throw new Error('the transaction is over')
    return connection.run(statement)
  }
  await connection.run(plain('begin'))
  try {
    const result = await work(replaced(shell, { unsafe: unsafeBy(run) }))
    isOver = true
    const { command } = await connection.run(plain('commit'))
    // A statement had failed, and the server has rolled everything back.
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
