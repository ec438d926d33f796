import type { ConnectionOptions } from 'nats'
import type { Nats, NatsOptions } from '../../../../src/adapters/nats/connection/open-nats.ts'
import { openNats } from '../../../../src/adapters/nats/connection/open-nats.ts'
import { pause } from '../../../../src/adapters/platform/pause.ts'
import type { LogEvent, LogFields } from '../../../../src/ports/driven/shared/log.ts'
import { until } from '../../processes/timing/eventually.ts'
import { natsAt } from '../addresses.ts'

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
    { servers: natsAt(url), name: 'test', deadlineMs: 2000, probeEveryMs: 50, ...options },
    {
      log: (level, event, fields = {}) => logged.push({ level, event, fields }),
      pause,
      chance: () => 0.5,
    },
  )
  nats.connect()
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
