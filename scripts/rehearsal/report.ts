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
    `${name} in dual: commit to acknowledgement`,
    found === null
      ? '–'
      : `p50 ${ms(found.p50)}, p95 ${ms(found.p95)}, p99 ${ms(found.p99)}, ${found.count} deliveries`,
  ]
  return [
    ['length', `${Math.round(seconds)} s`],
    ['changes asked for', `${asked.length}, ${(asked.length / seconds).toFixed(0)} a second`],
    ['requests failed', String(asked.filter(({ status }) => status !== 200).length)],
    [
      'time to answer a change',
      `p50 ${ms(percentile(took, 50))}, p95 ${ms(percentile(took, 95))}, p99 ${ms(percentile(took, 99))}`,
    ],
    [
      'command to first change that went the new way, slowest',
      ms(slowest(({ firstRouted }) => firstRouted)),
    ],
    ['command to both instances showing it, slowest', ms(slowest(({ shownByAll }) => shownByAll))],
    ['going back while NATS is dead: command to its end', ms(rollback?.command)],
    ['the same, to the first change that went that way', ms(rollback?.firstRouted)],
    ['the same, to the first such change that Backend had', ms(rollback?.told)],
    leg('events', dual.events),
    leg('calls', dual.calls),
    ...(outage === null ? [] : outageFigures(outage)),
  ]
}

const outageFigures = (outage: Outage): readonly (readonly [string, string])[] => {
  const { from, until, standInMs, backend, drainedMs, caughtUpMs } = outage
  return [
    ['NATS was away', `${((until - from) / 1000).toFixed(1)} s`],
    ['NATS killed to the first call that stood in', ms(standInMs)],
    [
      'age of a change when Backend had it by call, while events led',
      backend === null
        ? '–'
        : `p50 ${ms(backend.p50)}, p95 ${ms(backend.p95)}, ${backend.count} calls`,
    ],
    ['NATS back to everything in the stream', ms(drainedMs)],
    ...Object.entries(caughtUpMs).map(([name, value]): readonly [string, string] => [
      `NATS back to ${name} having everything`,
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
    '| figure | |',
    '|---|---|',
    ...figuresOf(findings).map(([name, value]) => `| ${name} | ${value} |`),
    '',
    '| mode | command ended | first change that way | both instances show it |',
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
