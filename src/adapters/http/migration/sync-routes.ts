import { Type } from '@sinclair/typebox'
import { Elysia } from 'elysia'
import { makeSyncMode, SYNC_MODES } from '../../../domain/migration/sync-mode.ts'
import { parseReason, REASON_MAXIMUM } from '../../../domain/shared/plain-text.ts'
import type {
  ChangeSyncMode,
  ChangeSyncModeRefusal,
  ReadSyncStatus,
  TransitionObstacle,
} from '../../../ports/driving/migration/sync-mode.ts'
import type { ReportSync } from '../../../ports/driving/migration/sync-report.ts'
import { json, refuse } from '../edge/answers.ts'
import { expectedVersions, IF_MATCH, versionTag } from '../edge/entity-tags.ts'
import type { Guards } from '../edge/guards.ts'
import { parseJsonWith } from '../edge/json-body.ts'
import type { Operations } from '../openapi/operation.ts'
import { fieldError, invalidRequest } from '../problems/invalid-fields.ts'
import type { FieldError, Problem } from '../problems/problems.ts'
import { body, text } from '../shared/bodies.ts'
import { SyncReportShape, syncReportBody } from './sync-report.ts'
import { SyncStatusShape, syncStatusBody } from './sync-status.ts'

/** What these routes ask the application for. */
export type SyncUseCases = {
  readonly readSyncStatus: ReadSyncStatus
  readonly reportSync: ReportSync
  readonly changeSyncMode: ChangeSyncMode
}

const SyncModeBody = body({
  mode: text(
    'How Backend learns of changes. See the modes of the migration',
    { enum: SYNC_MODES },
    { code: 'unknown-mode' },
  ),
  percent: Type.Optional(
    Type.Integer({
      minimum: 0,
      maximum: 100,
      description: 'For `canary`: the percentage of users for whom Backend follows events',
    }),
  ),
  dualWrite: Type.Optional(
    Type.Boolean({ description: 'For `canary` and `events`: also call Backend for every user' }),
  ),
  confirmSilence: Type.Optional(
    Type.Array(text('The name of a consumer'), {
      maxItems: 100,
      description: 'For `http`: the names of the consumers that will get no events',
    }),
  ),
  acceptGap: Type.Optional(
    Type.Boolean({
      description: 'Accept that consumers miss the changes that are no longer stored',
    }),
  ),
  reason: text(
    'Why the mode is changed, in 1 to 500 visible characters',
    { minLength: 1, maxLength: REASON_MAXIMUM, examples: ['Backend reads events since Monday'] },
    { accepts: (text) => parseReason(text) !== null, code: 'no-reason' },
  ),
})

/** How administrators see and change the mode, that is, whether Backend follows HTTP calls or events. */
export const syncRoutes = (useCases: SyncUseCases, guards: Guards) =>
  new Elysia()
    .use(guards)
    .get('/v1/admin/sync', () => answer(useCases.readSyncStatus), { adminOnly: true })
    .get(
      '/v1/admin/sync/report',
      async () => json(200, syncReportBody(await useCases.reportSync())),
      {
        adminOnly: true,
      },
    )
    .put(
      '/v1/admin/sync',
      async ({ body, caller, request }) => {
        if (request.headers.get('if-match') === null)
          return refuse(request, { code: 'precondition-required' })
        const { percent = null, dualWrite = null, confirmSilence = [], acceptGap = false } = body
        const { mode, reason } = body
        const changed = await useCases.changeSyncMode(
          { mode, reason, percent, dualWrite, confirmSilence, acceptGap },
          expectedVersions(request),
          caller,
        )
        return changed.ok
          ? answer(useCases.readSyncStatus)
          : refuse(request, syncProblem(changed.refusal))
      },
      { adminOnly: true, parse: parseJsonWith(modeFaults), body: SyncModeBody },
    )

/** What is wrong with the parts of a mode together, in a body that has other faults. */
const modeFaults = (body: unknown): readonly FieldError[] => {
  const { mode: name, percent = null, dualWrite = null }: Record<string, unknown> = Object(body)
  const mode = SYNC_MODES.find((known) => known === name)
  if (mode === undefined) return []
  const made = makeSyncMode(
    mode,
    typeof percent === 'number' ? percent : null,
    typeof dualWrite === 'boolean' ? dualWrite : null,
  )
  return 'code' in made ? [fieldError(made.field, made.code)] : []
}

