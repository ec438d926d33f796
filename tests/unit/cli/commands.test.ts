import { describe, expect, test } from 'bun:test'
import { COMMANDS, GROUPS } from '../../../src/adapters/cli/commands.ts'
import { makeFakeCommandLine } from '../../support/fakes/operations/fake-command-line.ts'

/** These two answer with a failure here: the doctor finds no configuration, and the port of the verifiers is taken. */
const FAIL_HERE = new Set(['doctor', 'contract serve'])

const wordsIn = (line: string): readonly string[] =>
  [...line.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, word]) => quoted ?? word ?? '')

const run = (line: string) => makeFakeCommandLine().run(wordsIn(line))
const last = (lines: readonly string[]) => lines.at(-1) ?? ''

/** The long options in a help text, `--help` left out. */
const optionsIn = (help: string): readonly { readonly name: string; readonly takes: boolean }[] =>
  [...help.matchAll(/^ {2}(?:-h, )?--([a-z-]+)( <)?/gm)]
    .map(([, name = '', value]) => ({ name, takes: value !== undefined }))
    .filter(({ name }) => name !== 'help' && name !== 'version')

const helpOf = async (words: string): Promise<string> =>
  (await run(`${words} --help`)).stdout.join('\n')

describe.each(COMMANDS.map((command) => [command.words, command] as const))(
  'the command "%s"',
  (words, { summary, examples }) => {
    test('explains itself: its usage, what it does, its options and its examples', async () => {
      for (const line of [`${words} --help`, `${words} -h`, `help ${words}`]) {
        const { exitCode, stdout, stderr } = await run(line)
        const help = stdout.join('\n')
        expect({ line, exitCode, stderr }).toEqual({ line, exitCode: 0, stderr: [] })
        expect(help).toStartWith(`Usage: auth ${words} `)
        expect(help.replaceAll('\n', ' ').toLowerCase()).toContain(summary.toLowerCase())
        expect(help).toContain('--json')
        for (const example of examples) expect(help).toContain(`\n  auth ${example}`)
        expect(help).not.toContain('--password')
      }
    })

    test('does what its examples say, and with --json prints nothing but documents', async () => {
      for (const example of examples) {
        const told = await run(example)
        const isDone = !FAIL_HERE.has(words)
        expect({ example, isDone: told.exitCode === 0 }).toEqual({ example, isDone })
        expect([...told.stdout, ...told.stderr]).not.toEqual([])
        const asked = await run(`${example} --json`)
        expect(asked.exitCode).toBe(told.exitCode)
        expect(asked.stdout).not.toEqual([])
        for (const line of asked.stdout) expect(JSON.parse(line)).toBeObject()
        if (isDone) expect(asked.stderr).toEqual([])
      }
    })

    test('asks for its documents before its words, between them and after them', async () => {
      const [example] = examples
      const [first = '', ...others] = wordsIn(example)
      for (const line of [
        ['--json', first, ...others],
        [first, '--json', ...others],
      ]) {
        const { stdout } = await makeFakeCommandLine().run(line)
        for (const each of stdout) expect(JSON.parse(each)).toBeObject()
        expect(stdout).not.toEqual([])
      }
    })

    test('refuses an option that it does not have, in the last line', async () => {
      const { exitCode, stdout, stderr } = await run(`${examples[0]} --quux`)
      expect([exitCode, stdout]).toEqual([64, []])
      expect(stderr).toEqual([
        `See auth ${words} --help.`,
        `auth ${words}: unknown option '--quux'`,
      ])
    })

    test('says the nearest option for one that was mistyped', async () => {
      for (const { name } of optionsIn(await helpOf(words))) {
        const { exitCode, stderr } = await run(`${examples[0]} --${name}${name.at(-1)}`)
        expect(exitCode).toBe(64)
        expect(last(stderr)).toMatch(new RegExp(`Did you mean (one of .*)?--${name}\\b.*\\?`))
      }
    })

    test('refuses an option whose value is empty or missing', async () => {
      for (const { name, takes } of optionsIn(await helpOf(words)))
        if (takes)
          for (const given of [
            [`--${name}=`],
            [`--${name}`, ''],
            [`--${name}`, '--json'],
            [`--${name}`],
          ]) {
            const { exitCode, stdout, stderr } = await makeFakeCommandLine().run([
              ...wordsIn(words),
              ...given,
            ])
            expect({ given, exitCode }).toEqual({ given, exitCode: 64 })
            expect(stdout.filter((line) => !line.startsWith('{'))).toEqual([])
            expect(last(stderr)).toContain(`'--${name} `)
          }
    })

    test('is named when one of its words was mistyped', async () => {
      const parts = words.split(' ')
      for (const index of parts.keys()) {
        const typed = parts.map((part, at) => (at === index ? `${part}${part.at(-1)}` : part))
        for (const help of ['', ' --help']) {
          const { exitCode, stdout, stderr } = await run(`${typed.join(' ')}${help}`)
          expect([exitCode, stdout]).toEqual([64, []])
          expect(last(stderr)).toMatch(
            new RegExp(
              `unknown command '.*' \\(Did you mean (one of .*)?${parts[index]}\\b.*\\?\\)`,
            ),
          )
        }
      }
    })

    test('tells a refusal of the service on standard error, and with --json as a document', async () => {
      const command = makeFakeCommandLine(() => ({ exitCode: 1, lines: ['No.', 'Because.'] }))
      const told = await command.run(wordsIn(examples[0]))
      if (command.asked.length === 0) return
      expect(told).toEqual({ exitCode: 1, stdout: [], stderr: ['No.', 'Because.'] })
      expect(await command.run([...wordsIn(examples[0]), '--json'])).toEqual({
        exitCode: 1,
        stdout: ['{"messages":["No.","Because."]}'],
        stderr: ['No.', 'Because.'],
      })
    })
  },
)

