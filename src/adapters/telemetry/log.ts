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

/** One JSON object a line: level, time, event, the given fields, the fault with its causes. Nothing else is added. */
export const makeLog = ({ level, traceId, destination }: LogNeeds): Log => {
  // Synchronous, so that the last lines of a process that ends are not lost.
  const logger = pino(
    {
      level,
      base: null,
      timestamp: stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      // The library's own ways with `err` join the messages of all causes, and repeat the first one as `msg`.
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
