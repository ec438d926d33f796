import { readFile } from 'node:fs/promises'
import type { ConnectionOptions, NatsConnection, TlsOptions } from 'nats'
import { connect, credsAuthenticator } from 'nats'
import type { Pause } from '../../../ports/driven/shared/clock.ts'
import { knock } from './probe.ts'
import type { ServerAddress } from './server-address.ts'
import { shownAddress } from './server-address.ts'

/** Files are read at each connection, so that a renewed one needs no restart. */
export type NatsTls = {
  readonly caFile?: string
  readonly certFile?: string
  readonly keyFile?: string
}

export type NatsAccess = {
  readonly user?: string
  readonly password?: string
  /** Path of a `.creds` file. */
  readonly credentialsFile?: string
  /** Given, even empty: a server without TLS is refused. */
  readonly tls?: NatsTls
}

export type DialOptions = NatsAccess & {
  /** How servers list this connection. */
  readonly name: string
  readonly deadlineMs: number
}

/** Answers are read where no other service may: its user is allowed `_INBOX.auth.>` only. */
const INBOX_PREFIX = '_INBOX.auth'

/**
 * Connects once. The connection ends for good with its first fault: the client's own reconnecting would keep what was
 * published in between and send it late.
 * @throws what the client throws; a server that stays silent counts as refused.
 */
export const dial = async (
  address: ServerAddress,
  options: DialOptions,
  pause: Pause,
): Promise<NatsConnection> => {
  if (!(await knock(address, pause, options.deadlineMs))) throw new Error('no greeting')
  return connect({
    servers: [shownAddress(address)],
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

const credentialsOf = (address: ServerAddress, access: NatsAccess): ConnectionOptions => {
  const user = access.user ?? address.user
  const password = access.password ?? address.password
  return { ...(user !== null && { user }), ...(password !== null && { pass: password }) }
}

const tlsOf = (address: ServerAddress, { tls }: NatsAccess): { tls?: TlsOptions } =>
  tls !== undefined || address.tls ? { tls: { ...tls } } : {}

const authenticatorOf = async ({ credentialsFile }: NatsAccess): Promise<ConnectionOptions> =>
  credentialsFile === undefined
    ? {}
    : { authenticator: credsAuthenticator(await readFile(credentialsFile)) }
