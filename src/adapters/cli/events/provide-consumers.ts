import { parseConsumerName } from '../../../domain/events/consumer-name.ts'
import type { UserEventSubject } from '../../../domain/events/user-event.ts'
import { EXIT } from '../../../domain/operations/exit-codes.ts'
import type { ProvideConsumer, ProvidedConsumer } from '../../../ports/driven/events/broker.ts'
import type { CommandOutcome } from '../../../ports/driving/operations/owner-commands.ts'
import { textOf } from '../shared/command-input.ts'
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
export const provideConsumers = async (needs: Needs, input: unknown): Promise<CommandOutcome> => {
  const { provideConsumer } = needs
  if (provideConsumer === null) return refused('Events stay in this process: NATS_URL is not set.')
  const subject = SUBJECTS.get(textOf(input, 'schemaVersion') ?? '')
  if (subject === undefined) return refused('The version (--schema) must be 1 or 2.')
  const deliver = textOf(input, 'deliver') ?? 'all'
  if (deliver !== 'all' && deliver !== 'new')
    return refused('What a consumer begins with (--deliver) must be all or new.')
  const names = (textOf(input, 'consumers') ?? '').split(',')
  const consumers = names.flatMap((name) => parseConsumerName(name) ?? [])
  if (consumers.length !== names.length)
    return refused('The name of a consumer must have 1 to 64 letters, digits, - and _.')
  return withBroker(needs, async () => {
    const lines: string[] = []
    for (const consumer of consumers)
      for (const provided of await provideConsumer(consumer, subject, deliver))
        lines.push(`${consumer}: ${sentence(provided)}.`)
    return { exitCode: EXIT.ok, lines }
  })
}

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

const refused = (reason: string): CommandOutcome => ({
  exitCode: EXIT.failed,
  lines: [`${reason} Nothing was changed.`],
})
