import type { Static } from '@sinclair/typebox'
import { Type } from '@sinclair/typebox'
import type { SyncStatus } from '../../../ports/driving/migration/sync-mode.ts'

const closed = { additionalProperties: false }
const Instant = Type.String({ format: 'date-time' })
const orNull = <T extends ReturnType<typeof Type.Number> | typeof Instant>(shape: T) =>
  Type.Union([shape, Type.Null()])
const oneOf = <const Names extends readonly string[]>(...names: Names) =>
  Type.Union(names.map((name) => Type.Literal(name)))

const ConsumerShape = Type.Object(
  {
    name: Type.String(),
    subject: Type.String(),
    pending: Type.Integer({ description: 'Messages that the consumer has not received yet' }),
    ackPending: Type.Integer({
      description: 'Messages that the consumer has received and not acknowledged',
    }),
    redelivered: Type.Integer(),
    oldestUnackedSeconds: orNull(Type.Number()),
  },
  closed,
)

const ChannelShape = Type.Object(
  {
    channel: Type.String(),
    state: oneOf('active', 'standby', 'armed', 'silent', 'unreachable'),
    pending: Type.Integer(),
    parked: Type.Integer(),
    oldestPendingSeconds: orNull(Type.Number()),
    p50Ms: orNull(Type.Number()),
    p95Ms: orNull(Type.Number()),
    p99Ms: orNull(Type.Number()),
    publishedLast5m: Type.Integer(),
    failedLast5m: Type.Integer(),
  },
  closed,
)

const StreamShape = Type.Object(
  {
    name: Type.String(),
    replicasConfigured: Type.Integer(),
    replicasCurrent: Type.Integer(),
    messages: Type.Integer(),
    bytes: Type.Integer(),
  },
  closed,
)

/** Latencies and counts cover all instances and the last five minutes. */
export const SyncStatusShape = Type.Object(
  {
    mode: oneOf('http', 'dual', 'canary', 'events'),
    percent: Type.Integer({ minimum: 0, maximum: 100 }),
    dualWrite: Type.Boolean(),
    epoch: Type.Integer({ description: 'The version of the mode, for use in If-Match' }),
    armed: Type.Boolean({
      description: 'Calls on standby are being sent, because events cannot be delivered',
    }),
    reason: Type.String(),
    changedAt: Instant,
    changedBy: Type.String({
      description: 'Who changed the mode: a user id, `owner`, `guard` or `settings`',
    }),
    settingsIgnored: Type.Boolean({
      description: 'The settings name another mode, and the service ignores them',
    }),
    consumers: Type.Array(ConsumerShape),
    channels: Type.Array(ChannelShape),
    guard: Type.Object(
      {
        state: oneOf('off', 'idle', 'well', 'breached', 'stuck'),
        breaches: Type.Integer(),
        heldUntil: orNull(Instant),
      },
      closed,
    ),
    stream: Type.Union([StreamShape, Type.Null()]),
  },
  { $id: 'SyncStatus', additionalProperties: false },
)

/** Which channel Backend follows, and the state of both channels, as the API shows them. */
export const syncStatusBody = ({
  state,
  settingsIgnored,
  consumers,
  channels,
  rolloutGuard: guard,
  stream,
}: SyncStatus): Static<typeof SyncStatusShape> => ({
  mode: state.mode,
  percent: state.percent,
  dualWrite: state.dualWrite,
  epoch: state.epoch,
  armed: state.armed,
  reason: state.reason,
  changedAt: state.changedAt.toISOString(),
  changedBy: state.changedBy,
  settingsIgnored,
  consumers: consumers.map((consumer) => ({ ...consumer })),
  channels: channels.map(({ statistics: figures, ...channel }) => ({ ...channel, ...figures })),
  guard: { ...guard, heldUntil: state.heldUntil?.toISOString() ?? null },
  stream: stream && {
    name: stream.name,
    replicasConfigured: stream.replicasConfigured,
    replicasCurrent: stream.replicasCurrent,
    messages: stream.messages,
    bytes: stream.bytes,
  },
})
