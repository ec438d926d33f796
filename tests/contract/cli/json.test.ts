import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test'
import { COMMANDS } from '../../../src/adapters/cli/commands.ts'
import type { ComposedService } from '../../support/builders/service/composed-service.ts'
import { composedService } from '../../support/builders/service/composed-service.ts'
import { makeFakeCommandLine } from '../../support/fakes/operations/fake-command-line.ts'

setDefaultTimeout(60_000)

let service: ComposedService
beforeAll(async () => {
  service = await composedService()
  await service.register('canary')
})
afterAll(() => service.end())

/** The command line over the composed service. */
const run = (words: readonly string[]) =>
  makeFakeCommandLine(async (name, input) => {
    const outcome = await service.runCommand(name, input)
    if (outcome === undefined) throw new Error(`there is no ${name}`)
    return outcome
  }).run(words)

const wordsIn = (line: string): readonly string[] =>
  [...line.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, word]) => quoted ?? word ?? '')

const onService = COMMANDS.filter(({ parts }) => parts.length > 0).map(({ words, examples }) => ({
  words,
  examples,
}))

test.each(onService)(
  '$words answers with documents that say more than its lines',
  async (command) => {
    for (const example of command.examples) {
      const { exitCode, stdout } = await run([...wordsIn(example), '--json'])
      for (const line of stdout) {
        const document = JSON.parse(line)
        expect({ example, document }).toEqual({ example, document: expect.any(Object) })
        if (exitCode === 0) expect(Object.keys(document)).not.toEqual(['messages'])
      }
    }
  },
)

test('a tail prints one document for each change, with ids and no names', async () => {
  const { stdout } = await run(['events', 'tail', '--json'])
  expect(stdout.length).toBeGreaterThan(0)
  const [document] = stdout.map((line) => JSON.parse(line))
  expect(document).toMatchObject({ action: 'created', version: 1, changed: expect.any(Array) })
  expect(Date.parse(document.occurredAt)).not.toBeNaN()
  expect(stdout.join()).not.toContain('canary')
})

test('a refusal is one document with the sentences that a person reads', async () => {
  expect(await run(['users', 'unlock', '--username', 'nobody', '--json'])).toEqual({
    exitCode: 1,
    stdout: ['{"messages":["There is no such account. Nothing was changed."]}'],
    stderr: ['There is no such account. Nothing was changed.'],
  })
})
