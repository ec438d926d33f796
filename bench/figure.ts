/** A number in the unit of its figure, and what else the same round told about it. */
export type Sample = { readonly value: number; readonly also: Readonly<Record<string, number>> }

/** Measures one round. */
export type Measure = () => Promise<number | Sample>

/** A side that is ready to be measured, again and again. */
export type Opened = { readonly measure: Measure; close(): Promise<unknown> }

export type Side = { readonly name: string; open(): Promise<Opened> }

/** What the ratio of our side to another one must reach: 0.6 is 60 %. Null: told only. */
export type Beside = Side & { readonly atLeast: number | null }

export type Figure = {
  readonly name: string
  readonly unit: 'per second' | 'seconds' | 'ms' | 'MB'
  readonly rounds: number
  readonly ours: Side
  /** Measured in the same rounds, since only ratios within one run mean anything on a shared machine. */
  readonly beside: readonly Beside[]
  /** What our own side must reach; null: none. */
  readonly floor: number | null
  /** The highest that our own side may be; null: none. */
  readonly atMost: number | null
  /** What our own side also tells, and must be 0 in every round. */
  readonly none?: readonly string[]
}

/** The same, and what else was opened for it is closed with it. */
export const closingToo = ({ measure, close }: Opened, other: () => Promise<unknown>): Opened => ({
  measure,
  close: async () => {
    await close()
    await other()
  },
})

/** Of a measurement that needs nothing before and after. */
export const always = (measure: Measure) => async (): Promise<Opened> => ({
  measure,
  close: async () => {},
})
