import type { ConnectionOptions } from 'nats'
import type { Nats, NatsOptions } from '../../src/adapters/nats/open-nats.ts'
import { openNats } from '../../src/adapters/nats/open-nats.ts'
import type { LogEvent, LogFields } from '../../src/ports/driven/log.ts'
import type { Pause } from '../../src/ports/driven/pause.ts'
import { eventually } from './servers/eventually.ts'

/** Time as it is: real servers know no other. */
export const realPause: Pause = (milliseconds, signal) =>
  new Promise((resolve) => {
    if (signal.aborted) return resolve()
    const end = () => {
      clearTimeout(timer)
      signal.removeEventListener('abort', end)
      resolve()
    }
    const timer = setTimeout(end, milliseconds)
    signal.addEventListener('abort', end)
  })

export type Logged = {
  readonly level: string
  readonly event: LogEvent
  readonly fields?: LogFields
}

/** A supervised connection that is quick to notice, and what it logs. */
export const superviseNats = (
  url: string,
  options: Partial<NatsOptions> = {},
): { readonly nats: Nats; readonly logged: readonly Logged[] } => {
  const logged: Logged[] = []
  const nats = openNats(
    { servers: url.split(','), name: 'test', deadlineMs: 1000, probeEveryMs: 50, ...options },
    {
      log: (level, event, fields = {}) => logged.push({ level, event, fields }),
      pause: realPause,
      chance: () => 0.5,
    },
  )
  return { nats, logged }
}

/** The same, once it is connected. */
export const connectedNats = async (url: string, options: Partial<NatsOptions> = {}) => {
  const supervised = superviseNats(url, options)
  await until('connected', () => supervised.nats.isConnected())
  return supervised
}

/** The user and password of the client's options, as ours. */
export const accessOf = ({ user, pass }: ConnectionOptions): Partial<NatsOptions> => ({
  ...(user !== undefined && { user }),
  ...(pass !== undefined && { password: pass }),
})

/** Resolves as soon as it is so, and fails when that takes longer. */
export const until = (
  what: string,
  isSo: () => boolean | Promise<boolean>,
  seconds = 5,
): Promise<void> =>
  eventually(what, seconds, async () => {
    if (!(await isSo())) throw new Error('not yet')
  })
