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

// The most that other libraries use by default: 64 MiB and 4 lanes. A stored hash beyond that was not made by a service.
const MAXIMUM_MEMORY_KIB = 64 * 1024
const MAXIMUM_LANES = 4
/** Memory times passes. */
const MAXIMUM_WORK = 4 * MAXIMUM_MEMORY_KIB
/** The minimum of argon2 for each lane. */
const MINIMUM_KIB_PER_LANE = 8

// A salt of 8 to 48 bytes and an output of 16 to 64, in base64 without padding.
const PHC =
  /^\$argon2id\$v=19\$m=([1-9]\d{0,6}),t=([1-9]\d{0,3}),p=([1-9])\$([A-Za-z0-9+/]{11,64})\$([A-Za-z0-9+/]{22,86})$/

/**
 * The parameters of a stored hash. Null for a text that is no argon2id hash in the PHC format, and for one that would cost
 * so much that a single comparison harms the service [PW14]. Nothing is computed.
 */
export const parsePhc = (stored: string): Argon2Parameters | null => {
  const [whole, memory, passes, lanes, salt = '', output = ''] = PHC.exec(stored) ?? []
  if (whole !== stored || !isCanonicalBase64(salt) || !isCanonicalBase64(output)) return null
  const [memoryKiB, iterations, parallelism] = [Number(memory), Number(passes), Number(lanes)]
  const isBounded =
    memoryKiB >= MINIMUM_KIB_PER_LANE * parallelism &&
    memoryKiB <= MAXIMUM_MEMORY_KIB &&
    memoryKiB * iterations <= MAXIMUM_WORK &&
    parallelism <= MAXIMUM_LANES
  return isBounded ? { memoryKiB, iterations, parallelism } : null
}

const isCanonicalBase64 = (text: string): boolean =>
  Buffer.from(text, 'base64').toString('base64').replaceAll('=', '') === text

/** The start of the PHC string of every hash with these parameters. */
export const phcPrefix = ({ memoryKiB, iterations, parallelism }: Argon2Parameters): string =>
  `$argon2id$v=19$m=${memoryKiB},t=${iterations},p=${parallelism}$`
