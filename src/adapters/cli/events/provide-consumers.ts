import { parseConsumerName } from '../../../domain/events/consumer-name.ts'
import type { UserEventSubject } from '../../../domain/events/user-event.ts'
import type { ProvideConsumer, ProvidedConsumer } from '../../../ports/driven/events/broker.ts'
import type { OwnerCommand } from '../shared/command.ts'
import { defineCommand } from '../shared/command.ts'
import { textOf } from '../shared/command-input.ts'
import { done, refused } from '../shared/outcomes.ts'
import type { BrokerNeeds } from '../shared/with-broker.ts'
import { withBroker } from '../shared/with-broker.ts'

type Needs = BrokerNeeds & {
  /** Null when events stay in the process. */
  readonly provideConsumer: ProvideConsumer | null
}

const SUBJECTS: ReadonlyMap<string, UserEventSubject> = new Map([
  ['1', 'user.events'],
  ['2', 'user.events.v2'],
])

/** Creates the durable consumers of consumers that may not create them, and says which were there before. */
export const provideConsumers: OwnerCommand<Needs> = {
  name: 'nats-consumer',
  requires: 'nothing',
  run: async (needs, input) => {
    const { provideConsumer } = needs
    if (provideConsumer === null)
      return unchanged('Events stay in this process: NATS_URL is not set.')
    const subject = SUBJECTS.get(textOf(input, 'schemaVersion') ?? '')
    if (subject === undefined) return unchanged('The version (--schema) must be 1 or 2.')
    const deliver = textOf(input, 'deliver') ?? 'all'
    if (deliver !== 'all' && deliver !== 'new')
      return unchanged('What a consumer begins with (--deliver) must be all or new.')
    const names = (textOf(input, 'consumers') ?? '').split(',')
    const consumers = names.flatMap((name) => parseConsumerName(name) ?? [])
    if (consumers.length !== names.length)
      return unchanged('The name of a consumer must have 1 to 64 letters, digits, - and _.')
    return withBroker(needs, async () => {
      const provided: (ProvidedConsumer & { readonly consumer: string })[] = []
      for (const consumer of consumers)
        for (const each of await provideConsumer(consumer, subject, deliver))
          provided.push({ consumer, ...each })
      const lines = provided.map((each) => `${each.consumer}: ${sentence(each)}.`)
      return done({ consumers: provided }, ...lines)
    })
  },
}

export const natsConsumer = defineCommand({
  words: 'nats consumer',
  summary: 'create the durable consumers that consumers read with',
  description: 'An existing one is kept. One that reads another version of the events is replaced.',
  examples: [
    'nats consumer backend social --schema 1',
    'nats consumer newsletter --schema 2 --deliver new',
  ],
  parts: [provideConsumers],
  declare: (command, cli) =>
    command
      .argument('<names...>', 'names of consumers')
      .addOption(
        command
          .createOption('--schema <version>', 'version of the events that they read')
          .choices(['1', '2'] as const)
          .makeOptionMandatory(),
      )
      .addOption(
        command
          .createOption(
            '--deliver <what>',
            'what a new one begins with: all that is stored, or what is published from now on',
          )
          .choices(['all', 'new'] as const)
          .default('all' as const, 'all'),
      )
      .action(
        cli.runs((names, { schema, deliver }) =>
          cli.ask(provideConsumers, { consumers: names.join(), schemaVersion: schema, deliver }),
        ),
      ),
})

const sentence = ({ subject, outcome }: ProvidedConsumer): string => {
  switch (outcome) {
    case 'created':
      return `created a durable consumer for ${subject}`
    case 'kept':
      return `the durable consumer for ${subject} exists and was not changed`
    case 'replaced':
      return `replaced the durable consumer; the new one reads ${subject} from where the old one began`
  }
}

const unchanged = (reason: string) => refused(`${reason} Nothing was changed.`)
