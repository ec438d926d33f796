import type { Latency } from './channel-latency.ts'
import type { ChangeRequest } from './load.ts'
import type { Outage, Rollback } from './outage.ts'
import type { CheckResult } from './run-final-checks.ts'
import type { ModeSwitch } from './switch-mode.ts'
import type { Mark } from './timeline.ts'

/** What `auth sync report` said at the end of a stage of the migration. */
export type StageReport = { readonly stage: string; readonly lines: readonly string[] }

/** Everything that the rehearsal measured and checked. */
export type Findings = {
  readonly startedAt: Date
  readonly seconds: number
  readonly marks: readonly Mark[]
  readonly requests: readonly ChangeRequest[]
  readonly switches: readonly ModeSwitch[]
  /** The latency of both channels in mode dual. */
  readonly dual: Readonly<Record<'events' | 'calls', Latency | null>>
  readonly outage: Outage | null
  readonly rollback: Rollback | null
  readonly stageReports: readonly StageReport[]
  readonly checks: readonly CheckResult[]
}

/** A time in milliseconds as text. `–` stands for a time that is not known. */
export const milliseconds = (value: number | null | undefined): string =>
  value === null || value === undefined ? '–' : `${Math.round(value)} ms`

const percentile = (values: readonly number[], percent: number): number | null =>
  values.toSorted((one, other) => one - other)[Math.ceil((values.length * percent) / 100) - 1] ??
  null

/** The name and the value of every figure of the run. */
export const figuresOf = (findings: Findings): readonly (readonly [string, string])[] => {
  const { requests, seconds, dual, outage, switches, rollback } = findings
  const responseTimes = requests.map((request) => request.milliseconds)
  const slowest = (pick: (one: ModeSwitch) => number | null) =>
    switches.reduce<number | null>((most, one) => {
      const value = pick(one)
      return value === null ? most : Math.max(value, most ?? 0)
    }, null)
  const latencyRow = (name: string, found: Latency | null): readonly [string, string] => [
    `${name} in mode dual: commit to acknowledgement`,
    found === null
      ? '–'
      : `p50 ${milliseconds(found.p50)}, p95 ${milliseconds(found.p95)}, p99 ${milliseconds(found.p99)}, ${found.count} deliveries`,
  ]
  return [
    ['duration of the run', `${Math.round(seconds)} s`],
    [
      'changes requested',
      `${requests.length}, ${(requests.length / seconds).toFixed(0)} per second`,
    ],
    ['failed requests', String(requests.filter(({ status }) => status !== 200).length)],
    [
      'response time of a change',
      `p50 ${milliseconds(percentile(responseTimes, 50))}, p95 ${milliseconds(percentile(responseTimes, 95))}, p99 ${milliseconds(percentile(responseTimes, 99))}`,
    ],
    [
      'start of the command to the first change on the new route, slowest',
      milliseconds(slowest(({ firstRouted }) => firstRouted)),
    ],
    [
      'start of the command until both instances show the new mode, slowest',
      milliseconds(slowest(({ shownByAll }) => shownByAll)),
    ],
    ['going back while NATS is down: duration of the command', milliseconds(rollback?.command)],
    [
      'going back while NATS is down: start of the command to the first change on the new route',
      milliseconds(rollback?.firstRouted),
    ],
    [
      'going back while NATS is down: start of the command to the first of these changes at Backend',
      milliseconds(rollback?.firstAtBackend),
    ],
    latencyRow('event channel', dual.events),
    latencyRow('HTTP channel', dual.calls),
    ...(outage === null ? [] : outageFigures(outage)),
  ]
}

const outageFigures = (outage: Outage): readonly (readonly [string, string])[] => {
  const { from, until, standInMs, backend, drainedMs, caughtUpMs } = outage
  return [
    ['time that NATS was down', `${((until - from) / 1000).toFixed(1)} s`],
    ['kill of NATS to the first call that stood in for an event', milliseconds(standInMs)],
    [
      'age of a change when Backend received it by a call that stood in for its event',
      backend === null
        ? '–'
        : `p50 ${milliseconds(backend.p50)}, p95 ${milliseconds(backend.p95)}, ${backend.count} calls`,
    ],
    ['restart of NATS until the stream has every event', milliseconds(drainedMs)],
    ...Object.entries(caughtUpMs).map(([name, value]): readonly [string, string] => [
      `restart of NATS until ${name} has every change`,
      milliseconds(value),
    ]),
  ]
}

/** The whole report as Markdown. */
export const writeReport = (findings: Findings): string => {
  const { marks, switches, stageReports, checks, startedAt } = findings
  const held = checks.filter(({ holds }) => holds).length
  return [
    `# Rehearsal of ${startedAt.toISOString()}`,
    '',
    held === checks.length
      ? `All ${held} checks hold.`
      : `**${checks.length - held} of ${checks.length} checks do not hold.**`,
    '',
    ...checks.map(
      ({ what, found, holds }) => `- ${holds ? 'holds' : '**BROKEN**'}: ${what}: ${found}`,
    ),
    '',
    '| figure | value |',
    '|---|---|',
    ...figuresOf(findings).map(([name, value]) => `| ${name} | ${value} |`),
    '',
    '| mode | command ended after | first change on the new route after | both instances show the mode after |',
    '|---|---|---|---|',
    ...switches.map(
      ({ words, command, firstRouted, shownByAll }) =>
        `| ${words} | ${milliseconds(command)} | ${milliseconds(firstRouted)} | ${milliseconds(shownByAll)} |`,
    ),
    '',
    ...marks.map(({ at, text }) => `- ${at.toFixed(1)} s: ${text}`),
    '',
    ...stageReports.flatMap(({ stage, lines }) => [
      `At the end of ${stage}:`,
      '```text',
      ...lines,
      '```',
      '',
    ]),
  ].join('\n')
}
