import { parseSessionId } from '../../domain/shared/ids.ts'
import { fail, ok } from '../../domain/shared/result.ts'
import type { EndSession } from '../../ports/driving/sessions/sessions.ts'
import type { EndOneSession } from './end-one-session.ts'

/** See `EndSession`. */
export const makeEndSession =
  (endOneSession: EndOneSession): EndSession =>
  async (caller, text) => {
    const id = parseSessionId(text)
    return id !== null && (await endOneSession(id, caller.id))
      ? ok(null)
      : fail({ kind: 'not-found' })
  }
