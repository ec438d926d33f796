import { USERNAME_MAXIMUM, USERNAME_MINIMUM } from '../../../domain/accounts/username.ts'
import type { PasswordWeakness } from '../../../domain/passwords/password.ts'
import { PASSWORD_MAXIMUM } from '../../../domain/passwords/password.ts'
import type { CreateAdmin } from '../../../ports/driving/administration/administration.ts'
import type { FieldProblem } from '../../../ports/driving/shared/invalid-fields.ts'
import type { OwnerCommand } from '../shared/command.ts'
import { defineCommand } from '../shared/command.ts'
import { done, refused } from '../shared/outcomes.ts'

type Input = Parameters<CreateAdmin>[0]

type Needs = { readonly createAdmin: CreateAdmin }

/** Creates an administrator. No field has a default, and no field may be empty [CF4]. */
const createAdmin: OwnerCommand<Needs> = {
  name: 'admin-create',
  run: async ({ createAdmin }, input) => {
    const admin = readInput(input)
    if (admin === null) return refused('An email address, a username and a password are needed.')
    const made = await createAdmin(admin)
    if (!made.ok) return refused(REASONS[made.refusal.kind], ...details(made.refusal))
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

const details = (refusal: CreateAdminRefusal): readonly string[] => {
  if (refusal.kind === 'weak-password')
    return [`  it ${complaint({ ...refusal, code: refusal.weakness })}`]
  return refusal.kind === 'invalid-request'
    ? refusal.problems.map((problem) => `  ${problem.field}: ${complaint(problem)}`)
    : []
}

const complaint = ({ code, limit }: FieldProblem): string =>
  code === 'too-short' ? `must have at least ${limit} characters` : (COMPLAINTS[code] ?? code)

const WEAKNESSES = {
  'too-long': `must have at most ${PASSWORD_MAXIMUM} characters`,
  'too-common': 'is on the list of common passwords',
  'made-of-names': 'is made of the names of the account or of the service',
} as const satisfies Record<Exclude<PasswordWeakness, 'too-short'>, string>

const COMPLAINTS: Readonly<Record<string, string>> = {
  ...WEAKNESSES,
  'not-an-email': 'must be an address like ada@example.com',
  length: `must have ${USERNAME_MINIMUM} to ${USERNAME_MAXIMUM} characters`,
  characters: 'may have letters, digits, _, . and -, and must start with a letter or a digit',
  'mixed-scripts': 'must use the letters of one script',
  confusable: 'looks like the username of another account',
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
