/** Several rounds of one thing. */
export type Spread = {
  readonly median: number
  readonly least: number
  readonly most: number
}

/** @throws RangeError when there is nothing to sum up. */
export const spreadOf = (values: readonly number[]): Spread => {
  const sorted = values.toSorted((a, b) => a - b)
  const [least, most] = [sorted[0], sorted.at(-1)]
  const [lower, upper] = [
    sorted[Math.floor((sorted.length - 1) / 2)],
    sorted[Math.ceil((sorted.length - 1) / 2)],
  ]
  if (least === undefined || most === undefined || lower === undefined || upper === undefined)
    throw new RangeError('nothing was measured')
  return { median: (lower + upper) / 2, least, most }
}
