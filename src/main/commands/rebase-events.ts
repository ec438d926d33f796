import type { CommandOutcome } from '../../ports/driving/operations/owner-commands.ts'
import { EXIT } from '../exit-codes.ts'
import type { OwnerCommandNeeds } from './owner-command-needs.ts'
import type { Broker } from './patiently.ts'
import { patiently } from './patiently.ts'

/** Lifts all versions and tells everybody of every user anew. */
export const rebaseEvents = ({
  rebaseEvents: rebase,
  ...broker
}: Pick<OwnerCommandNeeds, 'rebaseEvents'> & Broker): Promise<CommandOutcome> =>
  patiently(broker, async () => {
    const { by, lifted, deleted } = await rebase()
    return {
      exitCode: EXIT.ok,
      lines: [
        `Added ${by} to the version of ${users(lifted)}; each is told anew to everybody.`,
        `${users(deleted)} known to consumers only ${deleted === 1 ? 'is' : 'are'} told as deleted.`,
      ],
    }
  })

const users = (count: number): string => (count === 1 ? '1 user' : `${count} users`)
