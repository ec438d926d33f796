import { parseUsername } from '../../../../src/domain/accounts/username.ts'
import type { Channel, UserEvent } from '../../../../src/domain/events/user-event.ts'
import { SHARDS } from '../../../../src/domain/events/user-event.ts'
import type { EventId, UserId } from '../../../../src/domain/shared/ids.ts'
import { parseUserId } from '../../../../src/domain/shared/ids.ts'
import type { DueQuery } from '../../../../src/ports/driven/events/deliveries.ts'

export const givenUserId = (number: number): UserId => {
  const id = parseUserId(`0198f3a2-0000-7000-8000-${String(number).padStart(12, '0')}`)
  if (id === null) throw new Error('not a user id')
  return id
}

/** The id of the event of one user's version. */
export const givenEventId = (user: number, version: number): EventId => {
  const [ofUser, ofVersion] = [
    user.toString(16).padStart(4, '0'),
    String(version).padStart(12, '0'),
  ]
  return `0198f3a3-${ofUser}-7000-8000-${ofVersion}` as EventId
}

/** The event of one user's version, with a state that says which. */
export const givenEvent = (user: number, version: number, occurredAt: Date): UserEvent => {
  const username = parseUsername(`user${user}v${version}`)
  if (!username.ok) throw new Error('not a username')
  return {
    eventId: givenEventId(user, version),
    userId: givenUserId(user),
    version,
    action: version === 1 ? 'created' : 'updated',
    state: {
      email: null,
      emailVerified: false,
      username: username.value,
      displayName: null,
      avatar: null,
      role: 'user',
      isActive: true,
    },
    changed: version === 1 ? [] : ['username'],
    occurredAt,
    traceparent: null,
  }
}

export const ALL_SHARDS: readonly number[] = Array.from({ length: SHARDS }, (_, shard) => shard)

/** Everything that is due on a channel now, whichever instance holds the shards. */
export const everythingDue = (channel: Channel): DueQuery => ({
  channel,
  shards: ALL_SHARDS,
  except: [],
  limit: 100,
  now: new Date(),
})
