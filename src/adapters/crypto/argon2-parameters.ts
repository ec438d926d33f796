/** What one hash costs: memory in KiB, passes over it, lanes. */
export type Argon2Parameters = {
  readonly memoryKiB: number
  readonly iterations: number
  readonly parallelism: number
}

/** The smallest set that both OWASP's table and ASVS 5.0 accept. */
export const ARGON2_PARAMETERS: Argon2Parameters = {
  memoryKiB: 12 * 1024,
  iterations: 3,
  parallelism: 1,
}

// OWASP Password Storage Cheat Sheet: sets of equal strength, less memory for more passes.
const FLOOR = [
  { memoryKiB: 47104, iterations: 1 },
  { memoryKiB: 19456, iterations: 2 },
  { memoryKiB: 12288, iterations: 3 },
  { memoryKiB: 9216, iterations: 4 },
  { memoryKiB: 7168, iterations: 5 },
] as const

/** @throws Error when no row of OWASP's table is reached: a service with cheaper hashes must not start. */
export const assertStrongEnough = (parameters: Argon2Parameters): void => {
  const reached = FLOOR.some(
    ({ memoryKiB, iterations }) =>
      parameters.memoryKiB >= memoryKiB && parameters.iterations >= iterations,
  )
  if (!reached || parameters.parallelism < 1)
    throw new Error('argon2id parameters are weaker than the OWASP table allows')
}

/** How the PHC string of a hash with these parameters begins. */
export const phcPrefix = ({ memoryKiB, iterations, parallelism }: Argon2Parameters): string =>
  `$argon2id$v=19$m=${memoryKiB},t=${iterations},p=${parallelism}$`

type Cost = Pick<Argon2Parameters, 'memoryKiB' | 'iterations'>

// Measured: a hash takes about 0.3 passes more than it says, for memory that nobody has touched yet.
const EXTRA_PASSES = 0.3

const workOf = ({ memoryKiB, iterations }: Cost): number => memoryKiB * (iterations + EXTRA_PASSES)

// Little memory, for fine steps. Caches hold it, which makes a pass over it so much quicker.
const FILLER_KIB = 512
const FILLER_SPEED = 1.15

/** The hash that takes as long as the difference between two others; null when there is none to speak of. */
export const fillerBetween = (dear: Cost, cheap: Cost): Cost | null => {
  const iterations = Math.round(((workOf(dear) - workOf(cheap)) * FILLER_SPEED) / FILLER_KIB)
  return iterations < 1 ? null : { memoryKiB: FILLER_KIB, iterations }
}
