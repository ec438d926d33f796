import type {
  ChangeSyncModeRefusal,
  SyncObstacle,
} from '../../../ports/driving/migration/sync-mode.ts'
import { fieldError, invalidRequest } from './invalid-fields.ts'
import type { FieldError, Problem } from './problems.ts'

/** What a client is told about a mode that was refused, and the way out. */
export const syncProblem = (refusal: ChangeSyncModeRefusal): Problem => {
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