const answer = async (readSyncStatus: ReadSyncStatus): Promise<Response> => {
  const status = await readSyncStatus()
  return json(200, syncStatusBody(status), { etag: versionTag(status.state.epoch) })
}

/** The answer to a refused change of the mode: why it was refused, and what to do. */
const syncProblem = (refusal: ChangeSyncModeRefusal): Problem => {
  switch (refusal.kind) {
    case 'invalid-sync-mode':
      return invalidRequest(fieldError(refusal.problem.field, refusal.problem.code))
    case 'version-mismatch':
      return { code: 'version-mismatch' }
    case 'mode-not-allowed':
      return { code: 'mode-not-allowed', errors: [obstacleError(refusal.obstacle)] }
    case 'snapshot-needed':
      return {
        code: 'snapshot-needed',
        errors: [
          {
            pointer: '#/acceptGap',
            code: 'gap',
            detail: `No events were published since ${refusal.silentSince.toISOString()}.`,
          },
        ],
      }
  }
}

const GUARD =
  'It must drop old versions and send `x-sync-guard: version`. See /problems/mode-not-allowed.'

const obstacleError = (obstacle: TransitionObstacle): FieldError => {
  switch (obstacle.kind) {
    case 'no-receiver':
      return {
        pointer: '#/mode',
        code: obstacle.kind,
        detail: 'BACKEND_SYNC_URL is not set, so there is no receiver to call. Set it first.',
      }
    case 'receiver-not-guarded':
      return {
        pointer: '#/mode',
        code: obstacle.kind,
        detail: `Backend does not say that it drops old versions. ${GUARD}`,
      }
    case 'receiver-silent':
      return {
        pointer: '#/mode',
        code: obstacle.kind,
        detail: `Backend did not answer the question whether it drops old versions. ${GUARD}`,
      }
    case 'held':
      return {
        pointer: '#/mode',
        code: obstacle.kind,
        detail: `The rollout guard has stepped back. Moving forward is possible again at ${obstacle.until.toISOString()}.`,
      }
    case 'consumers-fall-silent':
      return {
        pointer: '#/confirmSilence',
        code: obstacle.kind,
        detail:
          obstacle.consumers === null
            ? 'Consumers would get no events, and the service cannot list them now. Name them in `confirmSilence`.'
            : `These consumers would get no events. Name them in \`confirmSilence\`: ${obstacle.consumers.join(', ')}.`,
      }
  }
}

const STATUS = {
  description: 'The current mode, and the state of both channels',
  schema: SyncStatusShape,
  headers: ['ETag'],
} as const

/** What the OpenAPI document says about these routes. */
export const SYNC_OPERATIONS = {
  'GET /v1/admin/sync': {
    id: 'readSyncStatus',
    tag: 'Administration',
    summary: 'Report whether Backend follows HTTP calls or events, and the state of both channels',
    description: [
      'For administrators. Latencies and counts of deliveries cover all instances and the last five minutes. The state of',
      'the rollout guard, and whether a channel can be reached, are those of the instance that answers.',
    ].join(' '),
    caller: 'required',
    answers: { 200: STATUS },
    problems: ['forbidden'],
  },
  'GET /v1/admin/sync/report': {
    id: 'reportSync',
    tag: 'Administration',
    summary: 'Report whether it is safe to move to the next stage of the migration to events',
    description: [
      'For administrators. The same as the command `auth sync report`: figures of both channels side by side, changes that',
      'only one channel delivered, and users whose state at Backend differs. If it is not safe, the report gives the reasons.',
      'The service asks Backend for its digests, so the answer takes seconds.',
    ].join(' '),
    caller: 'required',
    answers: {
      200: { description: 'The evidence and the verdict', schema: SyncReportShape },
    },
    problems: ['forbidden'],
  },
  'PUT /v1/admin/sync': {
    id: 'changeSyncMode',
    example: { mode: 'events', reason: 'Every consumer reads events' },
    tag: 'Administration',
    summary: 'Change whether Backend follows HTTP calls or events',
    description: [
      'For administrators. `If-Match` is required and names the epoch. The new mode applies to every instance at once: each',
      'change of a user is routed completely by the old mode or completely by the new one. When the mode changes from `http`',
      'to another, consumers get the events that were not published in the meantime.',
    ].join(' '),
    caller: 'required',
    parameters: [IF_MATCH],
    body: SyncModeBody,
    answers: { 200: STATUS },
    problems: [
      'forbidden',
      'mode-not-allowed',
      'snapshot-needed',
      'version-mismatch',
      'precondition-required',
    ],
  },
} as const satisfies Operations
