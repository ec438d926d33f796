import { randomUUID } from 'node:crypto'
import { rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { parsePassword } from '../../../domain/passwords/password.ts'
import type { Passwords } from '../../../ports/driven/passwords/passwords.ts'
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

export type HashNeeds = {
  readonly openPasswordHash: () => Promise<Pick<Passwords, 'hash'>>
  /** The memory that each hash takes. */
  readonly hashMebibytes: number
}

/** A sign-in takes at least as long as the hash, and needs its memory for that time. */
export const checkPasswordHash = async ({
  openPasswordHash,
  hashMebibytes,
}: HashNeeds): Promise<Finding> => {
  const passwords = await openPasswordHash()
  const password = parsePassword(randomUUID())
  if (password === null) return ill('the password could not be read')
  const times: number[] = []
  for (let index = 0; index < TRIES; index += 1) {
    const began = performance.now()
    await passwords.hash(password, null)
    times.push(performance.now() - began)
  }
  const fastest = Math.min(...times)
  const detail = `${fastest.toFixed(0)} ms and ${hashMebibytes} MiB for each`
  return fastest <= SLOWEST_HASH_MILLISECONDS
    ? well(detail)
    : ill(`${detail}; more than ${SLOWEST_HASH_MILLISECONDS} ms keeps people waiting`)
}

const LARGEST_DRIFT_MILLISECONDS = 5000
const WRITTEN_AT = Date.UTC(2025, 0)

/** Tokens expire by the clock: it must not be years off, and must agree with the clock of the disk. */
export const checkClock = async (): Promise<Finding> => {
  const now = Date.now()
  if (now < WRITTEN_AT)
    return ill(`it says ${new Date(now).toISOString()}, which is in the past; set the clock`)
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
