/** Where a stream begins and ends, and when it was made. */
export type StreamPosition = {
  readonly createdAt: Date
  readonly firstSequence: number
  readonly lastSequence: number
}

/** What a stream holds, and on how many servers. */
export type StreamStatus = StreamPosition & {
  readonly name: string
  readonly replicasConfigured: number
  /** Servers that hold every message at this moment, the leader included. */
  readonly replicasCurrent: number
  readonly messages: number
  readonly bytes: number
}

export type StreamState =
  /** As required, or different only in settings that cannot lose a message. */
  | 'ready'
  /** Different in a setting that could lose events. Nothing is published until an operator has corrected it. */
  | 'drifted'
  | 'missing'
  /** Not read since this process started. */
  | 'unknown'

/** One stream compared with its required configuration. */
export type StreamReport = {
  readonly name: string
  readonly state: StreamState
  /** One sentence for each difference that was found and not corrected. */
  readonly differences: readonly string[]
  /** As last read; null before the first reading. */
  readonly status: StreamStatus | null
}
