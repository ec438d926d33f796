import { describeMode } from '../../../domain/migration/sync-mode.ts'
import { EXIT } from '../../../domain/operations/exit-codes.ts'
import type { ChannelStatus, SyncStatus } from '../../../ports/driving/migration/sync-mode.ts'
import type { ReportSync, SyncReport } from '../../../ports/driving/migration/sync-report.ts'
import type { Cli, OwnerCommand } from '../shared/command.ts'
import { defineCommand } from '../shared/command.ts'
import type { OnDatabase } from './on-database.ts'
import { askDatabase } from './on-database.ts'

/** Both channels side by side, and a verdict. The exit code is 0 only when it is safe to move to the next stage. */
export const compareChannels: OwnerCommand<{ readonly reportSync: ReportSync }> = {
  name: 'sync-report',
  requires: 'schema',
  run: async ({ reportSync }) => {
    const report = await reportSync()
    return {
      exitCode: report.verdict.isSafe ? EXIT.ok : EXIT.failed,
      lines: reportLines(report),
      documents: [report],
    }
  },
}

export const syncReport = defineCommand({
  words: 'sync report',
  summary: 'compare both channels: is the next stage safe?',
  description: 'The exit code is 0 only when it is safe to move to the next stage.',
  examples: ['sync report'],
  parts: [compareChannels],
  declare: (command, cli: Cli & OnDatabase) =>
    command.action(cli.runs(() => askDatabase(cli, compareChannels, {}))),
})

const reportLines = (report: SyncReport): readonly string[] => {
  const { status, hours, onlyEvents, onlyCalls, outOfOrder } = report
  return [
    `Mode: ${describeMode(status.state)}, for ${durationOf(hours)}`,
    ...channelLines(status.channels),
    `Delivered as an event only: ${onlyEvents}. As a call only: ${onlyCalls}. Out of order: ${outOfOrder.events} and ${outOfOrder.calls}.`,
    ...statesLines(report.states),
    ...consumerLines(status),
    ...verdictLines(report.verdict),
  ]
}

const durationOf = (hours: number): string =>
  hours >= 1 ? `${Math.floor(hours)} h` : `${Math.floor(hours * 60)} min`

const channelLines = (channels: readonly ChannelStatus[]): readonly string[] => {
  const width = Math.max(0, ...channels.map(({ channel }) => channel.length))
  const percentile = (name: string, value: number | null) =>
    `${name} ${value === null ? '–' : value} ms`
  return channels.map(({ channel, statistics, pending, parked }) =>
    [
      channel.padEnd(width),
      percentile('p50', statistics.p50Ms),
      percentile('p95', statistics.p95Ms),
      percentile('p99', statistics.p99Ms),
      `${statistics.publishedLast5m} delivered and ${statistics.failedLast5m} failed in 5 min`,
      `${pending} pending, ${parked} parked`,
    ].join('  '),
  )
}

const SHOWN = 10

const statesLines = (states: SyncReport['states']): readonly string[] => {
  if (states === null) return ['What Backend holds is not compared: BACKEND_DIGEST_URL is not set.']
  if (states === 'unavailable')
    return ['What Backend holds is not known: BACKEND_DIGEST_URL did not answer with a digest.']
  const { shards, users } = states
  if (users === null) return [`Backend holds other data in the shards ${shards.join(', ')}.`]
  if (users.length === 0) return ['Backend holds the same as this service, in all 64 shards.']
  const version = (held: number | null) => (held === null ? 'nothing' : `version ${held}`)
  return users
    .slice(0, SHOWN)
    .map(
      ({ userId, ours, theirs }) =>
        `${userId}: ${version(ours)} here, ${version(theirs)} at Backend`,
    )
    .concat(users.length > SHOWN ? [`and ${users.length - SHOWN} more`] : [])
}

/** One line for each durable consumer of the stream. */
export const consumerLines = ({ consumers }: Pick<SyncStatus, 'consumers'>): readonly string[] =>
  consumers.map(({ name, subject, pending, ackPending, redelivered, oldestUnackedSeconds }) =>
    [
      name,
      subject,
      `${pending} not delivered, ${ackPending} not acknowledged, ${redelivered} delivered again`,
      ...(oldestUnackedSeconds === null
        ? []
        : [`the oldest for ${oldestUnackedSeconds.toFixed(1)} s`]),
    ].join('  '),
  )

const verdictLines = ({ isSafe, next, reasons }: SyncReport['verdict']): readonly string[] => {
  if (isSafe) return [`Safe to go on: ${next}.`]
  const [only, ...others] = reasons
  return others.length === 0
    ? [`Not yet: ${only}.`]
    : ['Not yet:', ...reasons.map((reason) => `  - ${reason}`)]
}
