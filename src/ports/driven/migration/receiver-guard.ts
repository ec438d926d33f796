/**
 * Whether a receiver drops versions that are older than what it has. `none`: its answer does not say so. `unknown`: no
 * answer that counts has come yet, or none came when it was asked.
 */
export type GuardAnswer = 'version' | 'none' | 'unknown'

/** What makes it safe that two legs lead to one receiver: without a guard the slower of them undoes the faster. */
export type ReceiverGuard = {
  /** Asks the receiver now, for at most 5 seconds. Never rejects. */
  ask(): Promise<GuardAnswer>
  /** As the latest answer of the receiver said, to whatever it was. */
  latest(): GuardAnswer
}
