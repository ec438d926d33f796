import type { NatsAccess } from '../adapters/nats/connection/connect.ts'
import type { Nats } from '../adapters/nats/connection/open-nats.ts'
import { openNats } from '../adapters/nats/connection/open-nats.ts'
import type { NatsConfig } from './config/nats-config.ts'

/** A connection to the NATS servers of the configuration, by the name that they are to list it with. */
export const openNatsConnection = (
  nats: NatsConfig,
  name: string,
  needs: Parameters<typeof openNats>[1],
): Nats => openNats({ servers: nats.servers.reveal(), name, ...accessOf(nats) }, needs)

const accessOf = ({ access, tls }: NatsConfig): NatsAccess => {
  const encrypted = tls ? { tls: {} } : {}
  if (access === null) return encrypted
  return 'user' in access
    ? { ...encrypted, user: access.user, password: access.password.reveal() }
    : { ...encrypted, ...access }
}
