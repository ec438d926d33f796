import type { PGlite, QueryOptions, Results, Transaction } from '@electric-sql/pglite'
import { parse, protocol } from '@electric-sql/pglite'

const { serialize } = protocol
const CAPACITY = 256

type Messages = Awaited<ReturnType<PGlite['execProtocolStream']>>

/** A prepared statement: the server has parsed it under this name. */
type Statement = {
  readonly name: string
  readonly parameterTypes: readonly number[]
  /** The server's description of parameters and columns. Later answers contain rows only. */
  readonly description: Messages
}

type Call = {
  readonly text: string
  readonly parameters: readonly unknown[]
  readonly options: QueryOptions
}

/**
 * Makes PGlite prepare statements that have parameters. Each is parsed and planned once, and then runs with one message
 * instead of six, which are most of the cost of a small statement. Answers and errors are those of PGlite.
 */
export const withPreparedStatements = (client: PGlite): PGlite => {
  const query = client.query.bind(client)
  const transaction = client.transaction.bind(client)
  const statements = makeStatementCache(client)

  const run = <T>(call: Call, syncToFs: boolean): Promise<Results<T>> =>
    client.runExclusive(async () => {
      const statement = await statements.find(call.text)
      const answer = await client
        .execProtocolStream(execution(client, statement, call), { syncToFs })
        .catch((fault: unknown) => {
          if (isInvalidated(fault)) statements.forget(call.text)
          throw fault
        })
      return readAnswer<T>(client, statement, answer, call.options)
    })

  const within = (tx: Transaction): Transaction => {
    const unprepared = tx.query
    return Object.assign(tx, {
      query: <T>(text: string, parameters: unknown[] = [], options: QueryOptions = {}) =>
        parameters.length === 0 || tx.closed
          ? unprepared<T>(text, parameters, options)
          : run<T>({ text, parameters, options }, false),
    })
  }

  return Object.assign(client, {
    query: async <T>(text: string, parameters: unknown[] = [], options: QueryOptions = {}) => {
      if (parameters.length === 0) return query<T>(text, parameters, options)
      await client._checkReady()
      return client._runExclusiveTransaction(() => run<T>({ text, parameters, options }, true))
    },
    transaction: <T>(work: (tx: Transaction) => Promise<T>) =>
      transaction((tx) => work(within(tx))),
  })
}

const makeStatementCache = (client: PGlite) => {
  const prepared = new Map<string, Statement>()
  const unused: string[] = []
  let count = 0

  const forget = (text: string): void => {
    const statement = prepared.get(text)
    if (statement !== undefined && prepared.delete(text)) unused.push(statement.name)
  }

  const prepare = async (text: string): Promise<Statement> => {
    const [oldest] = prepared.size < CAPACITY ? [] : prepared.keys()
    if (oldest !== undefined) forget(oldest)
    count += 1
    const name = `prepared_${count}`
    const description = await client.execProtocolStream(
      joined([
        ...unused.splice(0).map((closed) => serialize.close({ type: 'S', name: closed })),
        serialize.parse({ name, text }),
        serialize.describe({ type: 'S', name }),
        serialize.sync(),
      ]),
      { syncToFs: false },
    )
    const parameterTypes = parse.parseDescribeStatementResults(description)
    const statement = { name, parameterTypes, description }
    prepared.set(text, statement)
    return statement
  }

  return { find: async (text: string) => prepared.get(text) ?? (await prepare(text)), forget }
}

// A table was altered so that the plan no longer fits (0A000), or the statement was dropped (26000).
const INVALIDATED = new Set(['0A000', '26000'])

const isInvalidated = (fault: unknown): boolean =>
  fault instanceof Error && 'code' in fault && INVALIDATED.has(String(fault.code))

const execution = (
  { serializers }: PGlite,
  { name, parameterTypes }: Statement,
  { parameters, options }: Call,
): Uint8Array => {
  const values = parameters.map((value, index) => {
    const type = parameterTypes[index] ?? 0
    const serializer = options.serializers?.[type] ?? serializers[type]
    if (value === null || value === undefined) return null
    return serializer === undefined ? String(value) : serializer(value)
  })
  return joined([
    serialize.bind({ statement: name, values }),
    serialize.execute({}),
    serialize.sync(),
  ])
}

const readAnswer = <T>(
  { parsers }: PGlite,
  { description }: Statement,
  answer: Messages,
  { rowMode, parsers: own }: QueryOptions,
): Results<T> => {
  const [results] = parse.parseResults(
    [...description, ...answer],
    // Overrides single parsers without copying all of them.
    Object.assign(Object.create(parsers), own),
    rowMode === undefined ? {} : { rowMode },
  )
  // As everywhere with PGlite, the caller's type parameter says which columns the rows have.
  return results as Results<T>
}

const joined = (messages: readonly Uint8Array[]): Uint8Array => {
  const whole = new Uint8Array(messages.reduce((length, { byteLength }) => length + byteLength, 0))
  let offset = 0
  for (const message of messages) {
    whole.set(message, offset)
    offset += message.byteLength
  }
  return whole
}
