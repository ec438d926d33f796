import { parseArgs } from 'node:util'
import type { Result } from '../../domain/result.ts'
import { fail, ok } from '../../domain/result.ts'
import type { OptionValues, Order } from './orders.ts'
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
  '    [--from T] [--to T] [--dry-run]       or count them. C is nats:user.events, say',
  '  events discard [--channel C]            give up for good what was set aside; the',
  '    [--user ID] [--event ID]              reason comes from standard input, or is',
  '                                          asked for',
  '  contract verify [FILE …] [--publish V]  check Pacts against what is published; those of',
  '                                          the broker PACT_BROKER_BASE_URL without files',
  '  contract serve [--host H] [--port P]    answer Pact verifiers of any language',
  '  sync status                             which leg leads to Backend, and how both fare',
  '  sync set http|dual|canary|events        change that for every instance; canary needs',
  '    --reason R [--percent N]              --percent. --dual-write true calls for everybody',
  '    [--dual-write true|false]             as well; http needs the names of those who',
  '    [--confirm-silence A,B]               will hear nothing',
  '    [--accept-gap]',
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
  return lacking === undefined
    ? ok(found.read({ ...texts, dryRun, acceptGap, paths }))
    : fail(`${name} needs --${lacking}, and not an empty one.`)
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
        email: { type: 'string' },
        username: { type: 'string' },
        channel: { type: 'string' },
        user: { type: 'string' },
        event: { type: 'string' },
        from: { type: 'string' },
        to: { type: 'string' },
        publish: { type: 'string' },
        host: { type: 'string' },
        port: { type: 'string' },
        percent: { type: 'string' },
        'dual-write': { type: 'string' },
        'confirm-silence': { type: 'string' },
        reason: { type: 'string' },
        'accept-gap': { type: 'boolean' },
        'dry-run': { type: 'boolean' },
        help: { type: 'boolean', short: 'h' },
      },
    })
  } catch {
    return null
  }
}
