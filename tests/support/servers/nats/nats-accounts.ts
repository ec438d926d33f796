import { hostname } from 'node:os'
import type { ConnectionOptions, JetStreamManager, NatsConnection } from 'nats'
import { connect, NatsError } from 'nats'
import { isAlive } from '../../processes/native/process-tree.ts'

// Streams and subjects of the service have fixed names, so each test file needs an account to itself. Our own
// servers have these; on a server that was given the account of its URL must do, for one file after the other.

const ACCOUNTS = Array.from({ length: 64 }, (_, index) => `t${String(index).padStart(2, '0')}`)

/** Whoever gives no name: somebody who tries the service on these servers. */
const VISITOR = 'visitor'

/** The part of the configuration that makes the accounts. */
export const sharedAccounts = `no_auth_user: ${VISITOR}
accounts {
${[...ACCOUNTS, VISITOR].map((name) => `  ${name} { jetstream: enabled, users: [{ user: ${name}, password: ${name} }] }`).join('\n')}
}
`

export type NatsLogin = { readonly user?: string; readonly pass?: string }

/** An account without streams that no other test file has; `release` empties it and gives it back. */
export type ClaimedAccount = { readonly login: NatsLogin; readonly release: () => Promise<void> }

export const claimAccount = async (url: string): Promise<ClaimedAccount> => {
  const [first = ''] = ACCOUNTS
  if (!(await isAccount(url, first))) return claimGiven(url)
  for (const name of ACCOUNTS.toSorted(() => Math.random() - 0.5)) {
    const login = loginAs(name)
    if (await inJetStream(url, login, claim)) return claimed(url, login)
  }
  throw new Error('all accounts of the NATS server for tests are taken')
}

/** What the client wants to know to connect. */
export const connectionOf = (url: string, login: NatsLogin): ConnectionOptions => ({
  servers: url.split(',').map((one) => new URL(one).host),
  ...login,
})

const loginAs = (name: string): NatsLogin => ({ user: name, pass: name })

const loginIn = (url: string): NatsLogin => {
  const { username, password } = new URL(url.split(',')[0] ?? url)
  const [user, pass] = [username, password].map(decodeURIComponent)
  return username === '' ? {} : { user: user ?? '', pass: pass ?? '' }
}

const claimGiven = async (url: string): Promise<ClaimedAccount> => {
  const login = loginIn(url)
  const mine = await inJetStream(url, login, async (manager) => {
    const names = await streamsOf(manager)
    if (names.length > 0 && !names.includes(CLAIM)) throw new Error(notOurs(names))
    return claim(manager)
  })
  if (!mine) throw new Error('another test run uses the NATS account of TEST_NATS_URL')
  return claimed(url, login)
}

const notOurs = (names: readonly string[]): string =>
  `the NATS account of TEST_NATS_URL has streams that no test made (${names.join(', ')}): give the tests one of their own`

const claimed = (url: string, login: NatsLogin): ClaimedAccount => ({
  login,
  release: () => inJetStream(url, login, empty),
})

/** Its presence says that the account is in use by tests; its description, by whom. */
const CLAIM = 'TEST_CLAIM'
const ME = `${hostname()} ${process.pid}`

/** True when the account is ours now, and empty. */
const claim = async (manager: JetStreamManager): Promise<boolean> => {
  const holder = await holderOf(manager)
  if (holder !== null && holder !== ME && isAtWork(holder)) return false
  if (holder !== null) await empty(manager)
  return mark(manager)
}

const holderOf = async (manager: JetStreamManager): Promise<string | null> =>
  (await streamsOf(manager)).includes(CLAIM)
    ? ((await manager.streams.info(CLAIM)).config.description ?? '')
    : null

/** Nobody can tell about processes of other machines, so those are believed. */
const isAtWork = (holder: string): boolean => {
  const [host, pid] = holder.split(' ')
  return host !== hostname() || isAlive(Number(pid))
}

/** Of several at the same moment, the server lets one through: their descriptions differ. */
const mark = async (manager: JetStreamManager): Promise<boolean> => {
  try {
    await manager.streams.add({ name: CLAIM, subjects: ['test.claim'], description: ME })
    return true
  } catch (fault) {
    if (fault instanceof NatsError && fault.api_error?.err_code === NAME_IN_USE) return false
    throw fault
  }
}

const NAME_IN_USE = 10_058

/** The claim goes last: whatever interrupts this, the rest can be told as ours. */
const empty = async (manager: JetStreamManager): Promise<void> => {
  const names = await streamsOf(manager)
  const others = names.filter((name) => name !== CLAIM)
  for (const name of [...others, ...names.filter((name) => name === CLAIM)])
    await manager.streams.delete(name)
}

const streamsOf = async (manager: JetStreamManager): Promise<string[]> => {
  const names: string[] = []
  for await (const name of manager.streams.names()) names.push(name)
  return names
}

/** A server without accounts lets everybody in, but not into an account of that name. */
const isAccount = (url: string, name: string): Promise<boolean> =>
  connected(url, loginAs(name), async (connection) => {
    const answer = await connection.request('$SYS.REQ.USER.INFO', '', { timeout: 20_000 })
    return answer.string().includes(`"account":"${name}"`)
  }).catch((fault: unknown) => {
    if (fault instanceof NatsError && fault.code === 'AUTHORIZATION_VIOLATION') return false
    throw fault
  })

const inJetStream = <T>(
  url: string,
  login: NatsLogin,
  use: (manager: JetStreamManager) => Promise<T>,
) => connected(url, login, async (connection) => use(await connection.jetstreamManager()))

const connected = async <T>(
  url: string,
  login: NatsLogin,
  use: (connection: NatsConnection) => Promise<T>,
): Promise<T> => {
  const connection = await connect(connectionOf(url, login))
  try {
    return await use(connection)
  } finally {
    await connection.close()
  }
}
