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
    pending: Type.Integer({ description: 'Messages that it has not been given yet' }),
    ackPending: Type.Integer({ description: 'Messages given and not acknowledged' }),
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

/** Latencies and counts are those of all instances, of the last five minutes. */
export const SyncStatusShape = Type.Object(
  {
    mode: oneOf('http', 'dual', 'canary', 'events'),
    percent: Type.Integer({ minimum: 0, maximum: 100 }),
    dualWrite: Type.Boolean(),
    epoch: Type.Integer({ description: 'For If-Match' }),
    armed: Type.Boolean({ description: 'Calls that stand by go, because events cannot' }),
    reason: Type.String(),
    changedAt: Instant,
    changedBy: Type.String({ description: 'A user id, `owner`, `guard` or `settings`' }),
    settingsIgnored: Type.Boolean({ description: 'The settings say another mode' }),
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

/** Which leg leads and how both fare, as the API shows it. */
export const syncStatusBody = ({
  state,
  settingsIgnored,
  consumers,
  channels,
  guard,
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
  channels: channels.map(({ figures, ...channel }) => ({ ...channel, ...figures })),
  guard: { ...guard, heldUntil: state.heldUntil?.toISOString() ?? null },
  stream: stream && {
    name: stream.name,
    replicasConfigured: stream.replicasConfigured,
    replicasCurrent: stream.replicasCurrent,
    messages: stream.messages,
    bytes: stream.bytes,
  },
})
