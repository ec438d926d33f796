import type { JetStreamManager, StreamInfo } from 'nats'
import { NatsError } from 'nats'
import { Unavailable } from '../../../domain/shared/unavailable.ts'
import type { Nats } from '../connection/open-nats.ts'

const TIMEOUT_MS = 3000
const STREAM_NOT_FOUND = 10059

/**
 * JetStream's management API over the present connection.
 * @throws Unavailable without a connection.
 */
export const streamApi = async (nats: Pick<Nats, 'connection'>): Promise<JetStreamManager> => {
  const connection = nats.connection()
  if (connection === null) throw new Unavailable('NATS is not connected')
  return connection.jetstreamManager({ checkAPI: false, timeout: TIMEOUT_MS })
}

/** Null when there is no such stream. */
export const findStream = async (
  api: JetStreamManager,
  name: string,
): Promise<StreamInfo | null> => {
  try {
    return await api.streams.info(name)
  } catch (fault) {
    if (errorCodeOf(fault) === STREAM_NOT_FOUND) return null
    throw fault
  }
}

/** The `err_code` of a refusal by JetStream; null for any other fault. */
export const errorCodeOf = (fault: unknown): number | null =>
  fault instanceof NatsError ? (fault.api_error?.err_code ?? null) : null
