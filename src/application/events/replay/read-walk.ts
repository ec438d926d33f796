import type { UserId } from '../../../domain/shared/ids.ts'
import { parseUserId } from '../../../domain/shared/ids.ts'
import type { Result } from '../../../domain/shared/result.ts'
import { fail, ok } from '../../../domain/shared/result.ts'
import type { ReplayPlace } from '../../../ports/driven/events/replays.ts'
import type { Walk, WalkRefusal } from '../../../ports/driving/events/direct-events.ts'

const RATE = /^[1-9]\d{0,4}$/
const USUAL_RATE = 1000
const FASTEST = 20_000
/** So many at once are held in memory. */
const MOST_AT_ONCE = 500

export type Pace = { readonly perSecond: number; readonly atOnce: number }

/** How fast to go. One part takes about a second at most, so that it can be stopped and waited for. */
export const readPace = ({ rate }: Walk): Result<Pace, WalkRefusal> => {
  const perSecond = rate === null ? USUAL_RATE : RATE.test(rate) ? Number(rate) : 0
  return perSecond < 1 || perSecond > FASTEST
    ? fail({ kind: 'invalid-rate' })
    : ok({ perSecond, atOnce: Math.min(perSecond, MOST_AT_ONCE) })
}

/** The user behind whom to go on. */
export const readUserPlace = ({ after }: Walk): Result<UserId | null, WalkRefusal> => {
  const user = after === null ? null : parseUserId(after)
  return user === null && after !== null ? fail({ kind: 'invalid-place' }) : ok(user)
}

const VERSION = /^[1-9]\d{0,14}$/

export const writeReplayPlace = ({ userId, version }: ReplayPlace): string => `${userId}.${version}`

/** The event behind which to go on. */
export const readReplayPlace = ({ after }: Walk): Result<ReplayPlace | null, WalkRefusal> => {
  if (after === null) return ok(null)
  const [user = '', version = '', ...rest] = after.split('.')
  const userId = parseUserId(user)
  return userId === null || !VERSION.test(version) || rest.length > 0
    ? fail({ kind: 'invalid-place' })
    : ok({ userId, version: Number(version) })
}
