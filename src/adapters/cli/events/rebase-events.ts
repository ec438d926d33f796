import type { RebaseCounts } from '../../../domain/events/rebase.ts'
import type { RebaseEvents } from '../../../ports/driving/events/events.ts'
import type { OwnerCommand } from '../shared/command.ts'
import { defineCommand } from '../shared/command.ts'
import { countOf, done, refused } from '../shared/outcomes.ts'
import type { BrokerNeeds } from '../shared/with-broker.ts'
import { withBroker } from '../shared/with-broker.ts'

type Needs = BrokerNeeds & { readonly rebaseEvents: RebaseEvents }

/** Raises all versions and publishes every user again. */
const rebaseEvents: OwnerCommand<Needs> = {
  name: 'events-rebase',
  run: (needs) =>
    withBroker(needs, async () => {
      const rebased = await needs.rebaseEvents()
      return rebased.ok ? done(rebased.value, ...linesOf(rebased.value)) : refused(...STILL_SERVING)
    }),
}

export const eventsRebase = defineCommand({
  words: 'events rebase',
  summary: 'after a restored backup: raise all versions and publish every user again',
  description:
    'Run it after a restore that lost changes, and before the service starts. Else consumers ignore new events as old ones.',
  examples: ['events rebase'],
  parts: [rebaseEvents],
  declare: (command, cli) => command.action(cli.runs(() => cli.ask(rebaseEvents, {}))),
})

const STILL_SERVING = [
  'An instance of the service is running: it holds shard leases, or has just changed a user. Nothing was changed.',
  'Stop every instance and run the command again. After an instance was killed, its leases last for up to 10 seconds.',
]

const linesOf = ({
  by,
  lifted,
  liftedBefore,
  deleted,
  deletedBefore,
}: RebaseCounts & { readonly by: number }): readonly string[] => [
  `Added ${by} to the version of ${countOf(lifted, 'user')}. Each is published again to all consumers.`,
  `${countOf(deleted, 'user')} known to consumers only ${deleted === 1 ? 'is' : 'are'} published as deleted.`,
  ...(liftedBefore + deletedBefore > 0
    ? [
        `An earlier run has done this already for ${countOf(liftedBefore, 'user')}, and for ${countOf(deletedBefore, 'user')} known to consumers only.`,
      ]
    : []),
]
