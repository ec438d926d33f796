import type { Figure, Opened, Sample } from './figure.ts'
import type { Spread } from './statistics.ts'
import { spreadOf } from './statistics.ts'

export type MeasuredBeside = {
  readonly name: string
  readonly values: readonly number[]
  readonly value: Spread
  /** What else was told about it, by name. */
  readonly also: Readonly<Record<string, Spread>>
  /** Our side as a part of this one, round by round. */
  readonly ratio: Spread
  readonly atLeast: number | null
}

export type Measured = {
  readonly figure: string
  readonly unit: Figure['unit']
  readonly ours: string
  readonly values: readonly number[]
  readonly value: Spread
  /** What else was told about our side, by name. */
  readonly also: Readonly<Record<string, Spread>>
  readonly floor: number | null
  readonly atMost: number | null
  readonly none: readonly string[]
  readonly beside: readonly MeasuredBeside[]
  /** Whether the medians keep every limit, and no round told anything of which there must be none. */
  readonly held: boolean
}

/**
 * Measures the sides of a figure right after each other, round by round and in the opposite order in every other round:
 * whatever else the machine does then meets all of them alike.
 */
export const measureInRounds = async (figure: Figure): Promise<Measured> => {
  const sides = [figure.ours, ...figure.beside]
  const opened: { readonly side: Opened; readonly samples: Sample[] }[] = []
  for (const side of sides) opened.push({ side: await side.open(), samples: [] })
  for (let round = 0; round < figure.rounds; round += 1)
    for (const { side, samples } of round % 2 === 0 ? opened : opened.toReversed())
      samples.push(sampleOf(await side.measure()))
  for (const { side } of opened) await side.close()
  return summedUp(
    figure,
    opened.map(({ samples }) => samples),
  )
}

const sampleOf = (measured: number | Sample): Sample =>
  typeof measured === 'number' ? { value: measured, also: {} } : measured

const valuesOf = (samples: readonly Sample[]): number[] => samples.map(({ value }) => value)

const summedUp = (
  { name, unit, ours, beside, floor, atMost, none = [] }: Figure,
  [samples = [], ...others]: readonly (readonly Sample[])[],
): Measured => {
  const values = valuesOf(samples)
  const value = spreadOf(values)
  const compared = beside.map((side, index): MeasuredBeside => {
    const told = others[index] ?? []
    const theirs = valuesOf(told)
    const ratio = spreadOf(values.map((own, round) => own / (theirs[round] ?? Number.NaN)))
    const { atLeast } = side
    const also = alsoTold(told)
    return { name: side.name, values: theirs, value: spreadOf(theirs), also, ratio, atLeast }
  })
  const also = alsoTold(samples)
  const held =
    keepsOwnLimits({ value, also, floor, atMost, none }) &&
    compared.every(({ ratio, atLeast }) => atLeast === null || ratio.median >= atLeast)
  return {
    ...{ figure: name, unit, ours: ours.name, values, value, also, floor, atMost, none },
    ...{ beside: compared, held },
  }
}

type OwnLimits = Pick<Measured, 'value' | 'also' | 'floor' | 'atMost' | 'none'>

/** Whether our side is as it must be by itself. */
export const keepsOwnLimits = ({ value, also, floor, atMost, none }: OwnLimits): boolean =>
  (floor === null || value.median >= floor) &&
  (atMost === null || value.median <= atMost) &&
  none.every((thing) => also[thing]?.most === 0)

const alsoTold = (samples: readonly Sample[]): Readonly<Record<string, Spread>> => {
  const names = Object.keys(samples[0]?.also ?? {})
  return Object.fromEntries(
    names.map((name) => [name, spreadOf(samples.map(({ also }) => also[name] ?? Number.NaN))]),
  )
}
