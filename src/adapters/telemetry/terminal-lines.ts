import { isPlainText } from '../../domain/shared/plain-text.ts'

/** A fault as the log describes it. */
export type DescribedFault = {
  readonly type: string
  readonly message: string
  readonly stack?: string
  readonly cause?: DescribedFault
}

type Line = {
  readonly level: string
  readonly time: string
  readonly event: string
  readonly err?: DescribedFault
} & Readonly<Record<string, unknown>>

/** A line of the log for a person at a terminal: time of day in UTC, level, event and fields; below it the fault. */
export const terminalLine = (json: string): string => {
  const { level, time, event, err, ...fields }: Line = JSON.parse(json)
  const shown = Object.entries(fields).map(([name, value]) => `${name}=${shownValue(value)}`)
  const head = `${time.slice(11, 19)} ${level.padEnd(5)} ${event}`
  const line = shown.length === 0 ? head : `${head}  ${shown.join(' ')}`
  return `${[line, ...faultLines(err, '')].join('\n')}\n`
}

const shownValue = (value: unknown): string =>
  typeof value === 'string' && !value.includes(' ') ? shownText(value) : quoted(value)

const shownText = (text: string): string => (isPlainText(text) ? text : quoted(text))

/** JSON escapes control characters. Here what turns or hides text is escaped, too. */
const quoted = (value: unknown): string =>
  JSON.stringify(value).replace(/./gsu, (letter) =>
    isPlainText(letter)
      ? letter
      : letter
          .split('')
          .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
          .join(''),
  )

const faultLines = (fault: DescribedFault | undefined, before: string): readonly string[] => {
  if (fault === undefined) return []
  const { type, message, stack = '', cause } = fault
  return [
    `    ${before}${type}: ${shownText(message)}`,
    ...stack
      .split('\n')
      .filter((frame) => frame !== '')
      .map((frame) => `      ${frame}`),
    ...faultLines(cause, 'caused by '),
  ]
}
