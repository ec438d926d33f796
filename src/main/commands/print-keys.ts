import process from 'node:process'
import type { SigningKeys } from '../../adapters/crypto/signing-keys.ts'
import {
  generateSigningKey,
  generateSigningKeys,
  retire,
  rotate,
  writeSigningKeys,
} from '../../adapters/crypto/signing-keys.ts'
import type { CommandOutcome } from '../../ports/driving/operations/owner-commands.ts'
import { makeWebhookSecret } from '../config/backend-settings.ts'
import { readSetting } from '../config/read-settings.ts'
import { makeRefreshKey } from '../config/refresh-keys.ts'
import { SETTINGS } from '../config/settings.ts'
import { readTextFile } from '../configuration.ts'
import { EXIT } from '../exit-codes.ts'

/** Keys for a new installation, as the environment takes them. Nothing is stored. */
export const printNewKeys = (): CommandOutcome => ({
  exitCode: EXIT.ok,
  lines: [
    '# Keep these where your secrets are kept; they are not stored anywhere else.',
    assignment('JWT_KEYS', oneLine(generateSigningKeys())),
    assignment('REFRESH_KEY', makeRefreshKey()),
    '# Only where Backend is told over HTTP; Backend gets it too.',
    assignment('BACKEND_SYNC_SECRET', makeWebhookSecret()),
  ],
})

const CHANGES = {
  'keys-rotate': {
    change: (keys: SigningKeys) => rotate(keys, generateSigningKey('next')),
    advice: '# Deploy this to every instance. The key before goes on verifying.',
  },
  'keys-retire': {
    change: retire,
    advice: '# Deploy this once the last token of the retired key has expired.',
  },
} as const

/**
 * The key set of the environment, changed, for its keeper to store; null when the environment has none and the
 * service keeps its keys itself.
 */
export const printChangedKeys = (name: keyof typeof CHANGES): CommandOutcome | null => {
  const problems: string[] = []
  const keys = readSetting(SETTINGS.jwtKeys, process.env, readTextFile, (variable, complaint) => {
    problems.push(`${variable} ${complaint}`)
  })
  if (problems.length > 0) return { exitCode: EXIT.configuration, lines: problems }
  if (keys === null) return null
  const { change, advice } = CHANGES[name]
  return { exitCode: EXIT.ok, lines: [advice, assignment('JWT_KEYS', oneLine(change(keys)))] }
}

const oneLine = (keys: SigningKeys): string => JSON.stringify(JSON.parse(writeSigningKeys(keys)))

/** Quoted so that a shell and an env file read it alike. */
const assignment = (name: string, value: string): string => `${name}='${value}'`
