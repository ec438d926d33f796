import { Redis } from 'ioredis'
import type { RedisAddress } from './redis-address.ts'

/** The client of the package. Only this folder uses it. */
export type Client = Redis

type ClientOptions = {
  readonly address: RedisAddress
  /** The name under which the server lists this connection. */
  readonly name: string
  /** A number in [0, 1), for jitter. */
  readonly chance: () => number
  /** How long a command may take: 200 ms if not given. */
  readonly commandTimeoutMs?: number | undefined
}

const COMMAND_TIMEOUT_MS = 200
const CONNECT_TIMEOUT_MS = 2000
/** A frozen server does not answer a disconnect. */
const DISCONNECT_TIMEOUT_MS = 50
const FIRST_DELAY_MS = 50
const MAXIMUM_DELAY_MS = 1000

/**
 * Opens a connection that is replaced whenever it ends. Commands fail at once while there is none, and after 200 ms without an
 * answer. No command is sent twice, because it may have been carried out the first time. Commands are not pipelined automatically:
 * those that come while others are under way would be sent after those, and so wait for up to twice the time.
 */
export const openClient = (options: ClientOptions): Client => {
  const { address, name, chance, commandTimeoutMs = COMMAND_TIMEOUT_MS } = options
  const { host, port, isSocket, tls, user, password, database } = address
  const client = new Redis({
    ...(isSocket ? { path: host } : { host, port }),
    ...(tls && { tls: {} }),
    ...(user !== null && { username: user }),
    ...(password !== null && { password }),
    db: database,
    connectionName: name,
    enableOfflineQueue: false,
    maxRetriesPerRequest: 1,
    commandTimeout: commandTimeoutMs,
    connectTimeout: CONNECT_TIMEOUT_MS,
    disconnectTimeout: DISCONNECT_TIMEOUT_MS,
    autoResendUnfulfilledCommands: false,
    autoResubscribe: false,
    disableClientInfo: true,
    retryStrategy: (times) => reconnectDelayMs(times - 1, chance()),
  })
  // Without a listener the package writes its errors to the console.
  client.on('error', () => {})
  return client
}

/** Ends the present connection and makes the client open another. */
export const replaceConnection = (client: Client): void => {
  // In any other state there is no connection, or one is being opened, and ending that would end the client for good.
  if (client.status === 'ready') client.disconnect(true)
}

/** 50 ms, doubled after each failure up to 1 s, each shortened by up to half, so that instances do not reconnect together. */
export const reconnectDelayMs = (failures: number, chance: number): number =>
  Math.min(FIRST_DELAY_MS * 2 ** Math.min(failures, 10), MAXIMUM_DELAY_MS) * (1 - chance / 2)
