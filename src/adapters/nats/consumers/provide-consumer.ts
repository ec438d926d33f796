import type { ConsumerConfig, ConsumerInfo, JetStreamManager } from 'nats'
import { AckPolicy, DeliverPolicy, nanos } from 'nats'
import type { ConsumerName } from '../../../domain/events/consumer-name.ts'
import { directSubjectOf } from '../../../domain/events/consumer-name.ts'
import { Unavailable } from '../../../domain/shared/unavailable.ts'
import type {
  DeliverFrom,
  ProvideConsumer,
  ProvidedConsumer,
} from '../../../ports/driven/events/broker.ts'
import type { Nats } from '../connection/open-nats.ts'
import { covers } from '../streams/compare-stream.ts'
import { orUnavailable } from '../streams/read-stream.ts'
import { errorCodeOf, findStream, streamApi } from '../streams/stream-api.ts'

type Needs = {
  readonly nats: Pick<Nats, 'connection'>
  /** The streams of all events, and of messages for one consumer. */
  readonly streams: { readonly events: string; readonly direct: string }
}

const NO_SUCH_CONSUMER = 10014

/** The limits that docs/consume.md asks for; they are the defaults of the consumer package, too. */
const LIMITS = {
  ack_wait: nanos(30_000),
  max_deliver: 10,
  max_ack_pending: 256,
}

/**
 * Creates the durable consumers of one consumer, which may not create them itself: the request names any subject to
 * deliver to.
 */
export const makeProvideConsumer =
  ({ nats, streams }: Needs): ProvideConsumer =>
  (consumer, subject, deliver) =>
    orUnavailable(async () => {
      const api = await streamApi(nats)
      return [
        await provide(api, consumer, { stream: streams.events, subject, deliver }),
        await provide(api, consumer, {
          stream: streams.direct,
          subject: directSubjectOf(consumer),
          deliver: 'all',
        }),
      ]
    })

type Durable = {
  readonly stream: string
  readonly subject: string
  readonly deliver: DeliverFrom
}

const provide = async (
  api: JetStreamManager,
  consumer: ConsumerName,
  { stream, subject, deliver }: Durable,
): Promise<ProvidedConsumer> => {
  const found = await findStream(api, stream)
  if (found === null)
    throw new Unavailable(`there is no ${stream}; bun run auth nats apply creates it`)
  // Before anything is deleted.
  if (!found.config.subjects.some((pattern) => covers(pattern, subject)))
    throw new Unavailable(`${stream} does not have the subject ${subject}`)
  const present = await findConsumer(api, stream, consumer)
  // It would deliver the whole stream, and has delivered nothing yet.
  const beginsTooEarly =
    deliver === 'new' &&
    present?.config.deliver_policy === DeliverPolicy.All &&
    present.delivered.consumer_seq === 0
  if (present?.config.filter_subject === subject && !beginsTooEarly)
    return { stream, subject, outcome: 'kept' }
  // From where it began: otherwise what waited between the two subjects would be lost.
  const begin = present === null || beginsTooEarly ? BEGIN[deliver] : beginOf(present)
  if (present !== null) await api.consumers.delete(stream, consumer)
  await api.consumers.add(stream, {
    durable_name: consumer,
    filter_subject: subject,
    ack_policy: AckPolicy.Explicit,
    ...begin,
    ...LIMITS,
  })
  return { stream, subject, outcome: present === null ? 'created' : 'replaced' }
}

const BEGIN = {
  all: { deliver_policy: DeliverPolicy.All },
  new: { deliver_policy: DeliverPolicy.New },
} as const satisfies Record<DeliverFrom, Partial<ConsumerConfig>>

const beginOf = ({ config, created }: ConsumerInfo): Partial<ConsumerConfig> =>
  config.deliver_policy === DeliverPolicy.All
    ? BEGIN.all
    : { deliver_policy: DeliverPolicy.StartTime, opt_start_time: config.opt_start_time ?? created }

const findConsumer = async (
  api: JetStreamManager,
  stream: string,
  consumer: ConsumerName,
): Promise<ConsumerInfo | null> => {
  try {
    return await api.consumers.info(stream, consumer)
  } catch (cause) {
    if (errorCodeOf(cause) === NO_SUCH_CONSUMER) return null
    throw cause
  }
}
