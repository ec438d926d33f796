/** The sample that this part of all samples is below. */
export const quantile = (samples: readonly number[], part: number): number =>
  samples.toSorted((one, other) => one - other)[Math.floor(samples.length * part)] ?? Number.NaN

/**
 * The time of an answer on an idle machine: the mean of the quick samples, from the first to the tenth percentile. The
 * quickest samples are left out as outliers, and the slow ones because of other load on the machine.
 */
export const floorOf = (samples: readonly number[]): number => {
  const quick = samples
    .toSorted((one, other) => one - other)
    .slice(Math.floor(samples.length * 0.01), Math.ceil(samples.length * 0.1))
  return quick.reduce((sum, sample) => sum + sample, 0) / quick.length
}

/**
 * How well two sets of samples can be told apart: the probability that a sample of one set is greater than a sample of the
 * other (area under the ROC curve). At least ½; ½ means not at all.
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
