import type { UnlockUser } from '../../../ports/driving/administration/administration.ts'
import type { OwnerCommand } from '../shared/command.ts'
import { defineCommand } from '../shared/command.ts'
import { textOf } from '../shared/command-input.ts'
import { done, refused, wronglyUsed } from '../shared/outcomes.ts'

/** Clears the failed sign-ins of an account. */
const unlockUser: OwnerCommand<{ readonly unlockUser: UnlockUser }> = {
  name: 'users-unlock',
  run: async ({ unlockUser }, input) => {
    const account = textOf(input, 'account') ?? ''
    if (account.trim() === '')
      return refused('A user id, an email address or a username is needed.')
    const unlocked = await unlockUser(account)
    if (!unlocked.ok) return refused('There is no such account. Nothing was changed.')
    const { username, id } = unlocked.value
    return done(
      { user: { id, username } },
      `Cleared the failed sign-ins of ${username} (${id}).`,
      'Rate limits of the account end by themselves, within 15 minutes.',
    )
  },
}

export const usersUnlock = defineCommand({
  words: 'users unlock',
  summary: 'clear the failed sign-ins of an account',
  description:
    'After 100 failed sign-ins in a row, an account accepts sign-ins from known addresses only. This command ends that.',
  examples: ['users unlock --username ada', 'users unlock --email ada@example.com'],
  parts: [unlockUser],
  declare: (command, cli) =>
    command
      .option('--user <id>', 'user id of the account')
      .addOption(command.createOption('--email <address>', 'its email address').conflicts('user'))
      .addOption(
        command.createOption('--username <name>', 'its username').conflicts(['user', 'email']),
      )
      .action(
        cli.runs(async ({ user, email, username }) => {
          const account = user ?? email ?? username
          return account === undefined
            ? wronglyUsed('auth users unlock: --user, --email or --username is needed')
            : cli.ask(unlockUser, { account })
        }),
      ),
})
