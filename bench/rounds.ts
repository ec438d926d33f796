import type { Figure, Opened } from './figure.ts'
import type { Spread } from './statistics.ts'
import { spreadOf } from './statistics.ts'

export type MeasuredBeside = {
  readonly name: string
  readonly values: readonly number[]
  readonly value: Spread
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
  readonly atMost: number | null
  readonly beside: readonly MeasuredBeside[]
  /** Whether the medians keep every limit. */
  readonly held: boolean
}

/**
 * Measures the sides of a figure right after each other, round by round and in the opposite order in every other round:
 * whatever else the machine does then meets all of them alike.
 */
export const measureInRounds = async (figure: Figure): Promise<Measured> => {
  const sides = [figure.ours, ...figure.beside]
  const opened: { readonly side: Opened; readonly values: number[] }[] = []
  for (const side of sides) opened.push({ side: await side.open(), values: [] })
  for (let round = 0; round < figure.rounds; round += 1)
    for (const { side, values } of round % 2 === 0 ? opened : opened.toReversed())
      values.push(await side.measure())
  for (const { side } of opened) await side.close()
  return summedUp(
    figure,
    opened.map(({ values }) => values),
  )
}

const summedUp = (
  { name, unit, ours, beside, atMost }: Figure,
  [values = [], ...others]: readonly (readonly number[])[],
): Measured => {
  const value = spreadOf(values)
  const compared = beside.map((side, index): MeasuredBeside => {
    const theirs = others[index] ?? []
    const ratio = spreadOf(values.map((own, round) => own / (theirs[round] ?? Number.NaN)))
    const { atLeast } = side
    return { name: side.name, values: theirs, value: spreadOf(theirs), ratio, atLeast }
  })
  const held =
    (atMost === null || value.median <= atMost) &&
    compared.every(({ ratio, atLeast }) => atLeast === null || ratio.median >= atLeast)
  return { figure: name, unit, ours: ours.name, values, value, atMost, beside: compared, held }
}
