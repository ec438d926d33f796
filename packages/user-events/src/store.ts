/** What was last applied of one user. It stays when the user is deleted, so that nothing late revives them. */
export type Position = {
  readonly userId: string
  readonly version: number
  readonly eventId: string
}

/**
 * Where a consumer keeps what it has applied, together with what its handler writes: both are committed or neither.
 * One store may serve several consumers.
 */
export type Store<Tx> = {
  /** Runs `work` in a transaction: committed when it resolves, rolled back and rejected when it rejects. */
  transact<T>(work: (tx: Tx) => Promise<T>): Promise<T>
  /**
   * Takes the user for this consumer until the transaction ends: whoever else asks waits, and is then told what was
   * committed. Null when nothing was applied yet.
   */
  takePosition(tx: Tx, consumer: string, userId: string): Promise<Position | null>
  /** Called with the user taken. */
  keepPosition(tx: Tx, consumer: string, position: Position): Promise<void>
}
