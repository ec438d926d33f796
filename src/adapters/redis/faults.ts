import { ReplyError } from 'ioredis'
import { Unavailable } from '../../domain/shared/unavailable.ts'

/** What Redis answers while it cannot serve, or does not want us, but may do so later. */
const PASSING =
  /\b(?:READONLY|OOM|LOADING|MASTERDOWN|MISCONF|NOREPLICAS|BUSY|CLUSTERDOWN|TRYAGAIN|NOAUTH|WRONGPASS|NOPERM|EXECABORT)\b/

/**
 * `Unavailable` for what is expected to work again by itself: the server is away, silent, read-only, full … Errors of
 * the package carry the command with all that was in it, so none of them goes on.
 */
export const faultOf = (error: unknown): unknown => {
  if (!(error instanceof Error) || error instanceof TypeError) return error
  const cause = new Error(reasonOf(error))
  return error instanceof ReplyError && !PASSING.test(error.message)
    ? new Error('redis refused a command', { cause })
    : new Unavailable('redis is not available', 1, { cause })
}

/** A word or two for logs. */
export const reasonOf = (fault: unknown): string => {
  if (!(fault instanceof Error)) return 'unknown'
  if (fault instanceof ReplyError)
    return PASSING.exec(fault.message)?.[0] ?? fault.message.split(' ')[0] ?? 'refused'
  if (fault.message === 'Command timed out') return 'no answer'
  return 'code' in fault && typeof fault.code === 'string' ? fault.code : fault.message
}
