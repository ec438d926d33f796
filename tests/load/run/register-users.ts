import { writeFile } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { newFolder } from '../../support/processes/test-run/test-run.ts'
import type { Account, Answer } from '../k6/registration.ts'
import { accountOf, JSON_BODY, refusal, registration, usernameFrom } from '../k6/registration.ts'
import type { Load } from './load-of-suite.ts'
import type { Suite } from './suites.ts'

/** Keeps all cores of the service busy with hashes. The service refuses what exceeds its cores by more than 16. */
const IN_PARALLEL = availableParallelism() + 6
const START_OF_K6_SECONDS = 10
const PROGRESS_EVERY = 1000

/**
 * Registers the users of a suite over HTTP, and writes them to a file in the folder of this run, where k6 reads them.
 * @returns The variables for k6.
 * @throws Error when a registration is refused, and when the access tokens of a suite whose users change would expire before
 * the run ends.
 */
export const registerUsers = async (
  addresses: readonly string[],
  { usersChange }: Pick<Suite, 'usersChange'>,
  { users: count, seconds, warmUpSeconds }: Omit<Load, 'rate'>,
): Promise<Readonly<Record<string, string>>> => {
  if (count === 0) return {}
  const startedAt = performance.now()
  const needed = START_OF_K6_SECONDS + warmUpSeconds + seconds
  const users: Account[] = []
  let next = 0
  let lifetime = 0
  const registerInTurn = async (): Promise<void> => {
    while (next < count) {
      const index = next
      next += 1
      const answer = await register(addresses[index % addresses.length] ?? '', index)
      users.push(accountOf(answer))
      const elapsed = (performance.now() - startedAt) / 1000
      lifetime = answer.tokens.expiresIn
      if (usersChange && elapsed + needed > lifetime)
        throw new Error(
          `the access tokens live ${lifetime} s and would expire before the end: ${users.length} of ${count} registrations took ` +
            `${Math.round(elapsed)} s, and the run takes ${needed} s. Choose fewer USERS or a shorter DURATION.`,
        )
      if (users.length % PROGRESS_EVERY === 0 && users.length < count)
        console.log(`registered ${users.length} of ${count} users in ${Math.round(elapsed)} s`)
    }
  }
  try {
    await Promise.all(Array.from({ length: IN_PARALLEL }, registerInTurn))
  } finally {
    // After a failure the others register nobody else.
    next = count
  }
  const elapsed = (performance.now() - startedAt) / 1000
  const tokens = `Their access tokens live ${lifetime} s, and the run takes ${needed} s.`
  console.log(
    `registered ${count} users in ${elapsed.toFixed(1)} s.${usersChange ? ` ${tokens}` : ''}`,
  )
  const file = join(newFolder('load'), 'users.json')
  await writeFile(file, JSON.stringify(users), { mode: 0o600 })
  return { USERS_FILE: file }
}

const register = async (address: string, index: number): Promise<Answer> => {
  const answer = await fetch(`${address}/v1/auth/register`, {
    method: 'POST',
    headers: JSON_BODY,
    body: registration(usernameFrom(String(index).padStart(7, '0'))),
  })
  if (answer.status !== 201) throw new Error(refusal(answer.status))
  return (await answer.json()) as Answer
}
