import { expect, test } from 'bun:test'
import fc from 'fast-check'
import { followingBackend } from '../../support/fakes/migration/following-backend.ts'

/** Sends a Backend each version twice, once on each channel: each channel in order, one of them slower by `lag`. */
const endOf = async (keepsLast: boolean, versions: number, lag: number): Promise<number> => {
  const backend = await followingBackend(keepsLast)
  const tell = (version: number) =>
    fetch(backend.url, {
      method: 'POST',
      headers: { 'ce-subject': 'u', 'ce-sequence': String(version).padStart(20, '0') },
      body: JSON.stringify({ displayName: `Name ${version}` }),
    })
  for (let step = 1; step <= versions + lag; step += 1) {
    if (step <= versions) await tell(step)
    if (step > lag) await tell(step - lag)
  }
  await backend.close()
  return backend.users.get('u')?.version ?? 0
}

test('a Backend without the version guard runs backwards on its way whenever one channel lags', async () => {
  const backend = await followingBackend(true)
  const seen: number[] = []
  for (const version of [1, 2, 3, 1, 2]) {
    await fetch(backend.url, {
      method: 'POST',
      headers: { 'ce-subject': 'u', 'ce-sequence': String(version) },
      body: '{"displayName":null}',
    })
    seen.push(backend.users.get('u')?.version ?? 0)
  }
  await backend.close()
  expect(seen).toEqual([1, 2, 3, 1, 2])
})

test('a Backend with the version guard ends with the newest, however far one channel lags', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 6 }),
      fc.integer({ min: 0, max: 6 }),
      async (versions, lag) => {
        expect(await endOf(false, versions, lag)).toBe(versions)
      },
    ),
    { numRuns: 15 },
  )
})
