import { randomUUID } from 'node:crypto'
import { rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { ARGON2_PARAMETERS } from '../../adapters/crypto/argon2-parameters.ts'
import { makeArgon2Passwords } from '../../adapters/crypto/argon2-passwords.ts'
import { parsePassword } from '../../domain/passwords/password.ts'
import type { Finding } from './findings.ts'
import { ill, well } from './findings.ts'

export const checkRuntime = (): Finding => {
  const { bun, deno, node } = process.versions
  if (bun !== undefined) return compareVersion('Bun', bun, '1.4.5')
  return deno === undefined
    ? compareVersion('Node', node, '20.0.0')
    : compareVersion('Deno', deno, '2.0.0')
}

const compareVersion = (name: string, version: string, least: string): Finding =>
  isAtLeast(version, least)
    ? well(`${name} ${version}`)
    : ill(`${name} ${version}, which is older than ${least}`)

const isAtLeast = (version: string, least: string): boolean =>
  version.localeCompare(least, 'en', { numeric: true }) >= 0

const SLOWEST_HASH_MILLISECONDS = 250
const TRIES = 3

/** Sign-ins are as fast as the hash, and each needs its memory for as long. */
export const checkPasswordHash = async (): Promise<Finding> => {
  const passwords = await makeArgon2Passwords({ parameters: ARGON2_PARAMETERS, inFlight: 1 })
  const password = parsePassword(randomUUID())
  if (password === null) return ill('the password could not be read')
  const times: number[] = []
  for (let index = 0; index < TRIES; index += 1) {
    const began = performance.now()
    await passwords.hash(password)
    times.push(performance.now() - began)
  }
  const fastest = Math.min(...times)
  const detail = `${fastest.toFixed(0)} ms and ${ARGON2_PARAMETERS.memoryKiB / 1024} MiB for each`
  return fastest <= SLOWEST_HASH_MILLISECONDS
    ? well(detail)
    : ill(`${detail}; more than ${SLOWEST_HASH_MILLISECONDS} ms keeps people waiting`)
}

const LARGEST_DRIFT_MILLISECONDS = 5000
const THIS_WAS_WRITTEN = Date.UTC(2025, 0)

/** Tokens live by the clock: it must not be somewhere else entirely, and must agree with the disk's. */
export const checkClock = async (): Promise<Finding> => {
  const now = Date.now()
  if (now < THIS_WAS_WRITTEN) return ill(`it is not ${new Date(now).toISOString()} any more`)
  const path = join(tmpdir(), randomUUID())
  try {
    await writeFile(path, '', { flag: 'wx' })
    const drift = Math.abs((await stat(path)).mtimeMs - now)
    return drift <= LARGEST_DRIFT_MILLISECONDS
      ? well(new Date(now).toISOString())
      : ill(`it differs from that of the disk by ${Math.round(drift / 1000)} s`)
  } finally {
    await rm(path, { force: true })
  }
}
