/** The sample below which this part of all lies. */
export const quantile = (samples: readonly number[], part: number): number =>
  samples.toSorted((one, other) => one - other)[Math.floor(samples.length * part)] ?? Number.NaN

/**
 * What an answer takes when nothing else wants the machine: the mean of the quick samples, from the first to the tenth
 * percentile. The very quickest are left out as freaks, the slow ones as the neighbours' doing.
 */
export const floorOf = (samples: readonly number[]): number => {
  const quick = samples
    .toSorted((one, other) => one - other)
    .slice(Math.floor(samples.length * 0.01), Math.ceil(samples.length * 0.1))
  return quick.reduce((sum, sample) => sum + sample, 0) / quick.length
}

/**
 * How well the best threshold-free classifier tells two sets of samples apart: the chance that a sample of the one
 * is greater than a sample of the other (area under the ROC curve), never under ½.
 */
export const separability = (ones: readonly number[], others: readonly number[]): number => {
  const ranked = [
    ...ones.map((sample) => ({ sample, isOne: true })),
    ...others.map((sample) => ({ sample, isOne: false })),
  ].toSorted((a, b) => a.sample - b.sample)
  const rankSum = ranked.reduce((sum, { isOne }, index) => sum + (isOne ? index + 1 : 0), 0)
  const wins = rankSum - (ones.length * (ones.length + 1)) / 2
  const area = wins / (ones.length * others.length)
  return Math.max(area, 1 - area)
}
