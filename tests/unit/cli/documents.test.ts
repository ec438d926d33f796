import { expect, test } from 'bun:test'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { ROOT } from '../../../scripts/repository.ts'
import { COMMANDS } from '../../../src/adapters/cli/commands.ts'
import { makeFakeCommandLine } from '../../support/fakes/operations/fake-command-line.ts'

const PAGES = [
  'README.md',
  'README.th.md',
  'ARCHITECTURE.md',
  'CONTRIBUTING.md',
  'SECURITY.md',
  'docs/backend.md',
  'docs/consume.md',
  'docs/errors.md',
  'docs/first-consumer.md',
  'docs/metrics.md',
  'docs/migration.md',
  'docs/nats.md',
  'docs/oauth.md',
  'docs/postgres.md',
  'docs/runbook.md',
  'contracts/README.md',
  'packages/user-events/README.md',
]

/** What follows `auth` in code: each line of a block, and each text between backticks. */
const shownIn = (page: string): readonly string[] => {
  const text = readFileSync(join(ROOT, page), 'utf8')
  const blocks = [...text.matchAll(/^```\w*\n(.*?)^```$/gms)].map(([, block = '']) => block)
  const spans = [...text.replaceAll(/^```.*?^```$/gms, '').matchAll(/`([^`\n]+)`/g)]
  const code = [
    ...blocks.flatMap((block) => block.split('\n')),
    ...spans.map(([, span = '']) => span),
  ]
  return code.flatMap((line) => {
    const [, words] = /(?:^|[\s|$(])auth ((?:[a-z]+|dead-letters)\b.*)$/.exec(line) ?? []
    return words === undefined ? [] : [words.replace(/ +#.*$| \|.*$| &&.*$|\)+"?$/, '')]
  })
}

/** These words follow `auth` as names, not as commands: the database and its role. */
const isProse = (words: string) => /^(owner|from|to|stands|bun run|…)/.test(words)

const optionsOf = async (words: string): Promise<readonly string[]> => {
  const { stdout } = await makeFakeCommandLine().run([...words.split(' '), '--help'])
  return stdout.join('\n').match(/--[a-z-]+/g) ?? []
}

test('the documents show only commands and options that exist', async () => {
  let shown = 0
  for (const page of PAGES)
    for (const line of shownIn(page)) {
      if (isProse(line)) continue
      const command = COMMANDS.find(({ words }) => line === words || line.startsWith(`${words} `))
      const group = COMMANDS.some(({ words }) => words.startsWith(`${line} `))
      expect({ page, line, exists: command !== undefined || group }).toEqual({
        page,
        line,
        exists: true,
      })
      if (command === undefined) continue
      const options = await optionsOf(command.words)
      for (const option of line.match(/--[a-z][a-z-]*/g) ?? [])
        expect({ page, line, option, exists: options.includes(option) }).toEqual({
          page,
          line,
          option,
          exists: true,
        })
      shown += 1
    }
  expect(shown).toBeGreaterThan(40)
})
