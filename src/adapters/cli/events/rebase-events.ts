import { EXIT } from '../../../domain/operations/exit-codes.ts'
import type { RebaseEvents } from '../../../ports/driving/events/events.ts'
import type { CommandOutcome } from '../../../ports/driving/operations/owner-commands.ts'
import type { BrokerNeeds } from '../shared/with-broker.ts'
import { withBroker } from '../shared/with-broker.ts'

type Needs = BrokerNeeds & { readonly rebaseEvents: RebaseEvents }

/** Raises all versions and publishes every user again. */
export const rebaseEvents = (needs: Needs): Promise<CommandOutcome> =>
  withBroker(needs, async () => {
    const { by, lifted, deleted } = await needs.rebaseEvents()
    return {
      exitCode: EXIT.ok,
      lines: [
        `Added ${by} to the version of ${users(lifted)}. Each is published again to all consumers.`,
        `${users(deleted)} known to consumers only ${deleted === 1 ? 'is' : 'are'} published as deleted.`,
      ],
    }
  })

const users = (count: number): string => (count === 1 ? '1 user' : `${count} users`)
