import postgres from 'postgres'
import { Unavailable } from '../../../domain/shared/unavailable.ts'
import { unavailable } from './faults.ts'
import type { Pooled } from './pool.ts'

export type ConnectionOptions = {
  readonly url: string
  /** As the server shows it in pg_stat_activity. */
  readonly applicationName: string
  /** How long the server may work on one statement. */
  readonly statementSeconds: number
  /** How values are written and read. */
  readonly codecs: Pick<postgres.ParsedOptions, 'parsers' | 'serializers'>
}

export type Statement = {
  readonly text: string
  readonly values: Parameters<postgres.Sql['unsafe']>[1]
  /** Rows as lists of values, in the order of the columns, not by name. */
  readonly asLists: boolean
}

/** One connection to a server. Once it is lost it stays lost. */
export type Connection = Pooled & {
  /**
   * Statements run one after the other, in the order of the calls; the next one may be on its way before the answer to the
   * one before. @throws Unavailable when there is no answer in time, or ever.
   */
  run(statement: Statement): Promise<Answer>
}

/** Its rows, and what they are the answer to. */
export type Answer = { readonly command: string }

export const plain = (text: string): Statement => ({ text, values: [], asLists: false })

const CONNECT_SECONDS = 5
// The server's own timeout comes first, where there is a server to time anything.
const GRACE_SECONDS = 0.25
const CLOSE_SECONDS = 1

/** Connects. @throws Unavailable, with what the server said as its cause. */
export const connect = async (options: ConnectionOptions): Promise<Connection> => {
  const client = openClient(options, () => lose(new Unavailable('the connection was lost')))
  let isOpen = true
  const unanswered = new Set<(why: Unavailable) => void>()

  // The client would connect again by itself, and go on with a transaction where none has begun.
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
    await send(plain('select 1'), CONNECT_SECONDS + GRACE_SECONDS)
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
 * The client counts on where a statement failed after its first rows, and so leaves as many holes before the rows of
 * the next one.
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
  { url, applicationName, statementSeconds, codecs }: ConnectionOptions,
  onclose: () => void,
): postgres.Sql => {
  const client = postgres(url, {
    ...CLIENT_OPTIONS,
    onclose,
    connection: {
      application_name: applicationName,
      statement_timeout: statementSeconds * 1000,
      idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_SECONDS * 1000,
      // Whatever the role and the database are set to.
      search_path: 'public',
      TimeZone: 'UTC',
      DateStyle: 'ISO',
      // Compiling takes a second, for statements of milliseconds whose cost is guessed too high.
      jit: 'off',
    },
  })
  Object.assign(client.options.parsers, codecs.parsers)
  Object.assign(client.options.serializers, codecs.serializers)
  return client
}

/**
 * One connection each: several in one client share a queue that slows down without bound once callers exceed them
 * (its issue 747), and are unusable after a fault inside a transaction (its issue 1208). Idle ones are not closed
 * either, since the client does not see our transactions.
 */
export const CLIENT_OPTIONS = {
  max: 1,
  connect_timeout: CONNECT_SECONDS,
  idle_timeout: 0,
  max_lifetime: null,
  // Arrays stay text, which the columns read.
  fetch_types: false,
  onnotice: () => {},
} as const
