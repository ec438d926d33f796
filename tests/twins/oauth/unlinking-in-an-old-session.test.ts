import { expect, test } from 'bun:test'
import type { UnlinkIdentity } from '../../../src/ports/driving/oauth/oauth.ts'
import { givenDatabase } from '../../support/builders/database/given-database.ts'
import { unlinkedLate } from '../../support/builders/oauth/given-links.ts'
import type { GivenUseCases } from '../../support/builders/service/given-use-cases.ts'

const database = await givenDatabase()

/** Takes every session for one that has just signed in. */
const twin =
  ({ unlinkIdentity, clock }: GivenUseCases): UnlinkIdentity =>
  (caller, provider) =>
    unlinkIdentity(
      { ...caller, session: { ...caller.session, authenticatedAt: clock() } },
      provider,
    )

test('an unlinking that asks for no recent sign-in is caught by an old session', async () => {
  const right = await unlinkedLate(database)
  expect([right.late.ok, await right.identities()]).toEqual([false, 1])
  const wrong = await unlinkedLate(database, twin)
  expect([wrong.late.ok, await wrong.identities()]).toEqual([true, 0])
})
