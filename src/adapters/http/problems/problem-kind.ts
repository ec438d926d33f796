/** One kind of refusal or fault as clients see it. `code` is contract; titles and meanings may be reworded. */
export type ProblemKind = {
  readonly status: number
  readonly title: string
  readonly meaning: string
  /** What a client does about it. */
  readonly remedy: string
}
