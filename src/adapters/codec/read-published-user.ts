import { decode } from '../../../packages/user-events/src/index.ts'
import type { PublishedState } from '../../domain/accounts/user.ts'
import { parseUserId } from '../../domain/shared/ids.ts'
import type { ReadToldUser } from '../../ports/driven/events/published-users.ts'

/** Reads by the contract, of whichever version. The first one does not tell whether an address is verified. */
export const readToldUser: ReadToldUser = (message) => {
  const second = decode(message, 2)
  const read = second.ok ? second : decode(message, 1)
  const userId = read.ok ? parseUserId(read.event.userId) : null
  if (!read.ok || userId === null) return null
  const { data, version, action } = read.event
  const { email, username, displayName, avatar, role, isActive } = data
  const emailVerified = 'emailVerified' in data && data.emailVerified
  const state = { email, emailVerified, username, displayName, avatar, role, isActive }
  // It was a published state when it was told.
  return { userId, version, isDeleted: action === 'deleted', state: state as PublishedState }
}
