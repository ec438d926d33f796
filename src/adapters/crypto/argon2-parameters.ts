/** The cost of one hash: memory in KiB, passes over the memory, lanes. */
export type Argon2Parameters = {
  readonly memoryKiB: number
  readonly iterations: number
  readonly parallelism: number
}

/** The cheapest parameters that both OWASP's table and ASVS 5.0 accept. */
export const ARGON2_PARAMETERS: Argon2Parameters = {
  memoryKiB: 12 * 1024,
  iterations: 3,
  parallelism: 1,
}

// OWASP Password Storage Cheat Sheet: parameters of equal strength, with less memory for more passes.
const FLOOR = [
  { memoryKiB: 47104, iterations: 1 },
  { memoryKiB: 19456, iterations: 2 },
  { memoryKiB: 12288, iterations: 3 },
  { memoryKiB: 9216, iterations: 4 },
  { memoryKiB: 7168, iterations: 5 },
] as const

/** @throws Error for parameters that are weaker than every row of OWASP's table. The service does not start with them. */
export const assertStrongEnough = (parameters: Argon2Parameters): void => {
  const reached = FLOOR.some(
    ({ memoryKiB, iterations }) =>
      parameters.memoryKiB >= memoryKiB && parameters.iterations >= iterations,
  )
  if (!reached || parameters.parallelism < 1)
    throw new Error('argon2id parameters are weaker than the OWASP table allows')
}

/** The start of the PHC string of every hash with these parameters. */
export const phcPrefix = ({ memoryKiB, iterations, parallelism }: Argon2Parameters): string =>
  `$argon2id$v=19$m=${memoryKiB},t=${iterations},p=${parallelism}$`
