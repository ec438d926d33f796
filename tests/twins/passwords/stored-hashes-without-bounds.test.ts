import { expect, test } from 'bun:test'
import { ARGON2_PARAMETERS } from '../../../src/adapters/crypto/argon2-parameters.ts'
import {
  judgementOf,
  REFUSED_LIKE_A_WRONG_PASSWORD,
  UNUSABLE_HASHES,
} from '../../support/builders/passwords/unusable-hashes.ts'
import { plantedFault } from '../../support/builders/repository/planted-fault.ts'

type Parameters = typeof import('../../../src/adapters/crypto/argon2-parameters.ts')
type Argon2 = typeof import('../../../src/adapters/crypto/argon2-passwords.ts')

/** Those of the unusable hashes whose parameters would be computed. */
const computed = async (right?: string, wrong?: string) => {
  const { parsePhc } = await plantedFault<Parameters>(
    'src/adapters/crypto/argon2-parameters.ts',
    right,
    wrong,
  )
  return UNUSABLE_HASHES.filter(([, stored]) => parsePhc(stored) !== null).map(([name]) => name)
}

/** What becomes of a text that is no hash. */
const judged = async (right?: string, wrong?: string) => {
  const { makeArgon2Passwords } = await plantedFault<Argon2>(
    'src/adapters/crypto/argon2-passwords.ts',
    right,
    wrong,
  )
  const open = (onVerified: () => void) =>
    makeArgon2Passwords({ parameters: ARGON2_PARAMETERS, inFlight: 1, onVerified })
  return judgementOf(open, 'hunter2')
}

test('the hashes as they are compute none of those, and refuse them like a wrong password', async () => {
  expect(await computed()).toEqual([])
  expect(await judged()).toEqual(REFUSED_LIKE_A_WRONG_PASSWORD)
})

test.each([
  ['memory', 'memoryKiB <= MAXIMUM_MEMORY_KIB &&', 'more memory than 64 MiB'],
  ['work', 'memoryKiB * iterations <= MAXIMUM_WORK &&', 'too many passes for its memory'],
  ['lanes', ' &&\n    parallelism <= MAXIMUM_LANES', 'five lanes'],
  [
    'memory for each lane',
    'memoryKiB >= MINIMUM_KIB_PER_LANE * parallelism &&',
    'less memory than its lanes need',
  ],
])('hashes without a bound of %s are caught by one beyond it', async (_, bound, caught) => {
  expect<string[]>(await computed(bound, '')).toEqual([caught])
})

test('a comparison with whatever is stored is caught by a text that is no hash', async () => {
  const judgement = await judged(
    'verify(usable ?? decoy, password)',
    'verify(stored ?? decoy, password)',
  )
  expect(judgement).not.toEqual(REFUSED_LIKE_A_WRONG_PASSWORD)
})
