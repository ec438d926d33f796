import { parseArgs } from 'node:util'
import type { Result } from '../../domain/result.ts'
import { fail, ok } from '../../domain/result.ts'
import type { OwnerCommandName } from './owner-commands.ts'

/** What the words of a command line ask for. */
export type Order =
  | { readonly kind: 'help' | 'doctor' | 'keys-generate' }
  | { readonly kind: 'admin-create'; readonly email: string; readonly username: string }
  | { readonly kind: 'plain'; readonly name: Extract<OwnerCommandName, PlainName> }

type PlainName = 'migrate' | 'keys-rotate' | 'keys-retire'

export const USAGE: readonly string[] = [
  'Usage: bun run auth <command>',
  '',
  '  migrate                                 bring the schema up to date',
  '  keys generate                           print new keys for a new installation',
  '  keys rotate                             sign with the next key, publish another',
  '  keys retire                             drop the keys that no token needs any more',
  '  admin create --email E --username U     make an administrator; the password comes',
  '                                          from standard input, or is asked for',
  '  doctor                                  ten checks, one verdict',
  '  help                                    this text',
  '',
  'All work whether or not the service is running. Settings come from the environment.',
]

/** The refusal is one sentence on what is wrong with the words. */
export const readCommandLine = (words: readonly string[]): Result<Order, string> => {
  const parsed = parse(words)
  if (parsed === null) return fail(`Only --email and --username are options, each with a value.`)
  const { positionals, values } = parsed
  const name = positionals.join(' ')
  if (values.help || name === '' || name === 'help') return ok({ kind: 'help' })
  if (name === 'admin create') return readAdmin(values)
  if (values.email !== undefined || values.username !== undefined)
    return fail('--email and --username belong to admin create.')
  const order = ORDERS.get(name)
  return order === undefined ? fail('There is no such command.') : ok(order)
}

const ORDERS: ReadonlyMap<string, Order> = new Map([
  ['doctor', { kind: 'doctor' }],
  ['migrate', { kind: 'plain', name: 'migrate' }],
  ['keys generate', { kind: 'keys-generate' }],
  ['keys rotate', { kind: 'plain', name: 'keys-rotate' }],
  ['keys retire', { kind: 'plain', name: 'keys-retire' }],
])

type Values = { readonly email?: string; readonly username?: string; readonly help?: boolean }

const readAdmin = ({ email = '', username = '' }: Values): Result<Order, string> =>
  email.trim() === '' || username.trim() === ''
    ? fail('admin create needs --email and --username, neither of them empty.')
    : ok({ kind: 'admin-create', email, username })

const parse = (
  words: readonly string[],
): { readonly positionals: readonly string[]; readonly values: Values } | null => {
  try {
    return parseArgs({
      args: [...words],
      allowPositionals: true,
      options: {
        email: { type: 'string' },
        username: { type: 'string' },
        help: { type: 'boolean', short: 'h' },
      },
    })
  } catch {
    return null
  }
}