describe('all commands', () => {
  test('have words, summaries and groups of their own', () => {
    const words = COMMANDS.map((command) => command.words)
    expect(new Set(words).size).toBe(words.length)
    expect(new Set(COMMANDS.map(({ summary }) => summary)).size).toBe(words.length)
    const groups = words.flatMap((each) => (each.includes(' ') ? [each.split(' ')[0] ?? ''] : []))
    expect(Object.keys(GROUPS).toSorted()).toEqual([...new Set(groups)].toSorted())
  })

  test('are listed by the help, each in its group', async () => {
    for (const line of ['', 'help', '--help', '-h']) {
      const { exitCode, stdout, stderr } = await run(line)
      expect({ line, exitCode, stderr }).toEqual({ line, exitCode: 0, stderr: [] })
      for (const { words } of COMMANDS) {
        const [group = '', word = ''] = words.split(' ')
        expect(stdout.join('\n')).toMatch(new RegExp(`^  ${group} .*\\b${word}\\b`, 'm'))
      }
    }
    for (const group of Object.keys(GROUPS))
      for (const line of [`${group} --help`, `help ${group}`]) {
        const { exitCode, stdout } = await run(line)
        expect(exitCode).toBe(0)
        expect(stdout.join('\n')).toStartWith(`Usage: auth ${group} `)
      }
  })

  test('have a version', async () => {
    expect(await run('--version')).toEqual({
      exitCode: 0,
      stdout: ['auth-service 9.9.9'],
      stderr: [],
    })
  })
})

