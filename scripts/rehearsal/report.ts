import type { Checked } from './check.ts'
import type { Mark } from './journal.ts'
import type { legBetween } from './legs-over-time.ts'
import type { Asked } from './load.ts'
import type { Outage } from './outage.ts'
import type { Rollback } from './rollback.ts'
import type { Switched } from './switch-mode.ts'

export type Findings = {
  readonly beganAt: Date
  readonly seconds: number
  readonly marks: readonly Mark[]
  readonly asked: readonly Asked[]
  readonly switches: readonly Switched[]
  readonly dual: Readonly<Record<'events' | 'calls', Awaited<ReturnType<typeof legBetween>>>>
  readonly outage: Outage | null
  readonly rollback: Rollback | null
  /** What `auth sync report` said at the end of some stages. */
  readonly verdicts: readonly { readonly stage: string; readonly lines: readonly string[] }[]
  readonly checks: readonly Checked[]
}

export const ms = (value: number | null | undefined): string =>
  value === null || value === undefined ? '–' : `${Math.round(value)} ms`

const percentile = (values: readonly number[], percent: number): number | null =>
  values.toSorted((one, other) => one - other)[Math.ceil((values.length * percent) / 100) - 1] ??
  null

/** Name and value of every figure of the run. */
export const figuresOf = (findings: Findings): readonly (readonly [string, string])[] => {
  const { asked, seconds, dual, outage, switches, rollback } = findings
  const took = asked.map(({ milliseconds }) => milliseconds)
  const slowest = (pick: (one: Switched) => number | null) =>
    switches.reduce<number | null>((most, one) => {
      const value = pick(one)
      return value === null ? most : Math.max(value, most ?? 0)
    }, null)
  const leg = (name: string, found: Findings['dual']['calls']): readonly [string, string] => [
    `${name} in mode dual: commit to acknowledgement`,
    found === null
      ? '–'
      : `p50 ${ms(found.p50)}, p95 ${ms(found.p95)}, p99 ${ms(found.p99)}, ${found.count} deliveries`,
  ]
  return [
    ['duration of the run', `${Math.round(seconds)} s`],
    ['changes requested', `${asked.length}, ${(asked.length / seconds).toFixed(0)} per second`],
    ['failed requests', String(asked.filter(({ status }) => status !== 200).length)],
    [
      'response time of a change',
      `p50 ${ms(percentile(took, 50))}, p95 ${ms(percentile(took, 95))}, p99 ${ms(percentile(took, 99))}`,
    ],
    [
      'start of the command to the first change on the new route, slowest',
      ms(slowest(({ firstRouted }) => firstRouted)),
    ],
    [
      'start of the command until both instances show the new mode, slowest',
      ms(slowest(({ shownByAll }) => shownByAll)),
    ],
    ['going back while NATS is down: duration of the command', ms(rollback?.command)],
    [
      'going back while NATS is down: start of the command to the first change on the new route',
      ms(rollback?.firstRouted),
    ],
    [
      'going back while NATS is down: start of the command to the first of these changes at Backend',
      ms(rollback?.told),
    ],
    leg('event channel', dual.events),
    leg('HTTP channel', dual.calls),
    ...(outage === null ? [] : outageFigures(outage)),
  ]
}

const outageFigures = (outage: Outage): readonly (readonly [string, string])[] => {
  const { from, until, standInMs, backend, drainedMs, caughtUpMs } = outage
  return [
    ['time that NATS was down', `${((until - from) / 1000).toFixed(1)} s`],
    ['kill of NATS to the first call that stood in for an event', ms(standInMs)],
    [
      'age of a change when Backend received it by a call that stood in for its event',
      backend === null
        ? '–'
        : `p50 ${ms(backend.p50)}, p95 ${ms(backend.p95)}, ${backend.count} calls`,
    ],
    ['restart of NATS until the stream has every event', ms(drainedMs)],
    ...Object.entries(caughtUpMs).map(([name, value]): readonly [string, string] => [
      `restart of NATS until ${name} has every change`,
      ms(value),
    ]),
  ]
}

/** The whole report as text; Markdown, since that is read as text too. */
export const writeReport = (findings: Findings): string => {
  const { marks, switches, verdicts, checks, beganAt } = findings
  const held = checks.filter(({ holds }) => holds).length
  return [
    `# Rehearsal of ${beganAt.toISOString()}`,
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
        `| ${words} | ${ms(command)} | ${ms(firstRouted)} | ${ms(shownByAll)} |`,
    ),
    '',
    ...marks.map(({ at, text }) => `- ${at.toFixed(1)} s: ${text}`),
    '',
    ...verdicts.flatMap(({ stage, lines }) => [
      `At the end of ${stage}:`,
      '```text',
      ...lines,
      '```',
      '',
    ]),
  ].join('\n')
}
