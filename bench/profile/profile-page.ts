import type { Used } from '../../tests/load/run/watch-processes.ts'
import type { BareMachine } from '../measurement/bare-machine.ts'
import { machineText } from '../report/machine-text.ts'
import type { RunConditions } from '../report/run-conditions.ts'
import type { StatementCost } from './count-statements.ts'
import type { ProfileSummary } from './summarize-profile.ts'

export type ProfileReport = {
  readonly figure: string
  /** What was measured, as the figure names it. */
  readonly ours: string
  readonly bareMachine: BareMachine
  readonly conditions: RunConditions
  readonly used: Readonly<Record<string, Used>>
  readonly profile: ProfileSummary
  /** The statements, the dearest first, or why there are none. */
  readonly statements: readonly StatementCost[] | string
}

const MOST_PARTS = 25
const MOST_FUNCTIONS = 15
const MOST_STATEMENTS = 10
const LONGEST_START = 100

const percent = (share: number): string => `${(share * 100).toFixed(1)} %`
const cell = (text: string): string => text.replaceAll('|', '\\|')

/** A page that shows where the time of a figure goes. */
export const profilePage = (report: ProfileReport): string => {
  const { figure, ours, bareMachine, conditions, used, profile } = report
  const cores = Object.entries(used).map(([name, one]) => `${name} ${one.cores.toFixed(2)}`)
  return `# Where the time goes: ${figure}

In the minute before this run the bare machine made ${machineText(bareMachine)}.
Measured: ${ours}. Busy cores: ${cores.length === 0 ? 'not measured' : cores.join(', ')}.

## The thread of the service
${profile.samples} samples, about one for each millisecond in which JavaScript ran. Hashing runs in other threads and is not in them. The
share of a part includes the native code that it calls, such as writes to sockets. "Of it native" is that code alone.

| package or folder | share | of it native |
|---|---|---|
${profile.parts
  .slice(0, MOST_PARTS)
  .map(
    ({ name, share, nativeShare }) => `| ${name} | ${percent(share)} | ${percent(nativeShare)} |`,
  )
  .join('\n')}

| function | share |
|---|---|
${profile.functions
  .slice(0, MOST_FUNCTIONS)
  .map(({ name, share }) => `| ${cell(name)} | ${percent(share)} |`)
  .join('\n')}

## PostgreSQL
${statementsText(report.statements)}

- ${conditions.date}, commit ${conditions.commit}
- ${conditions.machine}; load before the run ${conditions.loadBefore.toFixed(1)}
`
}

const statementsText = (statements: ProfileReport['statements']): string => {
  if (typeof statements === 'string') return statements
  const all = statements.reduce((sum, { milliseconds }) => sum + milliseconds, 0)
  const dearest = statements
    .slice(0, MOST_STATEMENTS)
    .map((one) => ({ ...one, text: one.text.replaceAll(/\s+/g, ' ').trim() }))
  const rows = dearest.map(({ text, calls, milliseconds }, index) => {
    const start = text.length > LONGEST_START ? `${text.slice(0, LONGEST_START)} …` : text
    return `| ${index + 1} | ${percent(milliseconds / all)} | ${calls} | ${(milliseconds / calls).toFixed(3)} | ${cell(start)} |`
  })
  return `The ${dearest.length} dearest of ${statements.length} statements. The time is that of execution. It has no
planning, no round trip, and no sync to disk of a statement that commits by itself.

| | share | calls | ms per call | statement |
|---|---|---|---|---|
${rows.join('\n')}

${dearest.map(({ text }, index) => `${index + 1}. \`\`${text}\`\``).join('\n')}`
}
