import { expect, test } from 'bun:test'
import { readdirSync, readFileSync } from 'node:fs'
import { ARGON2_PARAMETERS } from '../../../src/adapters/crypto/argon2-parameters.ts'
import { makeArgon2Passwords } from '../../../src/adapters/crypto/argon2-passwords.ts'

/** The niceness of each thread of this process, by the name of the thread. Only Linux tells it. */
const nicenessOfThreads = (): readonly (readonly [name: string, niceness: number])[] =>
  readdirSync('/proc/self/task').map((thread) => {
    const stat = readFileSync(`/proc/self/task/${thread}/stat`, 'utf8')
    const end = stat.lastIndexOf(')')
    return [stat.slice(stat.indexOf('(') + 1, end), Number(stat.slice(end + 2).split(' ')[16])]
  })

test('all threads that compute hashes give way, and no other does [PW10]', async () => {
  await makeArgon2Passwords({ parameters: ARGON2_PARAMETERS, inFlight: 2 })
  const threads = process.platform === 'linux' ? nicenessOfThreads() : []
  const hashing = threads.filter(([name]) => name.startsWith('Bun Pool'))
  if (process.platform === 'linux') expect(hashing.length).toBeGreaterThanOrEqual(1)
  expect(hashing.filter(([, niceness]) => niceness !== 10)).toEqual([])
  expect(threads.filter((thread) => !hashing.includes(thread) && thread[1] !== 0)).toEqual([])
})
