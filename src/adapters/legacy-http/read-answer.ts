import { PublishFailure } from '../../domain/events/publish-failure.ts'
import type { GuardAnswer } from '../../ports/driven/migration/receiver-guard.ts'
import type { Answer } from './bounded-request.ts'

const ALREADY_NEWER = 409
/** The message itself is refused: it is no better when it comes again. */
const PERMANENT: ReadonlySet<number> = new Set([400, 413, 415, 422])

const isSuccess = (status: number): boolean => status >= 200 && status < 300

/**
 * What a receiver's answer to a change means.
 * @throws PublishFailure for every status but 2xx and 409.
 */
export const readAnswer = ({ status }: Answer): { readonly alreadyNewer: boolean } => {
  if (isSuccess(status) || status === ALREADY_NEWER)
    return { alreadyNewer: status === ALREADY_NEWER }
  const kind = PERMANENT.has(status) ? 'permanent' : 'retryable'
  // Some runtimes hide the status of a redirect that is not followed.
  throw new PublishFailure(kind, status === 0 ? 'answered with a redirect' : `answered ${status}`)
}

/** Only who accepts a request speaks for the receiver: a proxy before it, or its own guard of the door, does not. */
export const readGuard = ({ status, headers }: Answer): GuardAnswer => {
  if (!isSuccess(status) && status !== ALREADY_NEWER) return 'unknown'
  return headers.get('x-sync-guard') === 'version' ? 'version' : 'none'
}
