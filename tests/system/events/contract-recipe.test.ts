import { describe, expect, test } from 'bun:test'
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { ROOT, readFrom } from '../../../scripts/repository.ts'
import { givenContract, writtenPact } from '../../support/builders/events/given-contract.ts'
import { fakePactBroker } from '../../support/fakes/events/fake-pact-broker.ts'
import { BIN } from '../../support/processes/native/spawn-process.ts'
import { temporaryFolder } from '../../support/processes/test-run/temporary-folder.ts'

// The commands of docs/contracts.md, with Pact's own client and verifier, against a double of the broker.

const page = await readFrom('docs/contracts.md')
const commands = new Map(
  [...page.matchAll(/```sh ([\w-]+)\n(.*?)\n```/gs)].map(([, name = '', text = '']) => [
    name,
    text,
  ]),
)

const givenBuilds = () => {
  const broker = fakePactBroker({ token: 'a-token' })
  const folder = temporaryFolder()
  mkdirSync(join(folder, 'pacts'))
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'))
  /** Runs a command of the page as a build of this commit, and tells its exit code. */
  const run = async (name: string, commit: string, branch = 'main'): Promise<number> => {
    const command = commands.get(name)
    if (command === undefined) throw new Error(`docs/contracts.md has no command ${name}`)
    const child = Bun.spawn(['sh', '-c', command], {
      cwd: name.startsWith('consumer') ? folder : ROOT,
      env: {
        ...process.env,
        PATH: `${BIN}:${process.env['PATH']}`,
        PACT_BROKER_BASE_URL: broker.url,
        PACT_BROKER_TOKEN: 'a-token',
        GIT_COMMIT: commit,
        GIT_BRANCH: branch,
      },
      stdout: 'ignore',
      stderr: 'ignore',
    })
    return child.exited
  }
  const write = (pact: string) =>
    writeFileSync(join(folder, 'pacts/newsletter-auth-service.json'), pact)
  return { broker, run, write }
}

const kept = async () => {
  const path = await givenContract('newsletter', 1, [
    { description: 'somebody new', state: 'user registered', reads: ['email'] },
  ])
  return Bun.file(path).text()
}
const BROKEN = writtenPact('newsletter', [{ content: { mail: 'ada@example.com' } }])

describe('the commands for a Pact Broker', () => {
  test('let a consumer deploy once its contract is kept by what is in production', async () => {
    const { broker, run, write } = givenBuilds()
    write(await kept())
    expect(await run('consumer-publish', 'c1')).toBe(0)
    expect(await run('consumer-ask', 'c1')).toBe(1)
    expect(await run('provider-verify', 'p1')).toBe(0)
    expect(await run('provider-ask', 'p1')).toBe(0)
    expect(await run('provider-record', 'p1')).toBe(0)
    expect(await run('consumer-ask', 'c1')).toBe(0)
    expect(await run('consumer-record', 'c1')).toBe(0)
    expect([...broker.deployed]).toEqual([
      ['auth-service', 'p1'],
      ['newsletter', 'c1'],
    ])
    await broker.close()
  }, 120_000)

  test('do not let a consumer deploy what is not kept, and fail no build of ours for it', async () => {
    const { broker, run, write } = givenBuilds()
    write(BROKEN)
    expect(await run('consumer-publish', 'c2', 'feature')).toBe(0)
    expect(await run('provider-verify', 'p1')).toBe(0)
    expect(broker.published).toMatchObject([{ success: false, providerApplicationVersion: 'p1' }])
    expect(await run('provider-record', 'p1')).toBe(0)
    expect(await run('consumer-ask', 'c2')).toBe(1)
    await broker.close()
  }, 120_000)

  test('do not let us deploy a version that was not verified with a consumer in production', async () => {
    const { broker, run, write } = givenBuilds()
    write(await kept())
    await run('consumer-publish', 'c1')
    await run('provider-verify', 'p1')
    await run('consumer-record', 'c1')
    expect(await run('provider-ask', 'p1')).toBe(0)
    expect(await run('provider-ask', 'p2')).toBe(1)
    await broker.close()
  }, 120_000)
})
