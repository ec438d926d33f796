/** What a stream holds and how safely. */
export type StreamStatus = {
  readonly name: string
  readonly replicasConfigured: number
  /** Servers that hold everything at this moment, the leader among them. */
  readonly replicasCurrent: number
  readonly messages: number
  readonly bytes: number
  readonly firstSequence: number
  readonly lastSequence: number
  readonly createdAt: Date
}

export type StreamState =
  /** As it must be, or different only in what loses nothing. */
  | 'ready'
  /** Different in a way that could lose events: nothing is published until an operator has mended it. */
  | 'drifted'
  | 'missing'
  /** Never read so far. */
  | 'unknown'

export type StreamReport = {
  readonly name: string
  readonly state: StreamState
  /** One sentence for each difference that was found and not mended. */
  readonly differences: readonly string[]
  /** As last read. */
  readonly status: StreamStatus | null
}

/** The broker's streams against what they must be. */
export type EventStreams = {
  /** Reads every stream, compares and, where that is allowed, makes or mends it. What cannot be read stays as last known. */
  verify(): Promise<readonly StreamReport[]>
  /** As of the last `verify`; the stream of all user events is the first. */
  reports(): readonly StreamReport[]
  /** The stream of all user events was found as it must be. */
  isReady(): boolean
}

export type StreamPosition = {
  readonly createdAt: Date
  readonly firstSequence: number
  readonly lastSequence: number
}

export type StoredMessage = {
  readonly sequence: number
  readonly topic: string
  /** The `Nats-Msg-Id` that it was published with; null where there was none. */
  readonly messageId: string | null
}

/** The stream of all user events, as an auditor reads it. */
export type StoredEvents = {
  /**
   * Null when there is no such stream.
   * @throws Unavailable
   */
  position(): Promise<StreamPosition | null>
  /**
   * What is stored from the first to the last sequence, both included, in order; those no longer stored are passed over.
   * @throws Unavailable
   */
  read(first: number, last: number): AsyncIterable<StoredMessage>
}
