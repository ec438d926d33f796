/** Measures one round; the number is in the unit of its figure. */
export type Measure = () => Promise<number>

/** A side that is ready to be measured, again and again. */
export type Opened = { readonly measure: Measure; close(): Promise<unknown> }

export type Side = { readonly name: string; open(): Promise<Opened> }

/** What the ratio of our side to another one must reach: 0.6 is 60 %. Null: told only. */
export type Beside = Side & { readonly atLeast: number | null }

export type Figure = {
  readonly name: string
  readonly unit: 'per second' | 'seconds' | 'MB'
  readonly rounds: number
  readonly ours: Side
  /** Measured in the same rounds, since only ratios within one run mean anything on a shared machine. */
  readonly beside: readonly Beside[]
  /** The highest that our own side may be; null: none. */
  readonly atMost: number | null
}

/** Of a measurement that needs nothing before and after. */
export const always = (measure: Measure) => async (): Promise<Opened> => ({
  measure,
  close: async () => {},
})
