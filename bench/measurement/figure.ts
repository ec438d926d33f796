/** The result of one round: a number in the unit of its figure, and further numbers of the same round by name. */
export type Sample = {
  readonly value: number
  readonly details: Readonly<Record<string, number>>
}

/** Measures one round. */
export type Measure = () => Promise<number | Sample>

/** A side of a figure that is set up and can be measured any number of times. */
export type OpenedSide = {
  readonly measure: Measure
  close(): Promise<unknown>
}

/** What is measured: the service, or something that it is compared with. */
export type Side = {
  readonly name: string
  open(): Promise<OpenedSide>
}

/** Something that the service is compared with. */
export type Baseline = Side & {
  /** The least ratio of the service to this baseline: 0.6 is 60 %. Null: there is no limit. */
  readonly minRatio: number | null
  /** The greatest ratio, for times. Left out: there is no limit. */
  readonly maxRatio?: number
}

export type Figure = {
  readonly name: string
  readonly unit: 'per second' | 'seconds' | 'ms' | 'MB'
  readonly rounds: number
  readonly ours: Side
  /** Measured in the same rounds as our side. On a shared machine only ratios within one run are meaningful. */
  readonly baselines: readonly Baseline[]
  /** The least value of our side. Null: there is no limit. */
  readonly min: number | null
  /** The greatest value of our side. Null: there is no limit. */
  readonly max: number | null
  /** Details of our side that must be 0 in every round. */
  readonly mustBeZero?: readonly string[]
}

/** The same side. Its `close` also closes something else. */
export const alsoClosing = (
  { measure, close }: OpenedSide,
  closeOther: () => Promise<unknown>,
): OpenedSide => ({
  measure,
  close: async () => {
    await close()
    await closeOther()
  },
})

/** The `open` of a side that needs no set-up. */
export const withoutSetUp = (measure: Measure) => async (): Promise<OpenedSide> => ({
  measure,
  close: async () => {},
})
