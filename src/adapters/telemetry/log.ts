import type { DestinationStream } from 'pino'
import { pino, stdTimeFunctions } from 'pino'
import { faultLine } from '../../domain/shared/fault-line.ts'
import type { Log, LogLevel } from '../../ports/driven/shared/log.ts'
import type { DescribedFault } from './terminal-lines.ts'
import { terminalLine } from './terminal-lines.ts'

export type LogNeeds = {
  /** The least level that is written; `silent` writes nothing. */
  readonly level: LogLevel | 'silent'
  /** The trace that a line belongs to, unless its fields name one. */
  readonly traceId: () => string | null
  /** Standard output unless given. */
  readonly destination?: DestinationStream
  /** Whether a person reads the lines at a terminal. */
  readonly isForTerminal?: boolean
}

/**
 * Writes one JSON object per line: level, time, event, trace id, the given fields, and the fault with its causes. For a
 * terminal it writes the same as text.
 */
export const makeLog = ({
  level,
  traceId,
  destination = pino.destination({ dest: 1, sync: true }),
  isForTerminal = false,
}: LogNeeds): Log => {
  // Writes synchronously, so that the last lines before the end of the process are not lost.
  const logger = pino(
    {
      level,
      base: null,
      timestamp: stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      // The library's own serializer of `err` joins the messages of all causes, and repeats the first one as `msg`.
      serializers: { err: (described: DescribedFault) => described },
      errorKey: 'thrown',
    },
    isForTerminal ? { write: (line) => destination.write(terminalLine(line)) } : destination,
  )
  return (lineLevel, event, fields = {}, fault) => {
    if (!logger.isLevelEnabled(lineLevel)) return
    const err = fault === undefined ? {} : { err: describeFault(fault) }
    logger[lineLevel]({ event, traceId: traceId() ?? undefined, ...fields, ...err })
  }
}

const DEEPEST_CAUSE = 8

/**
 * A fault as plain values: the first line of its message and the frames of its stack. Other lines are left out, because some
 * drivers write the parameters of a statement there, and so email addresses.
 */
const describeFault = (fault: unknown, depth = 1): DescribedFault => {
  if (!(fault instanceof Error)) return { type: typeof fault, message: faultLine(fault) }
  const [message = ''] = fault.message.split('\n', 1)
  const stack = framesOf(fault)
  const hasCause = fault.cause !== undefined && depth < DEEPEST_CAUSE
  return {
    type: fault.name,
    message,
    ...(stack === '' ? {} : { stack }),
    ...(hasCause ? { cause: describeFault(fault.cause, depth + 1) } : {}),
  }
}

const framesOf = ({ stack = '' }: Error): string =>
  stack
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line.startsWith('at '))
    .join('\n')
