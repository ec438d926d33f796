import { makeInProcessBroker } from '../../../adapters/memory/in-process-broker.ts'
import type { NatsOptions } from '../../../adapters/nats/connection/open-nats.ts'
import { openNatsBroker } from '../../../adapters/nats/open-broker.ts'
import { makeAuditStream } from '../../../application/events/audit-stream.ts'
import type { Broker } from '../../../ports/driven/events/broker.ts'
import type { DeliveryAudit } from '../../../ports/driven/events/delivery-audit.ts'
import type { Pause } from '../../../ports/driven/shared/clock.ts'
import type { Log } from '../../../ports/driven/shared/log.ts'
import type { Config } from '../../config/config.ts'
import type { NatsConfig } from '../../config/nats.ts'

type Needs = {
  /** What the database knows of deliveries, to find events that the stream has lost. */
  readonly audit: DeliveryAudit
  /** Called when there may be something to deliver, or a way to deliver again. */
  readonly wake: () => void
  /** The longest that a publish may take. */
  readonly sendSeconds: number
  readonly log: Log
  readonly pause: Pause
  /** A number in [0, 1), for jitter. */
  readonly chance: () => number
}

/** NATS JetStream where it is configured, else a broker in this process. */
export const openBroker = (
  { nats, subjects, mode }: Pick<Config, 'nats' | 'subjects' | 'mode'>,
  needs: Needs,
): Broker => {
  if (nats === null) return makeInProcessBroker({ printsEvents: mode === 'development' })
  const { audit, wake, sendSeconds, log, pause, chance } = needs
  return openNatsBroker(
    {
      connection: natsOptions(nats, 'auth-service'),
      subjects,
      replicas: nats.replicas,
      provision: nats.provision,
      sendSeconds,
    },
    {
      makeAudit: (stream) => makeAuditStream({ ...stream, audit, wake, log }),
      wake,
      log,
      pause,
      chance,
    },
  )
}

/** How to connect to the NATS servers of the configuration. `name` is what the servers list the connection by. */
export const natsOptions = ({ servers, access, tls }: NatsConfig, name: string): NatsOptions => {
  const options = { servers: servers.reveal(), name, ...(tls ? { tls: {} } : {}) }
  if (access === null) return options
  if ('token' in access) return { ...options, token: access.token.reveal() }
  return 'user' in access
    ? { ...options, user: access.user, password: access.password.reveal() }
    : { ...options, ...access }
}
