import { readFile } from 'node:fs/promises'
import postgres from 'postgres'
import { Unavailable } from '../../../domain/shared/unavailable.ts'
import { unavailable } from './faults.ts'
import type { Pooled } from './pool.ts'
import type { PostgresAddress, PostgresTls } from './postgres-address.ts'
import { isSocket } from './postgres-address.ts'

export type ConnectionOptions = {
  readonly address: PostgresAddress
  /** The name that the server shows in pg_stat_activity. */
  readonly applicationName: string
  /** The server's timeout for one statement. */
  readonly statementSeconds: number
  /** How values are serialized and parsed. */
  readonly codecs: Pick<postgres.ParsedOptions, 'parsers' | 'serializers'>
}

export type Statement = {
  readonly text: string
  readonly values: Parameters<postgres.Sql['unsafe']>[1]
  /** True for rows as lists of values in the order of the columns, false for rows by column name. */
  readonly asLists: boolean
}

/** One connection to a server. It is never reopened after it was lost. */
export type Connection = Pooled & {
  /**
   * Runs statements one after the other, in the order of the calls. The next statement may be sent before the answer
   * to the one before.
   * @throws Unavailable when the answer does not come in time, or the connection was lost.
   */
  run(statement: Statement): Promise<Answer>
}

/** The rows of a statement, and the command that was run, such as SELECT or COMMIT. */
export type Answer = { readonly command: string }

export const plain = (text: string): Statement => ({ text, values: [], asLists: false })

const CONNECT_SECONDS = 5
// Added to the server's own timeout, so that this one only fires when the server does not answer at all.
const GRACE_SECONDS = 0.25
const CLOSE_SECONDS = 1

/**
 * Makes the function that connects. It tries the servers of the address one after the other, first the one that it reached
 * last. It throws `Unavailable` with the last server's error as its cause.
 */
export const makeConnect = (options: ConnectionOptions): (() => Promise<Connection>) => {
  const { hosts } = options.address
  let reached = 0
  return async () => {
    let refusal = new Unavailable('no server is named')
    for (const host of [...hosts.slice(reached), ...hosts.slice(0, reached)])
      try {
        const connection = await connectTo(host, options)
        reached = hosts.indexOf(host)
        return connection
      } catch (fault) {
        refusal = unavailable(fault)
      }
    throw refusal
  }
}

type Host = PostgresAddress['hosts'][number]

const connectTo = async (host: Host, options: ConnectionOptions): Promise<Connection> => {
  // Each server is tried for a part of the time that there is for all of them.
  const connectSeconds = CONNECT_SECONDS / options.address.hosts.length
  const server = {
    ...(await serverOptions(host, options.address)),
    connect_timeout: connectSeconds,
  }
  const client = openClient(options, server, () => lose(new Unavailable('the connection was lost')))
  let isOpen = true
  const unanswered = new Set<(why: Unavailable) => void>()

  // The client would reconnect by itself and continue a transaction on a connection where none was started.
  const lose = (why: Unavailable): void => {
    isOpen = false
    for (const abandon of unanswered) abandon(why)
    void client.end({ timeout: 0 })
  }
  const send = ({ text, values, asLists }: Statement, seconds: number) =>
    new Promise<Answer>((resolve, reject) => {
      if (!isOpen) throw new Unavailable('the connection was lost')
      const silent = setTimeout(() => lose(new Unavailable('no answer in time')), seconds * 1000)
      const settling =
        <T>(settle: (value: T) => void) =>
        (value: T) => {
          clearTimeout(silent)
          unanswered.delete(abandon)
          settle(value)
        }
      const abandon = settling(reject)
      unanswered.add(abandon)
      const query = client.unsafe(text, values, { prepare: true })
      const answer: PromiseLike<Answer> = asLists ? query.values() : query
      answer.then(
        settling((received) => resolve(withoutHoles(received))),
        settling(reject),
      )
    })

  try {
    await send(plain('select 1'), connectSeconds + GRACE_SECONDS)
  } catch (fault) {
    lose(unavailable(fault))
    throw unavailable(fault)
  }
  return {
    run: (statement) => send(statement, options.statementSeconds + GRACE_SECONDS),
    isOpen: () => isOpen,
    close: async () => {
      isOpen = false
      await client.end({ timeout: CLOSE_SECONDS })
    },
  }
}

