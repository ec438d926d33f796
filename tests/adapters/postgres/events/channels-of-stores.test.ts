import { afterAll, describe, expect, test } from 'bun:test'
import type { DisplayName } from '../../../../src/domain/accounts/display-name.ts'
import type { Channel } from '../../../../src/domain/events/user-event.ts'
import type { UserId } from '../../../../src/domain/shared/ids.ts'
import {
  announcement,
  registeredUser,
  storedUser,
  updatedUser,
} from '../../../support/builders/accounts/stored-users.ts'
import { givenDatabase } from '../../../support/builders/database/given-database.ts'
import type { StoresUnderTest } from '../../../support/builders/database/given-stores.ts'
import { FIRST, givenStores, SECOND } from '../../../support/builders/database/given-stores.ts'

const database = await givenDatabase()
afterAll(() => database.close())

const OTHER: Channel = 'nats:user.events.v1'

/** Stores in one process that deliver to different channels. Their statements are prepared once for each list of channels. */
const LISTS: readonly (readonly [string, readonly Channel[]])[] = [
  ['two channels', [FIRST, SECOND]],
  ['two other channels', [FIRST, OTHER]],
  ['one channel', [SECOND]],
]

describe('each change of a user is delivered to the channels of its own stores', () => {
  const channelsOf = async ({ ledger }: StoresUnderTest, userId: UserId) => {
    const page = await ledger.read({ after: null, userId, limit: 10 })
    return page?.entries.map(({ deliveries }) =>
      deliveries.map(({ channel }) => channel).toSorted(),
    )
  }

  test.each(LISTS)('where the stores have %s', async (_, channels) => {
    const subject = givenStores(database, channels)
    const user = await storedUser(subject)
    const inactive = await updatedUser(subject, user, { isActive: false })
    const active = await updatedUser(subject, inactive, { isActive: true })
    await subject.stores.users.remove(active, announcement())
    expect(await channelsOf(subject, user.id)).toEqual(Array(4).fill(channels.toSorted()))
  })

  test.each(LISTS)('also for registrations, where the stores have %s', async (_, channels) => {
    const subject = givenStores(database, channels)
    const { id } = await registeredUser(subject)
    expect(await channelsOf(subject, id)).toEqual([channels.toSorted()])
  })

  test.each(LISTS)('also for profiles changed at once, where they have %s', async (_, channels) => {
    const subject = givenStores(database, channels)
    const users = await Promise.all([1, 2, 3].map(() => storedUser(subject)))
    await Promise.all(
      users.map((user) => updatedUser(subject, user, { displayName: 'New' as DisplayName })),
    )
    for (const { id } of users)
      expect(await channelsOf(subject, id)).toEqual(Array(2).fill(channels.toSorted()))
  })
})
