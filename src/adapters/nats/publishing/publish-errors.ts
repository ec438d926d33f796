import { ErrorCode, NatsError } from 'nats'
import type { PublishFailureKind } from '../../../domain/events/publish-failure.ts'
import { PublishFailure } from '../../../domain/events/publish-failure.ts'

/**
 * What a refusal by a stream means, by the server's `err_code`. The HTTP-like status of the answer is too coarse: it is the
 * same for a full and for an absent stream. docs/nats.md explains each code.
 */
const KIND_OF_CODE: ReadonlyMap<number, PublishFailureKind> = new Map([
  [10002, 'retryable'], // the account's limits are reached
  [10008, 'retryable'], // JetStream is temporarily unavailable
  [10009, 'retryable'], // not the leader
  [10023, 'retryable'], // the server's resources are exhausted
  [10028, 'retryable'], // no memory left
  [10039, 'retryable'], // JetStream is not enabled for the account
  [10047, 'retryable'], // no storage left
  [10060, 'retryable'], // another stream has the subject
  [10063, 'retryable'], // the leader has just changed
  [10076, 'retryable'], // JetStream is not enabled
  [10077, 'retryable'], // not stored: the stream has all the messages or bytes that it may have
  [10109, 'retryable'], // sealed
  [10118, 'retryable'], // offline
  [10163, 'retryable'], // the expected sequence cannot be checked yet
  [10167, 'retryable'], // too many requests
  [10194, 'retryable'], // offline, with a reason
  [10158, 'ambiguous'], // a message with this id is being stored at this moment
  [10054, 'permanent'], // larger than the stream takes
  [10070, 'permanent'], // another message id was expected to be the last
  [10071, 'permanent'], // another sequence was expected to be the last
  [10097, 'permanent'], // headers larger than the server takes
  [10111, 'permanent'], // a roll-up that the stream does not allow
  [10164, 'permanent'], // as 10071
  [10165, 'permanent'], // a lifetime that cannot be read
  [10166, 'permanent'], // a lifetime, where the stream knows none
])

export type StreamRefusal = { readonly code: number; readonly description: string }

/** A code that only later servers know is ambiguous: perhaps the message was stored, so only the same id may be sent again. */
export const refusedByStream = ({ code, description }: StreamRefusal): PublishFailure =>
  new PublishFailure(KIND_OF_CODE.get(code) ?? 'ambiguous', `${description} (${code})`)

const KIND_OF_CLIENT_CODE: ReadonlyMap<string, PublishFailureKind> = new Map([
  [ErrorCode.NoResponders, 'retryable'],
  [ErrorCode.ConnectionClosed, 'retryable'],
  [ErrorCode.ConnectionDraining, 'retryable'],
  [ErrorCode.MaxPayloadExceeded, 'permanent'],
  [ErrorCode.BadHeader, 'permanent'],
  [ErrorCode.BadSubject, 'permanent'],
])

const SHOWN: ReadonlyMap<string, string> = new Map([
  [ErrorCode.NoResponders, 'no stream listens on the subject'],
  [ErrorCode.ConnectionClosed, 'not connected'],
  [ErrorCode.MaxPayloadExceeded, 'larger than the server takes'],
  [ErrorCode.Timeout, 'no acknowledgement in time'],
])

/** A fault of the client after it got the message. Unless the message is known to be unsent, it may have been stored. */
export const failedInClient = (fault: unknown): PublishFailure => {
  if (!(fault instanceof NatsError))
    return new PublishFailure('ambiguous', 'unknown fault', because(fault))
  const kind = isRefusedPublish(fault) ? 'permanent' : KIND_OF_CLIENT_CODE.get(fault.code)
  return new PublishFailure(
    kind ?? 'ambiguous',
    SHOWN.get(fault.code) ?? fault.message,
    because(fault),
  )
}

/** A permission error may also be about the subscription to answers, which says nothing about the message itself. */
const isRefusedPublish = ({ code, permissionContext }: NatsError): boolean =>
  code === ErrorCode.PermissionsViolation && permissionContext?.operation === 'publish'

const because = (cause: unknown) => ({ cause })
