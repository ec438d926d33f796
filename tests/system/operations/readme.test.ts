import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { readConfig } from '../../../src/main/config/config.ts'
import type { Service } from '../../support/processes/service/start-service.ts'
import { startService } from '../../support/processes/service/start-service.ts'
import { temporaryFolder } from '../../support/processes/test-run/temporary-folder.ts'
import { eventually } from '../../support/processes/timing/eventually.ts'

type Block = { readonly language: string; readonly text: string }

const ROOT = resolve(import.meta.dir, '../../..')
const LANGUAGES = ['README.md', 'README.th.md'] as const

/** The fenced blocks between the start command and the test command. */
const blocksOf = (file: string): Block[] => {
  const text = readFileSync(resolve(ROOT, file), 'utf8')
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
  readFileSync(resolve(ROOT, file), 'utf8')
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

const PRODUCTION_BLOCK = /^```sh\n(export NODE_ENV=production[^`]+)\n```$/m

test.each(LANGUAGES)(
  'the production lines of %s are a complete configuration [CF8]',
  async (file) => {
    const [, block = ''] = PRODUCTION_BLOCK.exec(readFileSync(resolve(ROOT, file), 'utf8')) ?? []
    const lines = block.split('\n')
    expect(lines.at(-1)).toBe('npx bun run auth migrate && npx bun start')
    const script = lines
      .slice(0, -1)
      .join('\n')
      .replaceAll('://…', '://server.example')
      .replaceAll('npx bun run auth', `'${process.execPath}' src/main/cli.ts`)
      .replaceAll('auth-keys.env', join(temporaryFolder(), 'auth-keys.env'))
    const shell = Bun.spawn(['bash', '-ec', `{ ${script}\n} >&2\nenv -0`], {
      cwd: ROOT,
      env: { PATH: process.env['PATH'] ?? '' },
      stderr: 'ignore',
    })
    const variables = (await new Response(shell.stdout).text()).split('\0').flatMap((line) => {
      const [, name = '', value = ''] = /^([A-Z_]+)=(.*)$/s.exec(line) ?? []
      return block.includes(`${name}=`) ? [[name, value] as const] : []
    })
    const reading = readConfig(Object.fromEntries(variables), (path) => readFileSync(path, 'utf8'))
    expect('problems' in reading ? reading.problems : []).toEqual([])
    expect(reading).toMatchObject({ config: { mode: 'production', trustedProxyHops: 0 } })
  },
)

test('each service of the compose file in production says how many proxies it trusts [CF8]', () => {
  const text = readFileSync(resolve(ROOT, 'docker-compose.yml'), 'utf8')
  const blocks = text.split(/\n(?=x-)/)
  const settings = blocks.filter((block) => /^x-[\w-]+-settings: /.test(block))
  const ofService = settings.filter((block) => block.includes('<<: *settings'))
  expect(ofService).toHaveLength(2)
  for (const block of ofService) expect(block).toMatch(/^ {2}TRUSTED_PROXY_HOPS: /m)
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
