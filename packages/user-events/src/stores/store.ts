/** The last applied event of one user. It is kept when the user is deleted, so that no late event revives the user. */
export type Position = {
  readonly userId: string
  readonly version: number
  readonly eventId: string
}

/**
 * Where a consumer keeps the position of each user. The position and the writes of the handler are committed together. One
 * store may serve several consumers.
 */
export type Store<Tx> = {
  /** Runs `work` in a transaction: committed when it resolves, rolled back and rejected when it rejects. */
  transact<T>(work: (tx: Tx) => Promise<T>): Promise<T>
  /**
   * Locks the user for this consumer until the transaction ends. Other callers wait, and then get what was committed. Null
   * when no event of the user was applied yet.
   */
  takePosition(tx: Tx, consumer: string, userId: string): Promise<Position | null>
  /** Called only after `takePosition` of the same user in the same transaction. */
  keepPosition(tx: Tx, consumer: string, position: Position): Promise<void>
}
