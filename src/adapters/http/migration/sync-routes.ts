import { Elysia } from 'elysia'
import type { ReadSyncStatus } from '../../../ports/driving/migration/sync-mode.ts'
import { json, refuse } from '../edge/answers.ts'
import { expectedVersions, versionTag } from '../edge/entity-tags.ts'
import type { Guards } from '../edge/guards.ts'
import { parseJson } from '../edge/json-body.ts'
import type { UseCases } from '../needs.ts'
import { syncProblem } from '../problems/sync-problem.ts'
import { SyncModeBody } from '../request-bodies.ts'
import { syncReportBody } from './sync-report.ts'
import { syncStatusBody } from './sync-status.ts'

type Needs = Pick<UseCases, 'readSyncStatus' | 'changeSyncMode' | 'reportSync'>

/** How administrators see and change which leg leads. */
export const syncRoutes = (needs: Needs, guards: Guards) =>
  new Elysia()
    .use(guards)
    .get('/v1/admin/sync', () => answer(needs.readSyncStatus), { adminOnly: true })
    .get('/v1/admin/sync/report', async () => json(200, syncReportBody(await needs.reportSync())), {
      adminOnly: true,
    })
    .put(
      '/v1/admin/sync',
      async ({ body, caller, request }) => {
        if (request.headers.get('if-match') === null)
          return refuse(request, { code: 'precondition-required' })
        const { percent = null, dualWrite = null, confirmSilence = [], acceptGap = false } = body
        const { mode, reason } = body
        const changed = await needs.changeSyncMode(
          { mode, reason, percent, dualWrite, confirmSilence, acceptGap },
          expectedVersions(request),
          caller,
        )
        return changed.ok
          ? answer(needs.readSyncStatus)
          : refuse(request, syncProblem(changed.refusal))
      },
      { adminOnly: true, parse: parseJson, body: SyncModeBody },
    )

const answer = async (readSyncStatus: ReadSyncStatus): Promise<Response> => {
  const status = await readSyncStatus()
  return json(200, syncStatusBody(status), { etag: versionTag(status.state.epoch) })
}
