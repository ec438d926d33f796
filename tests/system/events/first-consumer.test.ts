import { beforeAll, describe, expect, test } from 'bun:test'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { ROOT, readFrom } from '../../../scripts/repository.ts'
import { BIN, spawnProcess } from '../../support/processes/native/spawn-process.ts'
import { startPreparedService } from '../../support/processes/service/prepared-data.ts'
import { runCommand } from '../../support/processes/service/start-service.ts'
import { temporaryFolder } from '../../support/processes/test-run/temporary-folder.ts'
import { givenNats } from '../../support/servers/nats/given-nats.ts'

const nats = await givenNats()
const folder = temporaryFolder()
const PACT = join(folder, 'pacts/newsletter-auth-service.json')
const BUN = join(BIN, 'bun')

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

/** The code of the page, by the names of its files. */
const filesOnPage = async (): Promise<readonly (readonly [string, string])[]> => {
  const page = await readFrom('docs/first-consumer.md')
  return [...page.matchAll(/```ts\n\/\/ (\S+)\n(.*?)```/gs)].map(
    ([, name = '', code = '']) => [name, code] as const,
  )
}

beforeAll(async () => {
  const packed = await run(
    ['npm', 'pack', '--json', '--pack-destination', folder],
    join(ROOT, 'packages/user-events'),
  )
  const [{ filename }] = JSON.parse(packed)
  writeFileSync(join(folder, 'package.json'), '{ "name": "newsletter", "type": "module" }')
  await run([BUN, 'add', 'nats@2.29.3', '@pact-foundation/pact@17.1.4', `./${filename}`])
  for (const [name, code] of await filesOnPage()) writeFileSync(join(folder, name), code)
  await run([BUN, 'test'])
}, 240_000)

describe('a consumer in a folder of its own, with nothing of ours but the package', () => {
  test('consumes the events of a running service', async () => {
    const service = await startPreparedService({ environment: nats.environment })
    const consumer = spawnProcess([BUN, join(folder, 'main.ts')], nats.environment)
    const registered = await fetch(`${service.url}/v1/auth/register`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        email: 'ada@example.com',
        username: 'ada',
        password: 'correct horse battery staple',
      }),
    })
    expect(registered.status).toBe(201)
    const welcomed = ({ stdout }: { readonly stdout: string }) => /^(.+)\n/.exec(stdout)?.[1]
    const letter = await consumer.waitFor('the letter', welcomed, 30)
    expect(letter).toBe('To ada@example.com: Welcome, ada!')
    consumer.signal('SIGTERM')
    expect(await consumer.ended()).toMatchObject({ exitCode: 0, stderr: '' })
    await service.stop()
  }, 120_000)

  test('passes auth contract verify with its own Pact', async () => {
    const { exitCode, stdout } = await runCommand(['contract', 'verify', PACT])
    const page = await readFrom('docs/first-consumer.md')
    expect(page).toContain(stdout)
    expect(exitCode).toBe(0)
  })

  test('is refused with a wrong Pact, by the name of the field', async () => {
    const wrong = join(folder, 'wrong.json')
    writeFileSync(wrong, readFileSync(PACT, 'utf8').replaceAll('displayName', 'fullName'))
    const { exitCode, stderr } = await runCommand(['contract', 'verify', wrong])
    expect(exitCode).toBe(1)
    expect(stderr).toContain('fullName')
  })
})
