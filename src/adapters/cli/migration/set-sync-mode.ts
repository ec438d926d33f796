import { describeMode } from '../../../domain/migration/sync-mode.ts'
import { EXIT } from '../../../domain/operations/exit-codes.ts'
import type {
  ChangeSyncMode,
  ChangeSyncModeRefusal,
  SyncModeRequest,
  TransitionObstacle,
} from '../../../ports/driving/migration/sync-mode.ts'
import type { CommandOutcome } from '../../../ports/driving/operations/owner-commands.ts'
import { isSet, textOf } from '../shared/command-input.ts'

/** Changes which channel Backend follows, for every instance. */
export const setSyncMode = async (
  { changeSyncMode }: { readonly changeSyncMode: ChangeSyncMode },
  input: unknown,
): Promise<CommandOutcome> => {
  const request = readRequest(input)
  if (request === null)
    return refused('--dual-write must be true or false, and --percent must be a whole number.')
  const changed = await changeSyncMode(request, null, null)
  if (!changed.ok) return refused(refusalSentence(changed.refusal))
  const { epoch } = changed.value
  return {
    exitCode: EXIT.ok,
    lines: [`Mode: ${describeMode(changed.value)}, epoch ${epoch}. It applies to every instance.`],
  }
}

const readRequest = (input: unknown): SyncModeRequest | null => {
  const [percent, dualWrite] = [textOf(input, 'percent'), textOf(input, 'dualWrite')]
  if (percent !== null && !/^\d{1,3}$/.test(percent)) return null
  if (dualWrite !== null && dualWrite !== 'true' && dualWrite !== 'false') return null
  return {
    mode: textOf(input, 'mode') ?? '',
    percent: percent === null ? null : Number(percent),
    dualWrite: dualWrite === null ? null : dualWrite === 'true',
    confirmSilence: (textOf(input, 'confirmSilence') ?? '')
      .split(',')
      .map((name) => name.trim())
      .filter((name) => name !== ''),
    acceptGap: isSet(input, 'acceptGap'),
    reason: textOf(input, 'reason') ?? '',
  }
}

const refused = (complaint: string): CommandOutcome => ({
  exitCode: EXIT.failed,
  lines: [`${complaint} Nothing was changed.`],
})

const refusalSentence = (refusal: ChangeSyncModeRefusal): string => {
  switch (refusal.kind) {
    case 'invalid-sync-mode':
      return INVALID[refusal.problem.code]
    case 'version-mismatch':
      return 'Somebody else changed the mode at the same time. Look at auth sync status, and decide again.'
    case 'snapshot-needed':
      return `No events were published since ${refusal.silentSince.toISOString()}, and the ledger no longer has every change since then. Send consumers a snapshot, then repeat with --accept-gap.`
    case 'mode-not-allowed':
      return obstacleSentence(refusal.obstacle)
  }
}

const INVALID = {
  'unknown-mode': 'The mode must be http, dual, canary or events.',
  'no-reason': 'A reason of 1 to 500 visible characters is needed.',
  required: 'canary needs --percent.',
  'out-of-range': 'The percentage (--percent) must be a whole number from 0 to 100.',
  'only-canary': 'Only canary takes --percent.',
  'fixed-by-mode': 'This mode does not take --dual-write.',
} as const

const VERSION_GUARD =
  'It must drop old versions (UPDATE … WHERE version < $new) and answer with x-sync-guard: version.'

const obstacleSentence = (obstacle: TransitionObstacle): string => {
  switch (obstacle.kind) {
    case 'no-receiver':
      return 'There is no HTTP channel: BACKEND_SYNC_URL is not set.'
    case 'receiver-not-guarded':
      return `Backend does not drop old versions. ${VERSION_GUARD}`
    case 'receiver-silent':
      return `Backend has not said that it drops old versions. ${VERSION_GUARD}`
    case 'held':
      return `The rollout guard has stepped back. The mode cannot move forward before ${obstacle.until.toISOString()}.`
    case 'consumers-fall-silent':
      return obstacle.consumers === null
        ? 'Consumers would receive no events, and they have not been listed yet. Name them with --confirm-silence.'
        : `These consumers would receive no events. Repeat with --confirm-silence ${obstacle.consumers.join(',')}.`
  }
}
