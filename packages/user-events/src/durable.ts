import type { ConsumerConfig, ConsumerInfo, JetStreamManager } from 'nats'
import { AckPolicy, DeliverPolicy, nanos } from 'nats'
import { apiErrorCode } from './api-error-code.ts'
import type { ConsumerLimits } from './consumer.ts'

export type WantedDurable = {
  readonly stream: string
  readonly name: string
  readonly subject: string
  readonly limits: ConsumerLimits
  /** Whether one that reads another subject may be replaced: two releases side by side must not do so in turn. */
  readonly mayReplace: boolean
}

const CONSUMER_NOT_FOUND = 10_014

/**
 * Makes the durable consumer, or gives the one that there is the limits of this release. One that reads another subject
 * is made anew from the beginning of the stream: what waited between the two subjects would be lost, and what comes
 * twice is a duplicate.
 */
export const ensureDurable = async (
  api: JetStreamManager,
  { stream, name, subject, limits, mayReplace }: WantedDurable,
): Promise<void> => {
  const wanted = {
    ack_wait: nanos(limits.ackWaitSeconds * 1000),
    max_deliver: limits.deliveries,
    max_ack_pending: limits.maxAckPending,
  }
  const present = await find(api, stream, name)
  if (present?.config.filter_subject === subject) {
    const same = (Object.keys(wanted) as (keyof typeof wanted)[]).every(
      (key) => present.config[key] === wanted[key],
    )
    if (!same) await api.consumers.update(stream, name, wanted)
    return
  }
  if (present !== null && !mayReplace) return
  if (present !== null) await api.consumers.delete(stream, name)
  await api.consumers.add(stream, configurationOf(name, subject, wanted))
}

const configurationOf = (
  name: string,
  subject: string,
  limits: Partial<ConsumerConfig>,
): Partial<ConsumerConfig> => ({
  durable_name: name,
  filter_subject: subject,
  ack_policy: AckPolicy.Explicit,
  deliver_policy: DeliverPolicy.All,
  ...limits,
})

const find = async (
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
