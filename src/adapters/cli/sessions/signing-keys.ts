import { EXIT } from '../../../domain/operations/exit-codes.ts'
import type { ListedKey } from '../../../domain/sessions/signing-key.ts'
import type { Result } from '../../../domain/shared/result.ts'
import type { CommandOutcome } from '../../../ports/driving/operations/owner-commands.ts'
import type {
  RetireSigningKeys,
  RotateSigningKeys,
} from '../../../ports/driving/sessions/signing-keys.ts'

/** The keys of an installation whose operator keeps them. */
export type GivenKeysNeeds = {
  /** New keys, each as its variable takes it. */
  readonly generateKeys: () => {
    readonly jwtKeys: string
    readonly refreshKey: string
    readonly backendSyncSecret: string
  }
  /**
   * JWT_KEYS of the environment, changed; null when it is not set. Refused with the problems of JWT_KEYS, one on a line.
   */
  readonly changeGivenKeys: (
    change: 'rotate' | 'retire',
  ) => Result<string | null, readonly string[]>
  /** Writes a new file that only this user can read. Refused with what is wrong with the path, as half a sentence. */
  readonly writeKeyFile: (path: string, text: string) => Promise<Result<null, string>>
}

/** Keys for a new installation, as the environment takes them, to standard output or to a new file. */
export const makeNewKeys = async (
  needs: GivenKeysNeeds,
  file: string | null,
): Promise<CommandOutcome> => {
  const { jwtKeys, refreshKey, backendSyncSecret } = needs.generateKeys()
  const assignments = [
    assignment('JWT_KEYS', jwtKeys),
    assignment('REFRESH_KEY', refreshKey),
    '# Only if this service calls Backend over HTTP. Backend needs the same value.',
    assignment('BACKEND_SYNC_SECRET', backendSyncSecret),
  ]
  const stored = '# Store these with your secrets. They are not stored anywhere else.'
  if (file === null) return { exitCode: EXIT.ok, lines: [stored, ...assignments] }
  return writeKeys(needs, file, assignments, [
    `Wrote new keys to ${file}. Only you can read it. There is no other copy: store one with your secrets.`,
    `Give each instance this file: JWT_KEYS_FILE=${file} REFRESH_KEY_FILE=${file}`,
  ])
}

const ADVICE = {
  'keys-rotate': 'Deploy this to every instance. Tokens of the previous key are still accepted.',
  'keys-retire': 'Deploy this once the last token of the retired key has expired.',
} as const

const CHANGES = { 'keys-rotate': 'rotate', 'keys-retire': 'retire' } as const

/**
 * The key set of the environment, changed, for its operator to store: printed, or written to a new file. Null when the
 * environment has none and the service keeps its keys itself.
 */
export const changeGivenKeys = async (
  needs: GivenKeysNeeds,
  command: keyof typeof CHANGES,
  file: string | null,
): Promise<CommandOutcome | null> => {
  const changed = needs.changeGivenKeys(CHANGES[command])
  if (!changed.ok) return { exitCode: EXIT.configuration, lines: changed.refusal }
  if (changed.value === null) return file === null ? null : noGivenKeys
  const jwtKeys = assignment('JWT_KEYS', changed.value)
  if (file === null) return { exitCode: EXIT.ok, lines: [`# ${ADVICE[command]}`, jwtKeys] }
  const lines = [`Wrote the keys to ${file}. Set JWT_KEYS_FILE to it.`, ADVICE[command]]
  return writeKeys(needs, file, [jwtKeys], lines)
}

const noGivenKeys: CommandOutcome = {
  exitCode: EXIT.failed,
  lines: ['--out needs JWT_KEYS or JWT_KEYS_FILE: without them the service keeps its keys itself.'],
}

const writeKeys = async (
  { writeKeyFile }: GivenKeysNeeds,
  file: string,
  assignments: readonly string[],
  done: readonly string[],
): Promise<CommandOutcome> => {
  const written = await writeKeyFile(file, `${assignments.join('\n')}\n`)
  return written.ok
    ? { exitCode: EXIT.ok, lines: done }
    : { exitCode: EXIT.failed, lines: [`${file} ${written.refusal}. Nothing was written.`] }
}

/** The value is quoted, so that a shell and an env file read the same text. */
const assignment = (name: string, value: string): string => `${name}='${value}'`

/** Rotates the keys that the service keeps itself. */
export const rotateKeys = async ({
  rotateSigningKeys,
}: {
  readonly rotateSigningKeys: RotateSigningKeys
}): Promise<CommandOutcome> => {
  const rotated = await rotateSigningKeys()
  if (!rotated.ok) return keysNotKept
  const { isRotated, keys } = rotated.value
  const line = isRotated
    ? 'The next key signs tokens now. Tokens of the previous key are still accepted.'
    : 'A next key is published. Rotate again after all services that check tokens have fetched it.'
  return { exitCode: EXIT.ok, lines: [line, ...keyLines(keys)] }
}

/** Removes the retired keys among those that the service keeps itself. */
export const retireKeys = async ({
  retireSigningKeys,
}: {
  readonly retireSigningKeys: RetireSigningKeys
}): Promise<CommandOutcome> => {
  const retired = await retireSigningKeys()
  if (retired.ok) {
    const { isChanged, keys } = retired.value
    return isChanged
      ? { exitCode: EXIT.ok, lines: ['Removed the retired keys.', ...keyLines(keys)] }
      : { exitCode: EXIT.ok, lines: ['No key is retired. Nothing was changed.'] }
  }
  if (retired.refusal.kind === 'keys-not-kept') return keysNotKept
  const until = retired.refusal.until.toISOString()
  return {
    exitCode: EXIT.failed,
    lines: [
      `Tokens of the retired key are valid until ${until}. Retire the key after that. Nothing was changed.`,
    ],
  }
}

const keyLines = (keys: readonly ListedKey[]): readonly string[] =>
  keys.map(({ kid, status }) => `  ${status.padEnd(8)}${kid}`)

const keysNotKept: CommandOutcome = {
  exitCode: EXIT.failed,
  lines: ['The service has its keys from JWT_KEYS. Set JWT_KEYS for this command as well.'],
}
