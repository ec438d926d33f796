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
}

/** Keys for a new installation, as the environment takes them. Nothing is stored. */
export const printNewKeys = ({ generateKeys }: GivenKeysNeeds): CommandOutcome => {
  const { jwtKeys, refreshKey, backendSyncSecret } = generateKeys()
  return {
    exitCode: EXIT.ok,
    lines: [
      '# Store these with your secrets. They are not stored anywhere else.',
      assignment('JWT_KEYS', jwtKeys),
      assignment('REFRESH_KEY', refreshKey),
      '# Only if this service calls Backend over HTTP. Backend needs the same value.',
      assignment('BACKEND_SYNC_SECRET', backendSyncSecret),
    ],
  }
}

const ADVICE = {
  rotate: '# Deploy this to every instance. Tokens of the previous key are still accepted.',
  retire: '# Deploy this once the last token of the retired key has expired.',
} as const

/**
 * The key set of the environment, changed, for its operator to store; null when the environment has none and the
 * service keeps its keys itself.
 */
export const printChangedKeys = (
  { changeGivenKeys }: GivenKeysNeeds,
  change: keyof typeof ADVICE,
): CommandOutcome | null => {
  const changed = changeGivenKeys(change)
  if (!changed.ok) return { exitCode: EXIT.configuration, lines: changed.refusal }
  if (changed.value === null) return null
  return { exitCode: EXIT.ok, lines: [ADVICE[change], assignment('JWT_KEYS', changed.value)] }
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
