import { Unavailable } from '../../../domain/shared/unavailable.ts'
import type { Log } from '../../../ports/driven/shared/log.ts'

/** Writes the fault of one request, with the trace id and the route of the request. */
export type WriteFault = (
  fault: unknown,
  fields: { readonly traceId: string; readonly route: string },
) => void

const BETWEEN_LINES_MS = 1000

/**
 * Writes every fault, except temporary ones that are alike: of those one a second, with the number of those that were left out
 * since the last line. In overload most requests have such a fault, and its stack costs more than the answer. The line `request`
 * is written for every request nevertheless.
 * @param now monotonic milliseconds.
 */
export const makeWriteFault = (log: Log, now = () => performance.now()): WriteFault => {
  const latest = new Map<string, { readonly at: number; leftOut: number }>()
  return (fault, fields) => {
    if (!(fault instanceof Unavailable)) return log('error', 'request.fault', fields, fault)
    const last = latest.get(fault.message)
    if (last !== undefined && now() - last.at < BETWEEN_LINES_MS) {
      last.leftOut += 1
      return
    }
    latest.set(fault.message, { at: now(), leftOut: 0 })
    log('error', 'request.fault', { ...fields, leftOut: last?.leftOut ?? 0 }, fault)
  }
}
