import type { StreamPosition } from './stream-report.ts'

/** The sequences that a stream acknowledged and must still hold. */
type AcknowledgedRange = {
  readonly lowest: number
  readonly highest: number
  /** A lower sequence was acknowledged after the highest one. */
  readonly ranBackwards: boolean
}

export type Suspicion = 'made-anew' | 'rewound' | 'truncated'

/**
 * Why a stream may lack messages that it once acknowledged; null when nothing hints at it. It compares a few numbers
 * only, so that it can run every minute.
 */
export const suspicionOf = (
  remembered: StreamPosition | null,
  present: StreamPosition,
  acknowledged: AcknowledgedRange | null,
): Suspicion | null => {
  if (acknowledged === null) return null
  if (remembered !== null && remembered.createdAt.getTime() !== present.createdAt.getTime())
    return 'made-anew'
  // A stream never gives a sequence twice, so a lower one after a higher one belongs to another history.
  if (present.lastSequence < acknowledged.highest || acknowledged.ranBackwards) return 'rewound'
  return present.firstSequence > acknowledged.lowest ? 'truncated' : null
}
