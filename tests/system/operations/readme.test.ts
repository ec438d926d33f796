import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import type { Service } from '../../support/processes/service/start-service.ts'
import { startService } from '../../support/processes/service/start-service.ts'
import { eventually } from '../../support/processes/timing/eventually.ts'

type Block = { readonly language: string; readonly text: string }

const LANGUAGES = ['README.md', 'README.th.md'] as const

/** The fenced blocks between the start command and the test command. */
const blocksOf = (file: string): Block[] => {
  const text = readFileSync(resolve(import.meta.dir, '../../..', file), 'utf8')
  const blocks = [...text.matchAll(/^```(\w+)\n([^`]+)\n```$/gm)].map(
    ([, language = '', body = '']) => ({
      language,
      text: body,
    }),
  )
  const isCommand = (words: string) => (block: Block) => block.text.includes(words)
  return blocks.slice(
    blocks.findIndex(isCommand('bun start')) + 1,
    blocks.findIndex(isCommand('bun run test')),
  )
}

/** `…` stands for any text. Everything else has to match exactly. */
const pattern = (text: string): RegExp =>
  new RegExp(
    `^${text
      .split('…')
      .map((part) => RegExp.escape(part))
      .join('.+?')}$`,
    'm',
  )

const inShell = async (script: string): Promise<string> => {
  const shell = Bun.spawn(['bash', '-ec', script], { stdout: 'pipe', stderr: 'pipe' })
  return new Response(shell.stdout).text()
}

const settingsOf = (file: string): string[][] =>
  readFileSync(resolve(import.meta.dir, '../../..', file), 'utf8')
    .split('\n')
    .filter((line) => /^\| `[A-Z_]+`/.test(line))
    .map((line) =>
      [...(line.split('|')[1] ?? '').matchAll(/`([A-Z_]+)`/g)].map(([, name = '']) => name),
    )

test('the first pages of both languages list the same settings', () => {
  const [english, thai] = LANGUAGES.map(settingsOf)
  expect(english).toHaveLength(10)
  expect(thai).toEqual(english)
})

describe.each(LANGUAGES)('the first page, %s,', (file) => {
  let service: Service
  beforeAll(async () => {
    service = await startService({ environment: { NODE_ENV: 'development' } })
  }, 40_000)
  afterAll(() => service.stop())

  test('shows the commands, answers and events of a real run', async () => {
    const blocks = blocksOf(file)
    const shown = { sh: 0, json: 0, text: 0 }
    let script = ''
    let answer = ''
    for (const { language, text } of blocks) {
      const here = text.replaceAll('localhost:3000', new URL(service.url).host)
      if (language === 'sh') {
        // Of earlier commands only the variables are kept.
        answer = await inShell(`${script}${here}`)
        if (here.startsWith('TOKEN=')) script += `${here}\n`
        shown.sh += 1
      } else if (language === 'json') {
        expect(answer).toMatch(pattern(text))
        shown.json += 1
      } else {
        await eventually('the event that is shown', 5, () =>
          expect(service.output().stdout).toMatch(pattern(text)),
        )
        shown.text += 1
      }
    }
    expect(shown).toEqual({ sh: 4, json: 3, text: 2 })
  }, 30_000)
})
