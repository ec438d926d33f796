/** Where a stream stands, and since when it exists. */
type Position = {
  readonly createdAt: Date
  readonly firstSequence: number
  readonly lastSequence: number
}

type Acknowledged = {
  readonly lowest: number
  readonly highest: number
  readonly ranBackwards: boolean
}

export type Suspicion = 'made-anew' | 'rewound' | 'truncated'

/**
 * Why a stream may lack what it once acknowledged; null when nothing hints at it. Looks at three numbers only, so
 * that it can be asked every minute. `acknowledged` covers what the stream must still hold.
 */
export const suspicionOf = (
  remembered: Position | null,
  present: Position,
  acknowledged: Acknowledged | null,
): Suspicion | null => {
  if (acknowledged === null) return null
  if (remembered !== null && remembered.createdAt.getTime() !== present.createdAt.getTime())
    return 'made-anew'
  // A sequence is never given twice, so a lower one after a higher one comes from another history.
  if (present.lastSequence < acknowledged.highest || acknowledged.ranBackwards) return 'rewound'
  return present.firstSequence > acknowledged.lowest ? 'truncated' : null
}
