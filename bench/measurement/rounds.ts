import type { Figure, OpenedSide, Sample } from './figure.ts'

/** The median of several rounds, with the least and the greatest value. */
export type Spread = {
  readonly median: number
  readonly min: number
  readonly max: number
}

export type MeasuredBaseline = {
  readonly name: string
  readonly values: readonly number[]
  readonly value: Spread
  /** Further numbers of its rounds, by name. */
  readonly details: Readonly<Record<string, Spread>>
  /** The value of our side divided by the value of this one, round by round. */
  readonly ratio: Spread
  readonly minRatio: number | null
  readonly maxRatio?: number
}

export type MeasuredFigure = {
  readonly figure: string
  readonly unit: Figure['unit']
  readonly ours: string
  readonly values: readonly number[]
  readonly value: Spread
  /** Further numbers of the rounds of our side, by name. */
  readonly details: Readonly<Record<string, Spread>>
  readonly min: number | null
  readonly max: number | null
  readonly mustBeZero: readonly string[]
  readonly baselines: readonly MeasuredBaseline[]
  /** True when the medians meet every limit, and every detail that must be 0 was 0 in every round. */
  readonly meetsLimits: boolean
}

/**
 * Measures all sides of a figure right after each other, round by round. Every other round has the opposite order. So the
 * other load of the machine affects all sides in the same way.
 */
export const measureInRounds = async (figure: Figure): Promise<MeasuredFigure> => {
  const opened: { readonly side: OpenedSide; readonly samples: Sample[] }[] = []
  for (const side of [figure.ours, ...figure.baselines])
    opened.push({ side: await side.open(), samples: [] })
  for (let round = 0; round < figure.rounds; round += 1)
    for (const { side, samples } of round % 2 === 0 ? opened : opened.toReversed())
      samples.push(sampleOf(await side.measure()))
  for (const { side } of opened) await side.close()
  return summarize(
    figure,
    opened.map(({ samples }) => samples),
  )
}

const sampleOf = (measured: number | Sample): Sample =>
  typeof measured === 'number' ? { value: measured, details: {} } : measured

const summarize = (
  figure: Figure,
  [ourSamples = [], ...baselineSamples]: readonly (readonly Sample[])[],
): MeasuredFigure => {
  const values = valuesOf(ourSamples)
  const own = {
    value: spreadOf(values),
    details: detailsOf(ourSamples),
    min: figure.min,
    max: figure.max,
    mustBeZero: figure.mustBeZero ?? [],
  }
  const baselines = figure.baselines.map(
    ({ name, minRatio, maxRatio }, index): MeasuredBaseline => {
      const samples = baselineSamples[index] ?? []
      const theirs = valuesOf(samples)
      return {
        name,
        values: theirs,
        value: spreadOf(theirs),
        details: detailsOf(samples),
        ratio: spreadOf(values.map((value, round) => value / (theirs[round] ?? Number.NaN))),
        minRatio,
        ...(maxRatio === undefined ? {} : { maxRatio }),
      }
    },
  )
  return {
    figure: figure.name,
    unit: figure.unit,
    ours: figure.ours.name,
    values,
    ...own,
    baselines,
    meetsLimits: meetsOwnLimits(own) && baselines.every(meetsRatio),
  }
}

/** True when the ratio to this baseline is within its limits. */
export const meetsRatio = ({
  ratio,
  minRatio,
  maxRatio,
}: Pick<MeasuredBaseline, 'ratio' | 'minRatio' | 'maxRatio'>): boolean =>
  (minRatio === null || ratio.median >= minRatio) &&
  (maxRatio === undefined || ratio.median <= maxRatio)

type OwnLimits = Pick<MeasuredFigure, 'value' | 'details' | 'min' | 'max' | 'mustBeZero'>

/** True when our side meets its limits, whatever its ratios to the baselines are. */
export const meetsOwnLimits = ({ value, details, min, max, mustBeZero }: OwnLimits): boolean =>
  (min === null || value.median >= min) &&
  (max === null || value.median <= max) &&
  mustBeZero.every((name) => details[name]?.max === 0)

const valuesOf = (samples: readonly Sample[]): number[] => samples.map(({ value }) => value)

const detailsOf = (samples: readonly Sample[]): Readonly<Record<string, Spread>> => {
  const names = Object.keys(samples[0]?.details ?? {})
  return Object.fromEntries(
    names.map((name) => [
      name,
      spreadOf(samples.map(({ details }) => details[name] ?? Number.NaN)),
    ]),
  )
}

/** @throws RangeError when there are no values. */
export const spreadOf = (values: readonly number[]): Spread => {
  const sorted = values.toSorted((a, b) => a - b)
  const [min, max] = [sorted[0], sorted.at(-1)]
  const [lower, upper] = [
    sorted[Math.floor((sorted.length - 1) / 2)],
    sorted[Math.ceil((sorted.length - 1) / 2)],
  ]
  if (min === undefined || max === undefined || lower === undefined || upper === undefined)
    throw new RangeError('there are no values to summarize')
  return { median: (lower + upper) / 2, min, max }
}
