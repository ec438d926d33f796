import { USERNAME_MAXIMUM, USERNAME_MINIMUM } from '../../../domain/accounts/username.ts'
import type { PasswordWeakness } from '../../../domain/passwords/password.ts'
import { PASSWORD_MAXIMUM } from '../../../domain/passwords/password.ts'
import type { CreateAdmin } from '../../../ports/driving/administration/administration.ts'
import type { FieldProblem } from '../../../ports/driving/shared/invalid-fields.ts'
import type { OwnerCommand } from '../shared/command.ts'
import { defineCommand } from '../shared/command.ts'
import { done, refused } from '../shared/outcomes.ts'

type Input = Parameters<CreateAdmin>[0]

type Needs = {
  readonly createAdmin: CreateAdmin
  /** The shortest password that is accepted, in characters. */
  readonly passwordMinimum: number
}

/** Creates an administrator. No field has a default, and no field may be empty [CF4]. */
const createAdmin: OwnerCommand<Needs> = {
  name: 'admin-create',
  run: async ({ createAdmin, passwordMinimum }, input) => {
    const admin = readInput(input)
    if (admin === null) return refused('An email address, a username and a password are needed.')
    const made = await createAdmin(admin)
    if (!made.ok)
      return refused(REASONS[made.refusal.kind], ...details(made.refusal, passwordMinimum))
    const { user, created } = made.value
    return done(
      { created, user: { id: user.id, username: user.username } },
      created
        ? `Created the administrator ${user.username} (${user.id}).`
        : `${user.username} is already an administrator. Nothing was changed.`,
    )
  },
}

export const adminCreate = defineCommand({
  words: 'admin create',
  summary: 'create an administrator',
  description: 'The password is asked for, or is the first line of standard input.',
  examples: ['admin create --email ada@example.com --username ada'],
  parts: [createAdmin],
  declare: (command, cli) =>
    command
      .requiredOption('--email <address>', 'email address of the new account')
      .requiredOption('--username <name>', 'username of the new account')
      .action(
        cli.runs(async ({ email, username }) => {
          const password = await cli.askPassword()
          if (password.trim() === '') return refused('The password is empty. Nothing was changed.')
          return cli.ask(createAdmin, { email, username, password })
        }),
      ),
})

type CreateAdminRefusal = Extract<Awaited<ReturnType<CreateAdmin>>, { ok: false }>['refusal']

const REASONS = {
  'invalid-request': 'The administrator was not created. These fields are not valid:',
  'weak-password': 'The administrator was not created. The password is too weak:',
  'email-taken': 'Another account has this email address. Nothing was changed.',
  'username-taken':
    'Another account has this username, or one that looks like it. Nothing was changed.',
} as const satisfies Record<CreateAdminRefusal['kind'], string>

const details = (refusal: CreateAdminRefusal, passwordMinimum: number): readonly string[] => {
  if (refusal.kind === 'weak-password')
    return [`  ${weaknessOf(refusal.weakness, passwordMinimum)}`]
  return refusal.kind === 'invalid-request' ? refusal.problems.map(describe) : []
}

const weaknessOf = (weakness: PasswordWeakness, minimum: number): string =>
  weakness === 'too-short' ? `it must have at least ${minimum} characters` : WEAKNESSES[weakness]

const WEAKNESSES = {
  'too-long': `it must have at most ${PASSWORD_MAXIMUM} characters`,
  'too-common': 'it is on the list of common passwords',
  'made-of-names': 'it is made of the names of the account or of the service',
} as const satisfies Record<Exclude<PasswordWeakness, 'too-short'>, string>

const describe = ({ field, code, limit }: FieldProblem): string =>
  `  ${field}: ${code === 'too-short' ? `must have at least ${limit} characters` : (COMPLAINTS[code] ?? code)}`

const COMPLAINTS: Readonly<Record<string, string>> = {
  'not-an-email': 'must be an address like ada@example.com',
  length: `must have ${USERNAME_MINIMUM} to ${USERNAME_MAXIMUM} characters`,
  characters: 'may have letters, digits, _, . and -, and must start with a letter or a digit',
  'mixed-scripts': 'must use the letters of one script',
  confusable: 'looks like the username of another account',
  'too-long': `must have at most ${PASSWORD_MAXIMUM} characters`,
  'too-common': 'is on the list of common passwords',
  'made-of-names': 'is made of the names of the account or of the service',
  'not-text': 'must be well-formed text',
}

const readInput = (input: unknown): Input | null => {
  if (typeof input !== 'object' || input === null) return null
  const { email, username, password }: { [name in keyof Input]?: unknown } = input
  return isFilled(email) && isFilled(username) && isFilled(password)
    ? { email, username, password }
    : null
}

const isFilled = (value: unknown): value is string =>
  typeof value === 'string' && value.trim() !== ''
