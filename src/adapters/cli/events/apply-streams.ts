import type { StreamReport } from '../../../domain/events/stream-report.ts'
import { EXIT } from '../../../domain/operations/exit-codes.ts'
import { repeatUntil } from '../../../domain/shared/repeat-until.ts'
import type { StreamProvision } from '../../../ports/driven/events/broker.ts'
import type { Pause } from '../../../ports/driven/shared/clock.ts'
import type { CommandOutcome } from '../../../ports/driving/operations/owner-commands.ts'
import { BROKER_TRIES, betweenTries } from '../shared/with-broker.ts'

type Needs = {
  /** Null when events stay in the process. */
  readonly streams: StreamProvision | null
  readonly pause: Pause
}

/** Creates the streams, makes the corrections that lose no message, and lists what else differs. */
export const applyStreams = async ({ streams, pause }: Needs): Promise<CommandOutcome> => {
  if (streams === null) return noServer
  const before = await repeatUntil(streams.look, areReadable, BROKER_TRIES, betweenTries(pause))
  if (!areReadable(before)) return unreadable
  const after = await streams.apply()
  const found = new Map(before.map((report) => [report.name, report]))
  const areReady = after.every(({ state }) => state === 'ready')
  return {
    exitCode: areReady ? EXIT.ok : EXIT.failed,
    lines: after.flatMap((report) => reportLines(found.get(report.name) ?? report, report)),
  }
}

/** Whether every stream could be read. */
const areReadable = (reports: readonly StreamReport[]): boolean =>
  reports.every(({ state }) => state !== 'unknown')

const noServer: CommandOutcome = {
  exitCode: EXIT.failed,
  lines: ['Events stay in this process: NATS_URL is not set. Nothing was changed.'],
}

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
