import { EXIT } from '../../../domain/operations/exit-codes.ts'
import type { UnlockUser } from '../../../ports/driving/administration/administration.ts'
import type { CommandOutcome } from '../../../ports/driving/operations/owner-commands.ts'

/** Clears the failed sign-ins of an account. */
export const unlockUser = async (
  { unlockUser }: { readonly unlockUser: UnlockUser },
  input: unknown,
): Promise<CommandOutcome> => {
  const { account }: { account?: unknown } = Object(input)
  if (typeof account !== 'string' || account.trim() === '')
    return {
      exitCode: EXIT.failed,
      lines: ['A user id, an email address or a username is needed.'],
    }
  const unlocked = await unlockUser(account)
  if (!unlocked.ok)
    return { exitCode: EXIT.failed, lines: ['There is no such account. Nothing was changed.'] }
  const { username, id } = unlocked.value
  return {
    exitCode: EXIT.ok,
    lines: [
      `Cleared the failed sign-ins of ${username} (${id}).`,
      'Rate limits of the account end by themselves, within 15 minutes.',
    ],
  }
}