describe('the command line', () => {
  const span = { userId: null, from: null, to: null }
  const paging = { schemaVersion: null, after: null, rate: null, dryRun: false }
  const sending = { consumer: 'backend', ...paging, isFirst: true }

  test.each([
    ['migrate', 'migrate', {}],
    ['keys rotate', 'keys-rotate', {}],
    ['keys retire', 'keys-retire', {}],
    [
      'admin create --username=ada --email=ada@acme.org',
      'admin-create',
      { email: 'ada@acme.org', username: 'ada', password: 'seven quiet otters swim north' },
    ],
    ['users unlock --user u1', 'users-unlock', { account: 'u1' }],
    ['users unlock --email ada@acme.org', 'users-unlock', { account: 'ada@acme.org' }],
    ['users unlock --username ada', 'users-unlock', { account: 'ada' }],
    ['nats apply', 'nats-apply', {}],
    [
      'nats consumer backend social --schema 1',
      'nats-consumer',
      { consumers: 'backend,social', schemaVersion: '1', deliver: 'all' },
    ],
    [
      'nats consumer newsletter --schema 2 --deliver new',
      'nats-consumer',
      { consumers: 'newsletter', schemaVersion: '2', deliver: 'new' },
    ],
    ['events tail --user u1', 'events-read', { userId: 'u1', after: null, isFirst: true }],
    [
      'events replay --channel nats:user.events',
      'events-replay',
      { channel: 'nats:user.events', ...span, dryRun: false },
    ],
    [
      'events replay --channel c --user u1 --from a --until b --dry-run',
      'events-replay',
      { channel: 'c', userId: 'u1', from: 'a', to: 'b', dryRun: true },
    ],
    ['events replay --to backend', 'events-send', { ...sending, ...span }],
    [
      'events replay --to backend --user u1 --from a --until b --schema 2 --after p --rate 9 --dry-run',
      'events-send',
      {
        consumer: 'backend',
        schemaVersion: '2',
        after: 'p',
        rate: '9',
        dryRun: true,
        userId: 'u1',
        from: 'a',
        to: 'b',
      },
    ],
    ['events snapshot --to backend', 'events-snapshot', sending],
    [
      'events snapshot --to backend --schema 1 --after p --rate 9 --dry-run',
      'events-snapshot',
      { consumer: 'backend', schemaVersion: '1', after: 'p', rate: '9', dryRun: true },
    ],
    ['events rebase', 'events-rebase', {}],
    ['dead-letters list', 'dead-letters-list', { consumer: null, after: null }],
    ['dead-letters list --consumer c', 'dead-letters-list', { consumer: 'c', after: null }],
    ['dead-letters redrive --consumer c', 'dead-letters-redrive', { consumer: 'c', id: null }],
    [
      'dead-letters redrive --consumer c --id 1,2',
      'dead-letters-redrive',
      { consumer: 'c', id: '1,2' },
    ],
    [
      'dead-letters dismiss --consumer c --id 1,2 --reason "why not"',
      'dead-letters-dismiss',
      { consumer: 'c', id: '1,2', reason: 'why not' },
    ],
    [
      'events discard --channel c --user u1 --event e1',
      'events-discard',
      { channel: 'c', userId: 'u1', eventId: 'e1', reason: 'the consumer is gone' },
    ],
    ['sync status', 'sync-status', {}],
    ['sync report', 'sync-report', {}],
    [
      'sync set canary --percent 5 --dual-write true --confirm-silence a,b --accept-gap --reason "why not"',
      'sync-set',
      {
        mode: 'canary',
        percent: '5',
        dualWrite: 'true',
        confirmSilence: 'a,b',
        acceptGap: true,
        reason: 'why not',
      },
    ],
  ] as const)('gives "%s" to the service', async (line, name, input) => {
    const { asked, run: runHere } = makeFakeCommandLine()
    expect((await runHere(wordsIn(line))).exitCode).toBe(0)
    expect(asked).toEqual([{ name, input }])
  })

  test.each([
    ['migrat', 'Did you mean migrate?'],
    ['redrive', 'Did you mean dead-letters redrive?'],
    ['keys', 'generate, rotate, retire'],
    ['keys redrive', "unknown command 'redrive'"],
    ['keys rotate now', 'too many arguments'],
    ['help nosuch', "unknown command 'nosuch'"],
    ['toString', "unknown command 'toString'"],
    ['__proto__', "unknown command '__proto__'"],
    ['users unlock', '--user, --email or --username'],
    ['users unlock ada', 'too many arguments'],
    ['users unlock --user u1 --username ada', 'cannot be used with'],
    ['users unlock --email e --username ada', 'cannot be used with'],
    ['admin create --email ada@acme.org', "'--username <name>' not specified"],
    ['admin create --username ada', "'--email <address>' not specified"],
    ['admin create --email a@b.c --username ada --password x', "unknown option '--password'"],
    ['--port 3000', "unknown option '--port'"],
    ['-x', "unknown option '-x'"],
    ['events replay', '--channel or --to'],
    ['events replay --channel c --dry-run=yes', '--dry-run=yes'],
    ['events replay --channel c --to backend', 'cannot be used with'],
    ['events replay --channel c --rate 5', 'cannot be used with'],
    ['events replay --channel c --after p', 'cannot be used with'],
    ['events replay --channel c --schema 1', 'cannot be used with'],
    ['events replay --to backend --schema 3', 'Allowed choices are 1, 2'],
    ['events snapshot', "'--to <consumer>' not specified"],
    ['dead-letters redrive', "'--consumer <name>' not specified"],
    ['dead-letters dismiss --consumer c --id 1', "'--reason <text>' not specified"],
    ['dead-letters dismiss --consumer c --reason x', "'--id <ids>' not specified"],
    ['dead-letters dismiss --id 1 --reason x', "'--consumer <name>' not specified"],
    ['nats consumer backend', "'--schema <version>' not specified"],
    ['nats consumer --schema 1', "missing required argument 'names'"],
    ['sync set --reason x', "missing required argument 'mode'"],
    ['sync set htp --reason x', 'Allowed choices are http, dual, canary, events'],
    ['sync set dual', "'--reason <text>' not specified"],
    ['sync set canary --dual-write yes --reason x', 'Allowed choices are true, false'],
    ['contract serve a.json', 'too many arguments'],
  ])('refuses "%s", and says in its last line: %s', async (line, complaint) => {
    const { asked, run: runHere } = makeFakeCommandLine()
    const { exitCode, stdout, stderr } = await runHere(wordsIn(line))
    expect([exitCode, stdout, asked]).toEqual([64, [], []])
    expect(last(stderr)).toContain(complaint)
    expect(last(stderr)).toStartWith('auth')
  })
})
