import type { StreamReport } from '../../domain/events/stream-report.ts'
import type { CommandOutcome } from '../../ports/driving/operations/owner-commands.ts'
import type { StreamProvision } from '../broker.ts'
import { EXIT } from '../exit-codes.ts'
import type { OwnerCommandNeeds } from './owner-command-needs.ts'

type Needs = Pick<OwnerCommandNeeds, 'streams' | 'pause'>

const TRIES = 50
const BETWEEN_TRIES_MILLISECONDS = 200

/** Makes the streams, mends what loses nothing, and tells exactly what else differs. */
export const applyStreams = async ({ streams, pause }: Needs): Promise<CommandOutcome> => {
  if (streams === null) return noServer
  const before = await lookPatiently(streams.look, pause)
  if (before.some(isUnknown)) return unreadable
  const after = await streams.apply()
  const found = new Map(before.map((report) => [report.name, report]))
  const isWell = after.every(({ state }) => state === 'ready')
  return {
    exitCode: isWell ? EXIT.ok : EXIT.failed,
    lines: after.flatMap((report) => told(found.get(report.name) ?? report, report)),
  }
}

const noServer: CommandOutcome = {
  exitCode: EXIT.failed,
  lines: ['Events stay in this process: NATS_URL is not set. Nothing was changed.'],
}

const unreadable: CommandOutcome = {
  exitCode: EXIT.unavailable,
  lines: [
    'The streams cannot be read: NATS does not answer, or not to this user. Nothing was changed.',
  ],
}

/** A connection that was just opened may take a moment: `mostTries` looks, a fifth of a second apart. */
export const lookPatiently = async (
  look: StreamProvision['look'],
  pause: Needs['pause'],
  mostTries = TRIES,
): Promise<readonly StreamReport[]> => {
  const never = new AbortController().signal
  for (let tries = 1; ; tries += 1) {
    const reports = await look()
    if (tries === mostTries || !reports.some(isUnknown)) return reports
    await pause(BETWEEN_TRIES_MILLISECONDS, never)
  }
}

const isUnknown = ({ state }: StreamReport): boolean => state === 'unknown'

const told = (before: StreamReport, { name, state, differences }: StreamReport): string[] => {
  const remaining = differences.map((sentence) => `  ${sentence}`)
  switch (state) {
    case 'ready': {
      const mended = before.differences.filter((sentence) => !differences.includes(sentence))
      if (before.state === 'missing') return [`Made ${name}.`, ...remaining]
      return mended.length === 0
        ? [`${name} is as it must be.`, ...remaining]
        : [`Mended ${name}, where it was so:`, ...mended.map((sentence) => `  ${sentence}`)]
    }
    case 'drifted':
      return [`Left ${name} alone, since this is for an operator to decide:`, ...remaining]
    case 'missing':
      return [`There is no ${name}:`, ...remaining]
    case 'unknown':
      return [`${name} could not be read any more.`]
  }
}
