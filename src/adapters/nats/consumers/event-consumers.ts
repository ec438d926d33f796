import type { ConsumerConfig, ConsumerInfo } from 'nats'
import type {
  ConsumerPosition,
  EventConsumers,
} from '../../../ports/driven/events/event-consumers.ts'
import type { Nats } from '../connection/open-nats.ts'
import { orUnavailable } from '../streams/read-stream.ts'
import { errorCodeOf, streamApi } from '../streams/stream-api.ts'

type Needs = { readonly nats: Pick<Nats, 'connection'>; readonly stream: string }

const NO_SUCH_CONSUMER = 10014
const NO_SUCH_STREAM = 10059

/** The durable consumers of one stream. Ephemeral consumers, such as the auditor's own, are left out. */
export const makeEventConsumers = ({ nats, stream }: Needs): EventConsumers => ({
  list: () =>
    orUnavailable(async () => {
      const found: ConsumerPosition[] = []
      for await (const info of (await streamApi(nats)).consumers.list(stream))
        if (info.config.durable_name !== undefined) found.push(positionOf(info))
      return found.toSorted((one, other) => one.name.localeCompare(other.name))
    }),
  exists: (consumer) =>
    orUnavailable(async () => {
      try {
        await (await streamApi(nats)).consumers.info(stream, consumer)
        return true
      } catch (fault) {
        const code = errorCodeOf(fault)
        if (code === NO_SUCH_CONSUMER || code === NO_SUCH_STREAM) return false
        throw fault
      }
    }),
})

const positionOf = ({ name, config, ...info }: ConsumerInfo): ConsumerPosition => ({
  name,
  subject: subjectsOf(config),
  pending: info.num_pending,
  ackPending: info.num_ack_pending,
  redelivered: info.num_redelivered,
  acknowledgedUpTo: info.ack_floor.stream_seq,
})

const subjectsOf = ({ filter_subject: one, filter_subjects: several }: ConsumerConfig): string =>
  (several ?? (one === undefined ? ['>'] : [one])).join()
