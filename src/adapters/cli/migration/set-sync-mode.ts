import { describeMode } from '../../../domain/migration/sync-mode.ts'
import type {
  ChangeSyncMode,
  ChangeSyncModeRefusal,
  SyncModeRequest,
  TransitionObstacle,
} from '../../../ports/driving/migration/sync-mode.ts'
import type { Cli, OwnerCommand } from '../shared/command.ts'
import { defineCommand } from '../shared/command.ts'
import { isSet, textOf } from '../shared/command-input.ts'
import { done, refused } from '../shared/outcomes.ts'
import type { OnDatabase } from './on-database.ts'
import { askDatabase } from './on-database.ts'

/** Changes which channel Backend follows, for every instance. */
const setSyncMode: OwnerCommand<{ readonly changeSyncMode: ChangeSyncMode }> = {
  name: 'sync-set',
  requires: 'schema',
  run: async ({ changeSyncMode }, input) => {
    const request = readRequest(input)
    if (request === null)
      return unchanged('--dual-write must be true or false, and --percent must be a whole number.')
    const changed = await changeSyncMode(request, null, null)
    if (!changed.ok) return unchanged(refusalSentence(changed.refusal))
    const { epoch } = changed.value
    return done(
      changed.value,
      `Mode: ${describeMode(changed.value)}, epoch ${epoch}. It applies to every instance.`,
    )
  },
}

export const syncSet = defineCommand({
  words: 'sync set',
  summary: 'change the mode for every instance',
  description:
    'http calls Backend about every change. dual and canary do both. events only publishes. See docs/migration.md.',
  examples: [
    'sync set dual --reason "first stage"',
    'sync set canary --percent 10 --reason "second stage"',
    'sync set http --confirm-silence social,chat --reason "back to calls"',
  ],
  parts: [setSyncMode],
  declare: (command, cli: Cli & OnDatabase) =>
    command
      .addArgument(
        command
          .createArgument('<mode>', 'the new mode')
          .choices(['http', 'dual', 'canary', 'events'] as const),
      )
      .requiredOption('--reason <text>', 'why; it is audited')
      .option('--percent <number>', 'canary: share of users that follow events')
      .addOption(
        command
          .createOption('--dual-write <boolean>', 'canary: also call Backend for everybody')
          .choices(['true', 'false'] as const),
      )
      .option(
        '--confirm-silence <names>',
        'http: consumers that will receive no events, comma-separated',
      )
      .option('--accept-gap', 'consumers may miss events that the ledger no longer has')
      .action(
        cli.runs((mode, { percent, dualWrite, confirmSilence, acceptGap, reason }) =>
          askDatabase(cli, setSyncMode, {
            mode,
            percent: percent ?? null,
            dualWrite: dualWrite ?? null,
            confirmSilence: confirmSilence ?? null,
            acceptGap: acceptGap === true,
            reason,
          }),
        ),
      ),
})

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

const unchanged = (complaint: string) => refused(`${complaint} Nothing was changed.`)

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
