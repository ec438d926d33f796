import type { Static } from '@sinclair/typebox'
import { Type } from '@sinclair/typebox'
import type { SyncReport } from '../../../ports/driving/migration/sync-report.ts'
import { SyncStatusShape, syncStatusBody } from './sync-status.ts'

const closed = { additionalProperties: false }
const Count = Type.Integer({ minimum: 0 })
const Version = Type.Union([Type.Integer(), Type.Null()], {
  description: 'Null if the user does not exist on that side',
})

const StatesShape = Type.Object(
  {
    result: Type.Union(
      ['same', 'different', 'unavailable', 'not-compared'].map((name) => Type.Literal(name)),
      {
        description:
          '`not-compared`: BACKEND_DIGEST_URL is not set. `unavailable`: Backend sent no digest in time',
      },
    ),
    shards: Type.Array(Type.Integer({ minimum: 0, maximum: 63 }), {
      description:
        'The shards whose digests differ. Changes that are being delivered make digests differ too',
    }),
    differing: Type.Union([Count, Type.Null()], {
      description: 'How many users differ. Null if Backend does not name users',
    }),
    users: Type.Array(
      Type.Object({ userId: Type.String(), ours: Version, theirs: Version }, closed),
      { description: 'The first 100 users that differ, with the version on each side' },
    ),
  },
  closed,
)

/** Figures of both channels, what Backend has, and whether it is safe to move to the next stage. */
export const SyncReportShape = Type.Object(
  {
    verdict: Type.Object(
      {
        isSafe: Type.Boolean({ description: 'Whether it is safe to move to the next stage' }),
        next: Type.String(),
        reasons: Type.Array(Type.String(), { description: 'Why it is not safe, for people' }),
      },
      closed,
    ),
    hours: Type.Number({ minimum: 0, description: 'Hours since the mode was last changed' }),
    onlyEvents: { ...Count, description: 'Changes that only the event channel delivered' },
    onlyCalls: { ...Count, description: 'Changes that only the HTTP channel delivered' },
    outOfOrder: Type.Object({ events: Count, calls: Count }, closed),
    states: StatesShape,
    status: SyncStatusShape,
  },
  { $id: 'SyncReport', additionalProperties: false },
)

const SHOWN = 100

/** The report as the API shows it. */
export const syncReportBody = (report: SyncReport): Static<typeof SyncReportShape> => ({
  verdict: { ...report.verdict, reasons: [...report.verdict.reasons] },
  hours: Math.max(0, report.hours),
  onlyEvents: report.onlyEvents,
  onlyCalls: report.onlyCalls,
  outOfOrder: { ...report.outOfOrder },
  states: statesBody(report.states),
  status: syncStatusBody(report.status),
})

const statesBody = (states: SyncReport['states']): Static<typeof StatesShape> => {
  if (states === null || states === 'unavailable')
    return { result: states ?? 'not-compared', shards: [], differing: null, users: [] }
  const { shards, users } = states
  const isSame = shards.length === 0 || users?.length === 0
  return {
    result: isSame ? 'same' : 'different',
    shards: [...shards],
    differing: users?.length ?? null,
    users: (users ?? [])
      .slice(0, SHOWN)
      .map(({ userId, ours, theirs }) => ({ userId, ours, theirs })),
  }
}
