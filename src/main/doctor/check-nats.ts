import { makeEventStreams } from '../../adapters/nats/streams/event-streams.ts'
import { userEventStreams } from '../../adapters/nats/streams/user-event-streams.ts'
import { pause } from '../../adapters/platform/pause.ts'
import type { StreamReport } from '../../domain/events/stream-report.ts'
import { lookPatiently } from '../commands/apply-streams.ts'
import type { Config } from '../config.ts'
import { openNatsConnection } from '../open-nats-connection.ts'
import type { Finding } from './findings.ts'
import { allOf, ill, well } from './findings.ts'

/** Three seconds for a connection. */
const LOOKS = 15

/** Whether the streams can be read and are as they must be. Nothing is made or mended. */
export const checkNats = async ({ nats, subjects }: Config): Promise<Finding> => {
  if (nats === null) return well('none: events stay in the process')
  const log = () => {}
  const connection = openNatsConnection(nats, 'auth-doctor', { log, pause, chance: Math.random })
  try {
    const streams = makeEventStreams({
      ...{ nats: connection, streams: userEventStreams(subjects, nats.replicas), log },
      provision: 'verify',
    })
    const reports = await lookPatiently(streams.verify, pause, LOOKS)
    return connection.isConnected()
      ? allOf(reports.map(found))
      : ill('no server of NATS_URL can be used by this user')
  } finally {
    await connection.close()
  }
}

const found = ({ name, state, differences, status }: StreamReport): Finding => {
  switch (state) {
    case 'ready':
      return well(
        `${name} on ${status?.replicasCurrent ?? 0} of ${status?.replicasConfigured ?? 0}`,
      )
    case 'missing':
      return ill(`there is no ${name}; bun run auth nats apply makes it`)
    case 'drifted':
      return ill(`${name}: ${differences.join(' ')}`)
    case 'unknown':
      return ill(`${name} cannot be read by this user`)
  }
}
