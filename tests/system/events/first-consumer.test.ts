import { beforeAll, describe, expect, test } from 'bun:test'
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { ROOT, readFrom } from '../../../scripts/repository.ts'
import { BIN, spawnProcess } from '../../support/processes/native/spawn-process.ts'
import { startPreparedService } from '../../support/processes/service/prepared-data.ts'
import { runCommand } from '../../support/processes/service/start-service.ts'
import { temporaryFolder } from '../../support/processes/test-run/temporary-folder.ts'
import { givenNats } from '../../support/servers/nats/given-nats.ts'
import { installNode } from '../../support/servers/provide/install-programs.ts'

const nats = await givenNats()
const parent = temporaryFolder()
const folder = join(parent, 'newsletter')
const PACT = join(folder, 'pacts/newsletter-auth-service.json')
const NODE = (await installNode())?.path ?? 'node'

/** What runs the consumer, and its contract. */
const RUNTIMES = {
  node: { program: NODE, contract: [NODE, '--test'] },
  bun: { program: join(BIN, 'bun'), contract: [join(BIN, 'bun'), 'test'] },
} as const

/** Runs to its end, with this machine's settings of where packages come from. Throws with what it said. */
const run = async (words: readonly string[], cwd = folder): Promise<string> => {
  const env = { ...process.env, PATH: `${BIN}:${process.env['PATH']}` }
  const child = Bun.spawn([...words], { cwd, env, stdout: 'pipe', stderr: 'pipe' })
  const [stdout, stderr] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
  ])
  if ((await child.exited) !== 0) throw new Error(`${words.join(' ')}\n${stdout}\n${stderr}`)
  return stdout
}

const page = await readFrom('docs/first-consumer.md')
/** The code of the page, by the names of its files. */
const files = [...page.matchAll(/```ts\n\/\/ (\S+)\n(.*?)```/gs)].map(
  ([, name = '', code = '']) => [name, code] as const,
)
/** The commands that make the folder. */
const commands = /```sh\n(mkdir newsletter.*?)```/s.exec(page)?.[1] ?? 'exit 1'

beforeAll(async () => {
  const packed = await run(
    ['npm', 'pack', '--json', '--pack-destination', parent],
    join(ROOT, 'packages/user-events'),
  )
  const [{ filename }] = JSON.parse(packed)
  expect(commands).toContain(`../${filename}`)
  await run(['sh', '-ec', commands], parent)
  for (const [name, code] of files) writeFileSync(join(folder, name), code)
}, 240_000)

describe('a consumer in a folder of its own, with nothing of ours but the package', () => {
  test('is followed with the commands that the page prints', () => {
    expect(files.map(([name]) => name)).toEqual(['welcome.ts', 'main.ts', 'newsletter.test.ts'])
    for (const command of ['node main.ts', 'node --test', 'npx bun main.ts', 'npx bun test'])
      expect(page).toContain(`${command}\``)
  })

  test.each(Object.entries(RUNTIMES))(
    'consumes the events of a running service on %s',
    async (name, { program }) => {
      const service = await startPreparedService({ environment: nats.environment })
      const consumer = spawnProcess([program, join(folder, 'main.ts')], nats.environment)
      const registered = await fetch(`${service.url}/v1/auth/register`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({
          email: `${name}@example.com`,
          username: `${name}-user`,
          password: 'correct horse battery staple',
        }),
      })
      expect(registered.status).toBe(201)
      const letter = `To ${name}@example.com: Welcome, ${name}-user!\n`
      await consumer.waitFor('the letter', ({ stdout }) => stdout.includes(letter) || undefined, 30)
      consumer.signal('SIGTERM')
      expect(await consumer.ended()).toMatchObject({ exitCode: 0, stderr: '' })
      await service.stop()
    },
    120_000,
  )

  test.each(Object.entries(RUNTIMES))(
    'passes auth contract verify with the Pact that %s writes',
    async (_, { contract }) => {
      rmSync(PACT, { force: true })
      await run(contract)
      const { exitCode, stdout } = await runCommand(['contract', 'verify', PACT])
      expect(page).toContain(stdout)
      expect(exitCode).toBe(0)
    },
  )

  test('is refused with a wrong Pact, by the name of the field', async () => {
    const wrong = join(folder, 'wrong.json')
    writeFileSync(wrong, readFileSync(PACT, 'utf8').replaceAll('displayName', 'fullName'))
    const { exitCode, stderr } = await runCommand(['contract', 'verify', wrong])
    expect(exitCode).toBe(1)
    expect(stderr).toContain('fullName')
  })
})
