import { Redis } from 'ioredis'

/** The client of the package; it stays in this folder. */
export type Client = Redis

type ClientOptions = {
  readonly url: string
  /** How the server lists this connection. */
  readonly name: string
  /** A number in [0, 1), for jitter. */
  readonly chance: () => number
}

const COMMAND_TIMEOUT_MS = 200
const CONNECT_TIMEOUT_MS = 2000
/** A frozen server never says goodbye. */
const FAREWELL_MS = 50
const FIRST_WAIT_MS = 50
const LONGEST_WAIT_MS = 1000

/**
 * A connection that is replaced for ever when it ends. Commands fail at once while there is none, and after 200 ms
 * without an answer; none is ever sent twice, since it may have been carried out.
 */
export const openClient = ({ url, name, chance }: ClientOptions): Client => {
  const client = new Redis(url, {
    connectionName: name,
    enableOfflineQueue: false,
    maxRetriesPerRequest: 1,
    commandTimeout: COMMAND_TIMEOUT_MS,
    connectTimeout: CONNECT_TIMEOUT_MS,
    disconnectTimeout: FAREWELL_MS,
    autoResendUnfulfilledCommands: false,
    autoResubscribe: false,
    disableClientInfo: true,
    retryStrategy: (times) => waitMilliseconds(times - 1, chance()),
  })
  // Without a listener the package writes its errors to the console.
  client.on('error', () => {})
  return client
}

/** Lets the present connection go, and has the client make another. */
export const replaceConnection = (client: Client): void => {
  // In any other state there is none, or one in the making, which would be given up for good.
  if (client.status === 'ready') client.disconnect(true)
}

/** 50 ms doubling to a second, each shortened by up to half, so that instances do not come back in step. */
export const waitMilliseconds = (failures: number, chance: number): number =>
  Math.min(FIRST_WAIT_MS * 2 ** Math.min(failures, 10), LONGEST_WAIT_MS) * (1 - chance / 2)

/** Without credentials, as logs may show it. */
export const shownServer = (url: string): string => new URL(url).host
