import type { StreamReport } from '../../../domain/events/stream-report.ts'
import { EXIT } from '../../../domain/operations/exit-codes.ts'
import { repeatUntil } from '../../../domain/shared/repeat-until.ts'
import type { StreamProvision } from '../../../ports/driven/events/broker.ts'
import type { Pause } from '../../../ports/driven/shared/clock.ts'
import type { CommandOutcome } from '../../../ports/driving/operations/owner-commands.ts'
import type { OwnerCommand } from '../shared/command.ts'
import { defineCommand } from '../shared/command.ts'
import { refused } from '../shared/outcomes.ts'
import { BROKER_TRIES, betweenTries } from '../shared/with-broker.ts'

type Needs = {
  /** Null when events stay in the process. */
  readonly streams: StreamProvision | null
  readonly pause: Pause
}

/** Creates the streams, makes the corrections that lose no message, and lists what else differs. */
export const applyStreams: OwnerCommand<Needs> = {
  name: 'nats-apply',
  requires: 'nothing',
  run: async ({ streams, pause }) => {
    if (streams === null)
      return refused('Events stay in this process: NATS_URL is not set. Nothing was changed.')
    const before = await repeatUntil(streams.look, areReadable, BROKER_TRIES, betweenTries(pause))
    if (!areReadable(before)) return unreadable
    const after = await streams.apply()
    const found = new Map(before.map((report) => [report.name, report]))
    const areReady = after.every(({ state }) => state === 'ready')
    return {
      exitCode: areReady ? EXIT.ok : EXIT.failed,
      lines: after.flatMap((report) => reportLines(found.get(report.name) ?? report, report)),
      documents: [{ streams: after }],
    }
  },
}

export const natsApply = defineCommand({
  words: 'nats apply',
  summary: 'create and correct the streams',
  description:
    'It makes the corrections that lose no message, and lists what still differs. Then an operator has to correct that.',
  examples: ['nats apply'],
  parts: [applyStreams],
  declare: (command, cli) => command.action(cli.runs(() => cli.ask(applyStreams, {}))),
})

/** Whether every stream could be read. */
const areReadable = (reports: readonly StreamReport[]): boolean =>
  reports.every(({ state }) => state !== 'unknown')

const unreadable: CommandOutcome = {
  exitCode: EXIT.unavailable,
  lines: [
    'The streams cannot be read: NATS does not answer, or refuses this user. Nothing was changed.',
  ],
}

const reportLines = (
  before: StreamReport,
  { name, state, differences }: StreamReport,
): readonly string[] => {
  const remaining = differences.map((sentence) => `  ${sentence}`)
  switch (state) {
    case 'ready': {
      const corrected = before.differences.filter((sentence) => !differences.includes(sentence))
      if (before.state === 'missing') return [`Created ${name}.`, ...remaining]
      return corrected.length === 0
        ? [`${name} is configured as required.`, ...remaining]
        : [
            `Corrected ${name}. Before, it differed in this:`,
            ...corrected.map((sentence) => `  ${sentence}`),
          ]
    }
    case 'drifted':
      return [`${name} was not changed. An operator has to correct this:`, ...remaining]
    case 'missing':
      return [`${name} does not exist:`, ...remaining]
    case 'unknown':
      return [`${name} could not be read any more.`]
  }
}
