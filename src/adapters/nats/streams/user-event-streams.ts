import { DiscardPolicy, nanos, RetentionPolicy, StorageType } from 'nats'

/** What a stream must be. docs/nats.md gives the reason for each setting. */
export type WantedStream = {
  readonly name: string
  readonly description: string
  readonly subjects: readonly string[]
  readonly maxAgeSeconds: number
  readonly replicas: number
}

const DAY_SECONDS = 86_400
const DUPLICATE_WINDOW_SECONDS = 300
const MAX_MESSAGE_BYTES = 65_536

/**
 * The three streams, the stream of all user events first. Its subjects are listed one by one, because a wildcard would also
 * match subjects of other streams.
 */
export const userEventStreams = (
  subjects: readonly string[],
  replicas: number,
): readonly [events: WantedStream, direct: WantedStream, dead: WantedStream] => [
  {
    name: 'USER_EVENTS',
    description: 'Every change of a user',
    subjects,
    maxAgeSeconds: 7 * DAY_SECONDS,
    replicas,
  },
  {
    name: 'USER_EVENTS_DIRECT',
    description: 'For one consumer each: replays, snapshots, redriven dead letters',
    subjects: ['direct.user.events.*'],
    maxAgeSeconds: 3 * DAY_SECONDS,
    replicas,
  },
  {
    name: 'USER_EVENTS_DLQ',
    description: 'What a consumer gave up on',
    subjects: ['dlq.user.events.*'],
    maxAgeSeconds: 30 * DAY_SECONDS,
    replicas,
  },
]

/** The configuration in the form that the server takes. */
export const configurationOf = (wanted: WantedStream) => ({
  name: wanted.name,
  description: wanted.description,
  subjects: [...wanted.subjects],
  storage: StorageType.File,
  retention: RetentionPolicy.Limits,
  discard: DiscardPolicy.New,
  max_age: nanos(wanted.maxAgeSeconds * 1000),
  max_msg_size: MAX_MESSAGE_BYTES,
  duplicate_window: nanos(DUPLICATE_WINDOW_SECONDS * 1000),
  num_replicas: wanted.replicas,
  max_msgs: -1,
  max_bytes: -1,
  max_msgs_per_subject: -1,
})
