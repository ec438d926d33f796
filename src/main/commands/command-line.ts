import { parseArgs } from 'node:util'
import type { Result } from '../../domain/shared/result.ts'
import { fail, ok } from '../../domain/shared/result.ts'
import type { OptionValues, Order, Reading, TextOption } from './order.ts'
import { TEXT_OPTIONS } from './order.ts'
import { ORDERS } from './orders.ts'

export const USAGE: readonly string[] = [
  'Usage: bun run auth <command>',
  '',
  '  migrate                                 bring the schema up to date',
  '  keys generate                           print new keys for a new installation',
  '  keys rotate                             sign with the next key, publish another',
  '  keys retire                             drop the keys that no token needs any more',
  '  admin create --email E --username U     make an administrator; the password comes',
  '                                          from standard input, or is asked for',
  '  events tail [--user ID]                 show the last changes, then each new one,',
  '                                          until Ctrl-C',
  '  events replay --channel C [--user ID]   deliver changes of the last 14 days again;',
  '    [--from T] [--until T] [--dry-run]    or count them. C is nats:user.events, say',
  '  events replay --to CONSUMER [--user ID] send them to one consumer alone, from where',
  '    [--from T] [--until T] [--dry-run]    an earlier run ended, and N a second at',
  '    [--schema 1|2] [--after P] [--rate N] most (1000)',
  '  events snapshot --to CONSUMER           send one consumer all users as they are',
  '    [--schema 1|2] [--dry-run]            now, while the changes go on',
  '    [--after P] [--rate N]',
  '  events rebase                           after a restore that lost changes: lift all',
  '                                          versions, tell everybody of every user',
  '  events discard [--channel C]            give up for good what was set aside; the',
  '    [--user ID] [--event ID]              reason comes from standard input, or is',
  '                                          asked for',
  '  contract verify [FILE …] [--publish V]  check Pacts against what is published; those of',
  '                                          the broker PACT_BROKER_BASE_URL without files',
  '  contract serve [--host H] [--port P]    answer Pact verifiers of any language',
  '  sync status                             which leg leads to Backend, and how both fare',
  '  sync report                             both legs side by side; is it safe to go on?',
  '  sync set http|dual|canary|events        change that for every instance; canary needs',
  '    --reason R [--percent N]              --percent. --dual-write true calls for everybody',
  '    [--dual-write true|false]             as well; http needs the names of those who',
  '    [--confirm-silence A,B]               will hear nothing',
  '    [--accept-gap]',
  '  dead-letters list [--consumer NAME]     show what consumers gave up on, and what is',
  '                                          parked',
  '  dead-letters redrive --consumer NAME    give a consumer its dead letters once more;',
  '    [--id ID,ID]                          all of them, or these',
  '  nats apply                              make and mend the streams, tell what differs',
  '  doctor                                  ten checks, one verdict',
  '  help                                    this text',
  '',
  'All work whether or not the service is running. Settings come from the environment.',
]

/** The refusal is one sentence on what is wrong with the words. */
export const readCommandLine = (line: readonly string[]): Result<Order, string> => {
  const parsed = parse(line)
  if (parsed === null) return fail('There is no such option, or it lacks its value.')
  const { positionals, values } = parsed
  const {
    help = false,
    'dry-run': dryRun = false,
    'accept-gap': acceptGap = false,
    ...texts
  } = values
  const words = positionals.join(' ')
  if (help || words === 'help' || (words === '' && Object.keys(values).length === 0))
    return ok({ kind: 'help' })
  const named = findOrder(positionals)
  if (named === null) return fail('There is no such command.')
  const { name, found, paths } = named
  const switches = [...(dryRun ? ['dry-run'] : []), ...(acceptGap ? ['accept-gap'] : [])]
  const foreign = [...Object.keys(texts), ...switches].find(
    (option) => !found.takes.some((taken) => taken === option),
  )
  if (foreign !== undefined) return fail(`${name} does not take --${foreign}.`)
  const lacking = found.needs.find((option) => (texts[option] ?? '').trim() === '')
  if (lacking !== undefined) return fail(`${name} needs --${lacking}, and not an empty one.`)
  const complaint = contradiction(found, texts)
  return complaint === null
    ? ok(found.read({ ...texts, dryRun, acceptGap, paths }))
    : fail(`${name} ${complaint}`)
}

const contradiction = (
  { oneOf = [], onlyWith = {} }: Reading,
  texts: Omit<OptionValues, 'dryRun' | 'acceptGap' | 'paths'>,
): string | null => {
  const isGiven = (option: TextOption) => (texts[option] ?? '').trim() !== ''
  if (oneOf.length > 0 && oneOf.filter(isGiven).length !== 1)
    return `needs --${oneOf.join(' or --')}, one of them and not an empty one.`
  for (const option of oneOf) {
    const alone = onlyWith[option]?.find((other) => isGiven(other) && !isGiven(option))
    if (alone !== undefined) return `takes --${alone} only with --${option}.`
  }
  return null
}

/** Two words name a command, or one does; what comes behind them are paths, where it takes any. */
const findOrder = (words: readonly string[]) => {
  for (const length of [2, 1]) {
    const [name, paths] = [words.slice(0, length).join(' '), words.slice(length)]
    const found = ORDERS.get(name)
    if (found !== undefined && (paths.length === 0 || found.takesPaths))
      return { name, found, paths }
  }
  return null
}

const TEXTS = Object.fromEntries(
  TEXT_OPTIONS.map((option) => [option, { type: 'string' }] as const),
)

type Parsed = {
  readonly positionals: readonly string[]
  readonly values: Omit<OptionValues, 'dryRun' | 'acceptGap' | 'paths'> & {
    help?: boolean
    'dry-run'?: boolean
    'accept-gap'?: boolean
  }
}

const parse = (words: readonly string[]): Parsed | null => {
  try {
    return parseArgs({
      args: [...words],
      allowPositionals: true,
      options: {
        ...TEXTS,
        'accept-gap': { type: 'boolean' },
        'dry-run': { type: 'boolean' },
        help: { type: 'boolean', short: 'h' },
      },
    })
  } catch {
    return null
  }
}