/**
 * Works around a bug of the client. When a statement fails after its first rows, the client keeps counting rows, so the
 * next answer starts with as many empty elements.
 */
const withoutHoles = (answer: Answer): Answer =>
  Array.isArray(answer) && answer.length > 0 && !(0 in answer)
    ? Object.assign(
        answer.filter(() => true),
        { command: answer.command },
      )
    : answer

const IDLE_IN_TRANSACTION_SECONDS = 5

const openClient = (
  { address, applicationName, statementSeconds, codecs }: ConnectionOptions,
  server: ServerOptions,
  onclose: () => void,
): postgres.Sql => {
  const client = postgres({
    ...CLIENT_OPTIONS,
    ...server,
    onclose,
    connection: {
      ...(address.options !== null && { options: address.options }),
      application_name: applicationName,
      statement_timeout: statementSeconds * 1000,
      idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_SECONDS * 1000,
      // These override the settings of the role and of the database.
      search_path: 'public',
      TimeZone: 'UTC',
      DateStyle: 'ISO',
      // JIT compilation takes 1 s, and the planner chooses it for statements of milliseconds whose cost it overestimates.
      jit: 'off',
    },
  })
  Object.assign(client.options.parsers, codecs.parsers)
  Object.assign(client.options.serializers, codecs.serializers)
  return client
}

type ServerOptions = Awaited<ReturnType<typeof serverOptions>> & {
  readonly connect_timeout: number
}

/**
 * An address as the client takes it. The client gets no text to parse: it splits passwords at commas, does not decode names of
 * databases, and sends every parameter that it does not know to the server, which refuses the connection.
 * @throws Unavailable when a certificate cannot be read.
 */
const serverOptions = async (
  { host, port }: Host,
  { user, password, database, tls, target }: PostgresAddress,
) => ({
  // The client takes a list, which its types do not know. It would cut an IPv6 address without a list at its colons.
  host: [host] as unknown as string,
  port: [port] as unknown as number,
  ...(isSocket(host) && { path: `${host}/.s.PGSQL.${port}` }),
  ...(user !== null && { user }),
  ...(password !== null && { password }),
  ...(database !== null && { database }),
  ...(target !== null && { target_session_attrs: target }),
  ...(tls.isDirect && { sslnegotiation: 'direct' }),
  ssl: await tlsOptions(tls),
})

const tlsOptions = async ({ mode, files, passphrase }: PostgresTls) => {
  if (mode === 'disable') return false
  if (mode === 'prefer') return mode
  const read = (path: string | undefined) =>
    path === undefined ? undefined : readCertificate(path)
  const [ca, cert, key] = await Promise.all([
    read(files.sslrootcert),
    read(files.sslcert),
    read(files.sslkey),
  ])
  return {
    ...(ca && { ca }),
    ...(cert && { cert }),
    ...(key && { key }),
    ...(passphrase !== null && { passphrase }),
    rejectUnauthorized: mode !== 'require',
    ...(mode === 'verify-ca' && { checkServerIdentity: () => undefined }),
  }
}

const readCertificate = (path: string): Promise<string> =>
  readFile(path, 'utf8').catch((cause: unknown) => {
    throw new Unavailable('a certificate of the database cannot be read', 1, { cause })
  })

/**
 * One connection for each client. Several connections of one client share a queue that slows down without bound when
 * there are more callers than connections (its issue 747), and are unusable after a fault inside a transaction (its
 * issue 1208). The client closes no idle connection, because it does not see this service's transactions.
 */
export const CLIENT_OPTIONS = {
  max: 1,
  connect_timeout: CONNECT_SECONDS,
  idle_timeout: 0,
  max_lifetime: null,
  // Arrays stay text. The columns parse them.
  fetch_types: false,
  onnotice: () => {},
} as const
