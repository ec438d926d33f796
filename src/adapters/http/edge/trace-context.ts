import { Buffer } from 'node:buffer'
import { randomFillSync } from 'node:crypto'

export type TraceContext = { readonly traceId: string; readonly traceparent: string }

// Versions after 00 may append fields; ff is invalid (W3C Trace Context §3.2.2).
const TRACEPARENT = /^(?!ff)[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/
const NO_TRACE = '0'.repeat(32)
const NO_SPAN = '0'.repeat(16)
const SAMPLED = '01'

/** Continues the caller's trace with a span of our own, or begins one. */
export const traceContext = (incoming: string | null): TraceContext => {
  const [, traceId = NO_TRACE, parentId = NO_SPAN, flags = SAMPLED] = readTraceparent(incoming)
  const random = freshIds()
  return traceId === NO_TRACE || parentId === NO_SPAN
    ? context(random.slice(0, 32), random.slice(32), SAMPLED)
    : context(traceId, random.slice(32), flags)
}

const readTraceparent = (incoming: string | null): readonly string[] => {
  const match = incoming === null ? null : TRACEPARENT.exec(incoming)
  return match === null || (match[0].startsWith('00') && match[4] !== undefined) ? [] : match
}

const context = (traceId: string, spanId: string, flags: string): TraceContext => ({
  traceId,
  traceparent: `00-${traceId}-${spanId}-${flags}`,
})

const IDS_BYTES = 24
const pool = Buffer.alloc(IDS_BYTES * 128)
let taken = pool.length

/** A trace id and a span id in one. Randomness is drawn for many requests at a time: one by one it costs more than the rest. */
const freshIds = (): string => {
  if (taken === pool.length) {
    randomFillSync(pool)
    taken = 0
  }
  taken += IDS_BYTES
  return pool.toString('hex', taken - IDS_BYTES, taken)
}
