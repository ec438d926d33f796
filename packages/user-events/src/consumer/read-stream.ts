import type {
  ConsumerConfig,
  ConsumerInfo,
  ConsumerMessages,
  JetStreamManager,
  JsMsg,
  NatsConnection,
  Subscription,
} from 'nats'
import { AckPolicy, DeliverPolicy, ErrorCode, NatsError, nanos } from 'nats'
import type { ConsumerLimits, DeliverFrom } from './consumer-options.ts'
import { apiErrorCode } from './delivery.ts'
import { delayOf, pause, settledWithin } from './retry.ts'

/** The durable consumer to read with. */
type Durable = {
  readonly stream: string
  readonly name: string
  readonly subject: string
  readonly limits: ConsumerLimits
  /** Where a durable consumer that is created begins. */
  readonly deliver: DeliverFrom
}

type Needs = {
  readonly connection: NatsConnection
  readonly durable: Durable
  readonly accept: (message: JsMsg) => void
  /** Called each time that reading has started. */
  readonly reading: () => void
  readonly failed: (fault: unknown) => void
  readonly signal: AbortSignal
}

// How long a request for messages lasts. The client makes a new request when half of it passes twice without a heartbeat.
const PULL_MS = 5000
const MOST_PULLED = 100
const FIRST_PAUSE_MS = 250
const LAST_PAUSE_MS = 10_000

/** Reads with one durable consumer until the signal is aborted, whatever happens to the consumer, the stream or the server. */
export const readStream = async (needs: Needs): Promise<void> => {
  const { reading, failed, signal } = needs
  let attempt = 0
  let wasRead = false
  let begin: Begin | null = null
  while (!signal.aborted) {
    try {
      begin = await ensureDurable(needs, { mayReplace: !wasRead, begin })
      const messages = await startReading(needs)
      attempt = 0
      wasRead = true
      reading()
      await acceptAll(messages, needs)
      if (!signal.aborted) failed(new Error('the server ended the reading'))
    } catch (fault) {
      if (!signal.aborted) failed(fault)
    }
    attempt += 1
    await pause(delayOf(attempt, FIRST_PAUSE_MS, LAST_PAUSE_MS), signal)
  }
}

const startReading = async ({ connection, durable }: Needs) => {
  const consumer = await connection.jetstream().consumers.get(durable.stream, durable.name)
  return consumer.consume({
    max_messages: Math.min(MOST_PULLED, durable.limits.maxAckPending),
    expires: PULL_MS,
    abort_on_missing_resource: true,
  })
}

const acceptAll = async (messages: ConsumerMessages, { accept, signal }: Needs): Promise<void> => {
  const end = () => void drain(messages)
  if (signal.aborted) end()
  signal.addEventListener('abort', end)
  try {
    for await (const message of messages) accept(message)
  } finally {
    signal.removeEventListener('abort', end)
  }
}

const DRAIN_MS = 2000

/**
 * Ends the reading after what the server has already sent. `close` alone would drop these messages, and no instance would
 * receive them before their ack wait ends. The client can drain its subscription, but its types do not show that.
 */
const drain = async (
  messages: ConsumerMessages & { readonly sub?: Subscription },
): Promise<void> => {
  if (messages.sub !== undefined) await settledWithin(DRAIN_MS, messages.sub.drain())
  await messages.close()
}

const CONSUMER_NOT_FOUND = 10_014

/**
 * Creates the durable consumer, or updates the limits of the existing one. A consumer that reads another subject is created
 * anew, from where it once began: otherwise what waited between the two subjects would be lost, and what comes twice is a
 * duplicate. Where this user may do none of that, an operator has created the consumer and it is only bound to.
 * Without `mayReplace` it is left alone, so that two releases side by side do not replace it in turn.
 * @returns where the consumer began. One that was lost with its stream begins there again.
 */
const ensureDurable = async (
  { connection, durable: { stream, name, subject, limits, deliver } }: Needs,
  { mayReplace, begin }: { readonly mayReplace: boolean; readonly begin: Begin | null },
): Promise<Begin> => {
  const api = await connection.jetstreamManager()
  const wanted = {
    ack_wait: nanos(limits.ackWaitSeconds * 1000),
    max_deliver: limits.deliveries,
    max_ack_pending: limits.maxAckPending,
  }
  const found = await findDurable(api, stream, name)
  // It would deliver the whole stream, and has delivered nothing yet.
  const beginsTooEarly =
    deliver === 'new' &&
    found?.config.deliver_policy === DeliverPolicy.All &&
    found.delivered.consumer_seq === 0
  if (found?.config.filter_subject === subject && !beginsTooEarly) {
    const isSame = (Object.keys(wanted) as (keyof typeof wanted)[]).every(
      (key) => found.config[key] === wanted[key],
    )
    if (!isSame)
      await orNotAllowed(
        () => api.consumers.update(stream, name, wanted),
        `change the limits of the durable consumer ${name} of ${stream}, which differ from the limits given here`,
      )
    return beginOf(found)
  }
  if (found !== null && !mayReplace) return beginOf(found)
  const known = found === null || beginsTooEarly ? begin : beginOf(found)
  const option = deliver === 'new' ? ' --deliver new' : ''
  return orNotAllowed(async () => {
    if (found !== null) await api.consumers.delete(stream, name)
    const durable = { durable_name: name, filter_subject: subject, ...wanted }
    return beginOf(
      await api.consumers.add(stream, {
        ack_policy: AckPolicy.Explicit,
        ...durable,
        ...(known ?? BEGIN[deliver]),
      }),
    )
  }, `create the durable consumer ${name} of ${stream} for ${subject}; an operator does, with auth nats consumer${option}`)
}

/** Where in the stream a durable consumer begins. */
type Begin = Pick<ConsumerConfig, 'deliver_policy'> & Partial<ConsumerConfig>

const BEGIN: Readonly<Record<DeliverFrom, Begin>> = {
  all: { deliver_policy: DeliverPolicy.All },
  new: { deliver_policy: DeliverPolicy.New },
}

/** Another durable consumer that begins there has what this one had to deliver. */
const beginOf = ({ config, created }: ConsumerInfo): Begin =>
  config.deliver_policy === DeliverPolicy.All
    ? BEGIN.all
    : { deliver_policy: DeliverPolicy.StartTime, opt_start_time: config.opt_start_time ?? created }

const NOBODY_ANSWERS = '503'

/** Does the work, and says what this user of NATS may not do when the server does not let it. */
const orNotAllowed = async <T>(work: () => Promise<T>, what: string): Promise<T> => {
  try {
    return await work()
  } catch (cause) {
    // An account that does not import the request has nobody to answer it.
    const isRefused =
      cause instanceof NatsError &&
      (cause.code === NOBODY_ANSWERS || cause.code === ErrorCode.PermissionsViolation)
    throw isRefused ? new Error(`this user may not ${what}`, { cause }) : cause
  }
}

const findDurable = async (
  api: JetStreamManager,
  stream: string,
  name: string,
): Promise<ConsumerInfo | null> => {
  try {
    return await api.consumers.info(stream, name)
  } catch (fault) {
    if (apiErrorCode(fault) === CONSUMER_NOT_FOUND) return null
    throw fault
  }
}
