import { parseArgs } from 'node:util'
import type { Result } from '../../domain/shared/result.ts'
import { fail, ok } from '../../domain/shared/result.ts'
import type { Command, CommandSyntax, OptionValues, TextOption } from './commands.ts'
import { COMMANDS, TEXT_OPTIONS } from './commands.ts'

export const USAGE: readonly string[] = [
  'Usage: bun run auth <command>',
  '',
  '  migrate                                 bring the schema up to date',
  '  keys generate [--out FILE]              print new keys for a new installation, or write',
  '                                          them to a new file that only you can read',
  '  keys rotate [--out FILE]                sign with the next key, and publish a new next one',
  '  keys retire [--out FILE]                remove the keys that no token needs any more',
  '  admin create --email E --username U     create an administrator; the password is read',
  '                                          from standard input, or asked for',
  '  users unlock --user ID | --email E |    clear the failed sign-ins of an account, which',
  '    --username U                          after 100 in a row accepts known addresses only',
  '  events tail [--user ID]                 print the last changes, then each new one,',
  '                                          until Ctrl-C',
  '  events replay --channel C [--user ID]   deliver changes of the last 14 days again on a',
  '    [--from T] [--until T] [--dry-run]    channel like nats:user.events; --dry-run only',
  '                                          counts them',
  '  events replay --to CONSUMER [--user ID] send changes of the last 14 days to one consumer',
  '    [--from T] [--until T] [--dry-run]    only. --after continues an earlier run; --rate is',
  '    [--schema 1|2] [--after P] [--rate N] the most events per second (1000)',
  '  events snapshot --to CONSUMER           send one consumer all users as they are now,',
  '    [--schema 1|2] [--dry-run]            while changes continue',
  '    [--after P] [--rate N]',
  '  events rebase                           after a restore that lost changes, and before the',
  '                                          service starts: raise all versions and publish',
  '                                          every user again',
  '  events discard [--channel C]            discard parked deliveries for good; the reason',
  '    [--user ID] [--event ID]              is read from standard input, or asked for',
  '  contract verify [FILE …] [--publish V]  verify Pact contracts against what is published;',
  '                                          without files, the contracts of the Pact Broker',
  '                                          at PACT_BROKER_BASE_URL',
  '  contract serve [--host H] [--port P]    answer Pact verifiers of any language',
  '  sync status                             which channel Backend follows, and the state of',
  '                                          each channel',
  '  sync report                             compare both channels: is the next stage safe?',
  '  sync set http|dual|canary|events        change the mode for every instance. canary needs',
  '    --reason R [--percent N]              --percent; --dual-write true also calls Backend',
  '    [--dual-write true|false]             for everybody; http needs the names of the',
  '    [--confirm-silence A,B]               consumers that will receive no events',
  '    [--accept-gap]',
  '  dead-letters list [--consumer NAME]     list dead letters and parked deliveries',
  '  dead-letters redrive --consumer NAME    send a consumer its dead letters again: all of',
  '    [--id ID,ID]                          them, or those with these ids',
  '  nats apply                              create and correct the streams, and list what',
  '                                          still differs',
  '  nats consumer NAME … --schema 1|2       create the durable consumers that these consumers',
  '    [--deliver all|new]                     read with; one of another version is replaced.',
  '                                          new: begin with what is published from now on',
  '  doctor                                  check the installation: ten checks, one verdict',
  '  help                                    print this text',
  '',
  'Every command works whether or not the service is running. Settings come from the environment.',
]

/** The refusal is one sentence on what is wrong with the command line. */
export const readCommandLine = (line: readonly string[]): Result<Command, string> => {
  const parsed = parse(line)
  if (parsed === null) return fail('An option is unknown, or its value is missing.')
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
  const named = findCommand(positionals)
  if (named === null) return fail('There is no such command.')
  const { name, found, paths } = named
  const switches = [...(dryRun ? ['dry-run'] : []), ...(acceptGap ? ['accept-gap'] : [])]
  const foreign = [...Object.keys(texts), ...switches].find(
    (option) => !found.takes.some((taken) => taken === option),
  )
  if (foreign !== undefined) return fail(`${name} does not take --${foreign}.`)
  const lacking = found.needs.find((option) => (texts[option] ?? '').trim() === '')
  if (lacking !== undefined) return fail(`${name} needs --${lacking} with a value.`)
  const complaint = contradiction(found, texts)
  return complaint === null
    ? ok(found.read({ ...texts, dryRun, acceptGap, paths }))
    : fail(`${name} ${complaint}`)
}

const contradiction = (
  { oneOf = [], onlyWith = {} }: CommandSyntax,
  texts: Omit<OptionValues, 'dryRun' | 'acceptGap' | 'paths'>,
): string | null => {
  const isGiven = (option: TextOption) => (texts[option] ?? '').trim() !== ''
  if (oneOf.length > 0 && oneOf.filter(isGiven).length !== 1)
    return `needs exactly one of --${oneOf.join(' and --')}, with a value.`
  for (const option of oneOf) {
    const alone = onlyWith[option]?.find((other) => isGiven(other) && !isGiven(option))
    if (alone !== undefined) return `takes --${alone} only with --${option}.`
  }
  return null
}

/** The first two words name a command, or the first word does. The words after them are paths, if the command takes paths. */
const findCommand = (words: readonly string[]) => {
  for (const length of [2, 1]) {
    const [name, paths] = [words.slice(0, length).join(' '), words.slice(length)]
    const found = COMMANDS.get(name)
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
