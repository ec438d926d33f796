import { Type } from '@sinclair/typebox'
import { Elysia } from 'elysia'
import type {
  ChangeSyncMode,
  ChangeSyncModeRefusal,
  ReadSyncStatus,
  SyncObstacle,
} from '../../../ports/driving/migration/sync-mode.ts'
import type { ReportSync } from '../../../ports/driving/migration/sync-report.ts'
import { json, refuse } from '../edge/answers.ts'
import { expectedVersions, IF_MATCH, versionTag } from '../edge/entity-tags.ts'
import type { Guards } from '../edge/guards.ts'
import { parseJson } from '../edge/json-body.ts'
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
  mode: text('`http`, `dual`, `canary` or `events`'),
  percent: Type.Optional(
    Type.Integer({ minimum: 0, maximum: 100, description: 'With `canary`: of users, by events' }),
  ),
  dualWrite: Type.Optional(
    Type.Boolean({ description: 'With `canary` and `events`: call for everybody as well' }),
  ),
  confirmSilence: Type.Optional(
    Type.Array(text('A consumer'), {
      maxItems: 100,
      description: 'With `http`: the names of those who will hear nothing',
    }),
  ),
  acceptGap: Type.Optional(
    Type.Boolean({ description: 'Consumers may miss what is kept no longer' }),
  ),
  reason: text('1 to 500 visible characters'),
})

/** How administrators see and change which leg leads. */
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
      { adminOnly: true, parse: parseJson, body: SyncModeBody },
    )

const answer = async (readSyncStatus: ReadSyncStatus): Promise<Response> => {
  const status = await readSyncStatus()
  return json(200, syncStatusBody(status), { etag: versionTag(status.state.epoch) })
}

/** What a client is told about a mode that was refused, and the way out. */
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
            detail: `Nothing was published since ${refusal.silentSince.toISOString()}.`,
          },
        ],
      }
  }
}

const GUARD = 'It must drop old versions and say so; /problems/mode-not-allowed has the patch.'

const obstacleError = (obstacle: SyncObstacle): FieldError => {
  switch (obstacle.kind) {
    case 'no-receiver':
      return {
        pointer: '#/mode',
        code: obstacle.kind,
        detail: 'Nobody is called: BACKEND_SYNC_URL is not set.',
      }
    case 'receiver-not-guarded':
      return {
        pointer: '#/mode',
        code: obstacle.kind,
        detail: `Backend does not drop old versions. ${GUARD}`,
      }
    case 'receiver-silent':
      return {
        pointer: '#/mode',
        code: obstacle.kind,
        detail: `Backend did not answer whether it drops old versions. ${GUARD}`,
      }
    case 'held':
      return {
        pointer: '#/mode',
        code: obstacle.kind,
        detail: `The guard has stepped down; nothing rises before ${obstacle.until.toISOString()}.`,
      }
    case 'consumers-fall-silent':
      return {
        pointer: '#/confirmSilence',
        code: obstacle.kind,
        detail:
          obstacle.consumers === null
            ? 'Consumers would hear nothing, and they cannot be listed now. Name them.'
            : `These consumers would hear nothing; name them: ${obstacle.consumers.join(', ')}.`,
      }
  }
}

const STATUS = {
  description: 'The mode that holds, and how both legs fare',
  schema: SyncStatusShape,
  headers: ['ETag'],
} as const

/** What the OpenAPI document says about these routes. */
export const SYNC_OPERATIONS = {
  'GET /v1/admin/sync': {
    tag: 'Administration',
    summary: 'Say whether calls or events lead to Backend, and how both fare',
    description:
      'For administrators. Latencies, counts and the guard are those of the instance that answers.',
    caller: 'required',
    answers: { 200: STATUS },
    problems: ['forbidden'],
  },
  'GET /v1/admin/sync/report': {
    tag: 'Administration',
    summary: 'Say whether the next stage of moving over may come, and why not',
    description: [
      'For administrators. What `auth sync report` says: both legs side by side, what one has and the other lacks, and',
      'where Backend holds something else. Backend is asked, so this takes seconds.',
    ].join(' '),
    caller: 'required',
    answers: {
      200: { description: 'The evidence and the verdict', schema: SyncReportShape },
    },
    problems: ['forbidden'],
  },
  'PUT /v1/admin/sync': {
    tag: 'Administration',
    summary: 'Change whether calls or events lead to Backend',
    description: [
      'For administrators; `If-Match` is required and names the epoch. Holds at once for every instance: each change of a',
      'user is routed either before it or after it. Leaving `http`, consumers get what they were not told.',
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
