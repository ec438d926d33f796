import { expect, test } from 'bun:test'
import fc from 'fast-check'
import type { PublishedState, User } from '../../../../src/domain/accounts/user.ts'
import { publishedState } from '../../../../src/domain/accounts/user.ts'
import { fail, ok } from '../../../../src/domain/shared/result.ts'
import {
  announcement,
  formsOf,
  stateOf,
  storedUser,
  uniqueUserId,
} from '../../../support/builders/accounts/stored-users.ts'
import { givenDatabase } from '../../../support/builders/database/given-database.ts'
import { givenStores } from '../../../support/builders/database/given-stores.ts'

const subject = givenStores(await givenDatabase())
const { users } = subject.stores

/** One user's life as the test knows it: the versions that must be announced, with their states. */
type Life = { user: User; isGone: boolean; published: { action: string; state: PublishedState }[] }

const begin = async (): Promise<Life> => {
  const user = await storedUser(subject)
  return { user, isGone: false, published: [{ action: 'created', state: publishedState(user) }] }
}

const changeOf = ({ user }: Life) => ({ ...publishedState(user), isActive: !user.isActive })

const steps: Record<string, (life: Life) => Promise<void>> = {
  async update(life) {
    const after = changeOf(life)
    const forms = formsOf(after.username)
    const updated = await users.update(life.user, after, ['isActive'], forms, announcement())
    expect(updated.ok).toBe(!life.isGone)
    if (!updated.ok) return
    life.user = updated.value
    life.published.push({ action: 'updated', state: after })
  },
  async updateStale(life) {
    const old = { ...life.user, version: life.user.version - 1 }
    const forms = formsOf(old.username)
    const updated = await users.update(old, changeOf(life), ['isActive'], forms, announcement())
    expect(updated).toEqual({ ok: false, refusal: { kind: 'stale' } })
  },
  async updateToTakenName(life) {
    const other = await storedUser(subject)
    const after = { ...changeOf(life), email: other.email }
    const forms = formsOf(life.user.username)
    const updated = await users.update(life.user, after, ['email'], forms, announcement())
    expect(updated.ok).toBe(false)
  },
  async updateAndRefuse(life) {
    await subject.transact(async (stores) => {
      const after = changeOf(life)
      await stores.users.update(life.user, after, [], formsOf(after.username), announcement())
      return fail({ kind: 'no' })
    })
  },
  async updateTwiceAtOnce(life) {
    const after = changeOf(life)
    const forms = formsOf(after.username)
    const committed = await subject.transact(async (stores) => {
      const first = await stores.users.update(life.user, after, [], forms, announcement())
      return first.ok ? stores.users.update(first.value, after, [], forms, announcement()) : first
    })
    if (!committed.ok) return
    life.user = committed.value
    life.published.push({ action: 'updated', state: after }, { action: 'updated', state: after })
  },
  async remove(life) {
    const removed = await users.remove(life.user, announcement())
    expect(removed.ok).toBe(!life.isGone)
    if (life.isGone) return
    life.isGone = true
    life.published.push({ action: 'deleted', state: publishedState(life.user) })
  },
  async insertAndFail() {
    const [id, state] = [uniqueUserId(), stateOf()]
    const run = subject.transact(async (stores) => {
      await stores.users.insert(id, state, formsOf(state.username), announcement())
      throw new Error('the machine stopped')
    })
    await run.catch(() => ok(null))
    const page = await subject.ledger.read({ after: null, userId: id, limit: 1 })
    expect(page?.entries).toEqual([])
  },
}

test('whatever happens, each version of a user has exactly one event, without a gap', async () => {
  const life = fc.array(fc.constantFrom(...Object.keys(steps)), { maxLength: 25 })
  await fc.assert(
    fc.asyncProperty(life, async (names) => {
      const lived = await begin()
      for (const name of names) await steps[name]?.(lived)
      const page = await subject.ledger.read({ after: null, userId: lived.user.id, limit: 100 })
      const events = (page?.entries ?? []).map(({ event }) => event)
      expect(events.map(({ version }) => version)).toEqual(
        lived.published.map((_, index) => index + 1),
      )
      expect<Life['published']>(events.map(({ action, state }) => ({ action, state }))).toEqual(
        lived.published,
      )
      expect(await users.find(lived.user.id)).toEqual(lived.isGone ? null : lived.user)
    }),
    { numRuns: 30 },
  )
}, 60_000)
