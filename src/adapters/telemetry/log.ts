import type { DestinationStream } from 'pino'
import { pino, stdTimeFunctions } from 'pino'
import type { Log, LogLevel } from '../../ports/driven/shared/log.ts'
import type { DescribedFault } from './describe-fault.ts'
import { describeFault } from './describe-fault.ts'

export type LogNeeds = {
  /** The least level that is written; `silent` writes nothing. */
  readonly level: LogLevel | 'silent'
  /** The trace that a line belongs to, unless its fields name one. */
  readonly traceId: () => string | null
  /** Standard output unless given. */
  readonly destination?: DestinationStream
}

/** Writes one JSON object per line: level, time, event, trace id, the given fields, and the fault with its causes. */
export const makeLog = ({ level, traceId, destination }: LogNeeds): Log => {
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
    destination ?? pino.destination({ dest: 1, sync: true }),
  )
  return (lineLevel, event, fields = {}, fault) => {
    if (!logger.isLevelEnabled(lineLevel)) return
    const err = fault === undefined ? {} : { err: describeFault(fault) }
    logger[lineLevel]({ event, traceId: traceId() ?? undefined, ...fields, ...err })
  }
}
