import { EXIT } from '../../../domain/operations/exit-codes.ts'
import type { ListedKey } from '../../../domain/sessions/signing-key.ts'
import type { Result } from '../../../domain/shared/result.ts'
import type { CommandOutcome } from '../../../ports/driving/operations/owner-commands.ts'
import type {
  RetireSigningKeys,
  RotateSigningKeys,
} from '../../../ports/driving/sessions/signing-keys.ts'
import type { Cli, OwnerCommand } from '../shared/command.ts'
import { defineCommand } from '../shared/command.ts'
import { done, refused } from '../shared/outcomes.ts'

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

type GivenKeys = { readonly keys: GivenKeysNeeds }

export const keysGenerate = defineCommand({
  words: 'keys generate',
  summary: 'make keys for a new installation',
  description:
    'Prints them as the environment takes them, or writes them to a new file that only you can read. They are stored nowhere else.',
  examples: ['keys generate --out auth-keys', 'keys generate'],
  parts: [],
  declare: (command, cli: Cli & GivenKeys) =>
    command
      .option('--out <file>', 'write them to this file, which must not exist yet')
      .action(cli.runs(({ out }) => makeNewKeys(cli.keys, out))),
})

const makeNewKeys = async (
  needs: GivenKeysNeeds,
  file: string | undefined,
): Promise<CommandOutcome> => {
  const { jwtKeys, refreshKey, backendSyncSecret } = needs.generateKeys()
  const assignments = [
    assignment('JWT_KEYS', jwtKeys),
    assignment('REFRESH_KEY', refreshKey),
    '# Only if this service calls Backend over HTTP. Backend needs the same value.',
    assignment('BACKEND_SYNC_SECRET', backendSyncSecret),
  ]
  if (file !== undefined)
    return writeKeys(needs, file, assignments, [
      `Wrote new keys to ${file}. Only you can read it. There is no other copy: store one with your secrets.`,
      `Give each instance this file: JWT_KEYS_FILE=${file} REFRESH_KEY_FILE=${file}`,
    ])
  const stored = '# Store these with your secrets. They are not stored anywhere else.'
  return done(
    { JWT_KEYS: jwtKeys, REFRESH_KEY: refreshKey, BACKEND_SYNC_SECRET: backendSyncSecret },
    stored,
    ...assignments,
  )
}

const ADVICE = {
  rotate: 'Deploy this to every instance. Tokens of the previous key are still accepted.',
  retire: 'Deploy this once the last token of the retired key has expired.',
} as const

/**
 * Changes the key set of the environment for its operator to store: prints it, or writes it to a new file. If the environment
 * has none, the service changes the keys that it keeps itself.
 */
const changeKeys = async (
  cli: Pick<Cli, 'ask'> & GivenKeys,
  change: keyof typeof ADVICE,
  file: string | undefined,
): Promise<CommandOutcome> => {
  const changed = cli.keys.changeGivenKeys(change)
  if (!changed.ok) return { exitCode: EXIT.configuration, lines: changed.refusal }
  if (changed.value === null)
    return file === undefined
      ? cli.ask(change === 'rotate' ? rotateKeys : retireKeys, {})
      : refused(
          '--out needs JWT_KEYS or JWT_KEYS_FILE: without them the service keeps its keys itself.',
        )
  const jwtKeys = assignment('JWT_KEYS', changed.value)
  return file === undefined
    ? done({ JWT_KEYS: changed.value }, `# ${ADVICE[change]}`, jwtKeys)
    : writeKeys(
        cli.keys,
        file,
        [jwtKeys],
        [`Wrote the keys to ${file}. Set JWT_KEYS_FILE to it.`, ADVICE[change]],
      )
}

const writeKeys = async (
  { writeKeyFile }: GivenKeysNeeds,
  file: string,
  assignments: readonly string[],
  lines: readonly string[],
): Promise<CommandOutcome> => {
  const written = await writeKeyFile(file, `${assignments.join('\n')}\n`)
  return written.ok
    ? done({ file }, ...lines)
    : refused(`${file} ${written.refusal}. Nothing was written.`)
}

/** The value is quoted, so that a shell and an env file read the same text. */
const assignment = (name: string, value: string): string => `${name}='${value}'`

/** Rotates the keys that the service keeps itself. */
const rotateKeys: OwnerCommand<{ readonly rotateSigningKeys: RotateSigningKeys }> = {
  name: 'keys-rotate',
  run: async ({ rotateSigningKeys }) => {
    const rotated = await rotateSigningKeys()
    if (!rotated.ok) return keysNotKept
    const { isRotated, keys } = rotated.value
    const line = isRotated
      ? 'The next key signs tokens now. Tokens of the previous key are still accepted.'
      : 'A next key is published. Rotate again after all services that check tokens have fetched it.'
    return done(rotated.value, line, ...keyLines(keys))
  },
}

export const keysRotate = defineCommand({
  words: 'keys rotate',
  summary: 'sign with the next key, and publish a new next one',
  description:
    'If JWT_KEYS is set, the changed keys are printed for you to store. Else the service changes the keys that it keeps.',
  examples: ['keys rotate'],
  parts: [rotateKeys],
  declare: (command, cli: Cli & GivenKeys) =>
    command
      .option('--out <file>', 'write the changed JWT_KEYS to this file, which must not exist yet')
      .action(cli.runs(({ out }) => changeKeys(cli, 'rotate', out))),
})

/** Removes the retired keys among those that the service keeps itself. */
const retireKeys: OwnerCommand<{ readonly retireSigningKeys: RetireSigningKeys }> = {
  name: 'keys-retire',
  run: async ({ retireSigningKeys }) => {
    const retired = await retireSigningKeys()
    if (retired.ok) {
      const { isChanged, keys } = retired.value
      return isChanged
        ? done(retired.value, 'Removed the retired keys.', ...keyLines(keys))
        : done(retired.value, 'No key is retired. Nothing was changed.')
    }
    if (retired.refusal.kind === 'keys-not-kept') return keysNotKept
    const until = retired.refusal.until.toISOString()
    return refused(
      `Tokens of the retired key are valid until ${until}. Retire the key after that. Nothing was changed.`,
    )
  },
}

export const keysRetire = defineCommand({
  words: 'keys retire',
  summary: 'remove the keys that no token needs any more',
  description:
    'If JWT_KEYS is set, the changed keys are printed for you to store. Else the service changes the keys that it keeps.',
  examples: ['keys retire'],
  parts: [retireKeys],
  declare: (command, cli: Cli & GivenKeys) =>
    command
      .option('--out <file>', 'write the changed JWT_KEYS to this file, which must not exist yet')
      .action(cli.runs(({ out }) => changeKeys(cli, 'retire', out))),
})

const keyLines = (keys: readonly ListedKey[]): readonly string[] =>
  keys.map(({ kid, status }) => `  ${status.padEnd(8)}${kid}`)

const keysNotKept = refused(
  'The service has its keys from JWT_KEYS. Set JWT_KEYS for this command as well.',
)
