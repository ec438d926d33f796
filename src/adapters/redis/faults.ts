import { ReplyError } from 'ioredis'
import { Unavailable } from '../../domain/shared/unavailable.ts'

/** Errors of Redis that can go away by themselves: it is loading, full, read-only, or refuses the credentials. */
const TEMPORARY =
  /\b(?:READONLY|OOM|LOADING|MASTERDOWN|MISCONF|NOREPLICAS|BUSY|CLUSTERDOWN|TRYAGAIN|NOAUTH|WRONGPASS|NOPERM|EXECABORT)\b/

/**
 * `Unavailable` for faults that can go away by themselves: the server is down, silent, read-only or full. The errors of the
 * package carry the command with its arguments, so they are not passed on.
 */
export const faultOf = (error: unknown): unknown => {
  if (!(error instanceof Error) || error instanceof TypeError) return error
  const cause = new Error(reasonOf(error))
  return error instanceof ReplyError && !TEMPORARY.test(error.message)
    ? new Error('redis refused a command', { cause })
    : new Unavailable('redis is not available', 1, { cause })
}

/** The reason in a word or two, for logs. */
export const reasonOf = (fault: unknown): string => {
  if (!(fault instanceof Error)) return 'unknown'
  if (fault instanceof ReplyError)
    return TEMPORARY.exec(fault.message)?.[0] ?? fault.message.split(' ')[0] ?? 'refused'
  if (fault.message === 'Command timed out') return 'no answer'
  return 'code' in fault && typeof fault.code === 'string' ? fault.code : fault.message
}
