import { readFile } from 'node:fs/promises'
import { createConnection } from 'node:net'
import type { ConnectionOptions, NatsConnection, TlsOptions } from 'nats'
import { connect as connectClient, credsAuthenticator } from 'nats'
import type { Pause } from '../../../ports/driven/shared/clock.ts'
import type { NatsAddress } from './nats-address.ts'
import { shownNats } from './nats-address.ts'

/** Paths of files. They are read at each connection, so that a renewed file needs no restart. */
export type NatsTls = {
  readonly caFile?: string
  readonly certFile?: string
  readonly keyFile?: string
}

export type NatsAccess = {
  readonly user?: string
  readonly password?: string
  /** Instead of user name and password. */
  readonly token?: string
  /** Path of a `.creds` file. */
  readonly credentialsFile?: string
  /** When this is given, even empty, a server without TLS is refused. */
  readonly tls?: NatsTls
}

export type ConnectOptions = NatsAccess & {
  /** The name under which servers list this connection. */
  readonly name: string
  readonly deadlineMs: number
}

/** The user of this service may subscribe to answers under `_INBOX.auth.>` only, where no other service may read. */
const INBOX_PREFIX = '_INBOX.auth'

/**
 * Connects once. The connection ends for good with its first fault. The client's own reconnecting is off, because it would
 * keep what was published in between and send it late.
 * @throws what the client throws; Error when the server does not send its greeting in time.
 */
export const connect = async (
  address: NatsAddress,
  options: ConnectOptions,
  pause: Pause,
): Promise<NatsConnection> => {
  if (!(await probe(address, pause, options.deadlineMs))) throw new Error('no greeting')
  return connectClient({
    servers: [shownNats(address)],
    name: options.name,
    timeout: options.deadlineMs,
    reconnect: false,
    resolve: false,
    ignoreClusterUpdates: true,
    noAsyncTraces: true,
    inboxPrefix: INBOX_PREFIX,
    ...credentialsOf(address, options),
    ...tlsOf(address, options),
    ...(await authenticatorOf(options)),
  })
}

/**
 * Whether the server sends its greeting within `deadlineMs`, as each NATS server does. The kernel of a frozen server still
 * accepts connections, and the client never gives up a connection that stays silent.
 */
const probe = async (
  { host, port }: NatsAddress,
  pause: Pause,
  deadlineMs: number,
): Promise<boolean> => {
  const answered = new AbortController()
  const socket = createConnection({ host, port })
  let greeted = false
  socket.once('data', () => {
    greeted = true
    answered.abort()
  })
  socket.once('error', () => answered.abort())
  socket.once('close', () => answered.abort())
  await pause(deadlineMs, answered.signal)
  socket.destroy()
  return greeted
}

const credentialsOf = (address: NatsAddress, access: NatsAccess): ConnectionOptions => {
  if (access.token !== undefined) return { token: access.token }
  const user = access.user ?? address.user
  const password = access.password ?? address.password
  if (user === null && address.token !== null) return { token: address.token }
  return { ...(user !== null && { user }), ...(password !== null && { pass: password }) }
}

const tlsOf = (address: NatsAddress, { tls }: NatsAccess): { tls?: TlsOptions } =>
  tls !== undefined || address.tls ? { tls: { ...tls } } : {}

const authenticatorOf = async ({ credentialsFile }: NatsAccess): Promise<ConnectionOptions> =>
  credentialsFile === undefined
    ? {}
    : { authenticator: credsAuthenticator(await readFile(credentialsFile)) }
