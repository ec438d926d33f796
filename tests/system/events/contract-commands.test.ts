import { describe, expect, test } from 'bun:test'
import { join } from 'node:path'
import { ROOT } from '../../../scripts/repository.ts'
import { fileOf, givenContract, writtenPact } from '../../support/builders/events/given-contract.ts'
import { fakePactBroker } from '../../support/fakes/events/fake-pact-broker.ts'
import { BIN, spawnProcess } from '../../support/processes/native/spawn-process.ts'
import { runCommand } from '../../support/processes/service/start-service.ts'

const verify = (...words: readonly string[]) => runCommand(['contract', 'verify', ...words])

describe('auth contract verify', () => {
  test('accepts a contract that is not in this repository', async () => {
    const path = await givenContract('newsletter', 1, [
      { description: 'somebody new', state: 'user registered', reads: ['email'] },
    ])
    expect(await verify(path)).toMatchObject({
      exitCode: 0,
      stdout: 'newsletter:\n   ok   somebody new (user registered)\nAll 1 interactions are kept.\n',
    })
  })

  test('refuses a contract that is not fulfilled, and names the field', async () => {
    const path = fileOf(writtenPact('newsletter', [{ content: { mail: 'ada@example.com' } }]))
    const { exitCode, stderr } = await verify(path)
    expect(exitCode).toBe(1)
    expect(stderr).toContain('FAIL  somebody new (user registered)')
    expect(stderr).toContain('missing the following keys: mail')
  })

  test('refuses two contracts that cannot both be fulfilled', async () => {
    const [one, other] = [{ content: { role: 'user' } }, { content: { role: 'admin' } }]
    const paths = [one, other].map((message, number) =>
      fileOf(writtenPact(`team-${number}`, [message]), `${number}.json`),
    )
    const { exitCode, stderr } = await verify(...paths)
    expect(exitCode).toBe(1)
    expect(stderr).toContain('team-0 and team-1 both ask for “somebody new”')
  })

  test.each([
    [
      'a state that is none',
      writtenPact('team', [{ states: [{ name: 'user exploded' }] }]),
      1,
      'There are: user registered, ',
    ],
    ['what is no Pact', '{}', 65, 'It is not a Pact'],
  ])('refuses %s before it asks anything', async (_, text, exitCode, said) => {
    const outcome = await verify(fileOf(text))
    expect(outcome.exitCode).toBe(exitCode)
    expect(outcome.stderr).toContain(said)
  })

  test.each([
    ['a file that is not there', ['/nowhere/pact.json'], 65, 'It cannot be read.'],
    ['no file, and no broker', [], 64, 'PACT_BROKER_BASE_URL'],
    ['results to publish, but no broker', ['a.json', '--publish', '1.0.0'], 64, '--publish'],
  ])('refuses %s', async (_, words, exitCode, said) => {
    const outcome = await verify(...words)
    expect(outcome.exitCode).toBe(exitCode)
    expect(outcome.stderr).toContain(said)
  })
})

describe('auth contract verify with a broker', () => {
  const pact = (field: string) =>
    writtenPact('newsletter', [
      { content: { [field]: 'x' }, matchingRules: { body: { [`$.${field}`]: TYPE } } },
    ])
  type Broker = Omit<Parameters<typeof fakePactBroker>[0], 'token'>
  const withBroker = async (given: Broker, ...words: readonly string[]) => {
    const broker = fakePactBroker({ token: 'a-token', ...given })
    const environment = { PACT_BROKER_BASE_URL: broker.url, PACT_BROKER_TOKEN: 'a-token' }
    const outcome = await runCommand(['contract', 'verify', ...words], { environment })
    await broker.close()
    const { published, selections, branches } = broker
    return { ...outcome, published, selections, branches }
  }

  test('reads the contracts from the broker, and publishes nothing unless asked', async () => {
    expect(await withBroker({ pacts: [pact('email')] })).toMatchObject({
      exitCode: 0,
      stdout: expect.stringContaining('newsletter:'),
      published: [],
    })
  })

  test('publishes the result under the given version', async () => {
    const { exitCode, published } = await withBroker(
      { pacts: [pact('mail')] },
      '--publish',
      '1.2.3',
    )
    expect(exitCode).toBe(1)
    expect(published).toMatchObject([{ success: false, providerApplicationVersion: '1.2.3' }])
  })

  test('says which branch it is, and asks for what may be pending, deployed, or in progress', async () => {
    const words = ['--publish', '1.2.3', '--branch', 'main', '--wip-since', '2026-11-01']
    const { exitCode, selections, branches } = await withBroker(
      { pacts: [pact('email')] },
      ...words,
    )
    expect(exitCode).toBe(0)
    expect(selections).toEqual([
      {
        includePendingStatus: true,
        includeWipPactsSince: '2026-11-01',
        providerVersionBranch: 'main',
        consumerVersionSelectors: [
          { mainBranch: true },
          { deployedOrReleased: true },
          { matchingBranch: true },
        ],
      },
    ])
    expect([...branches]).toEqual([['1.2.3', 'main']])
  })

  test('fails nothing for a contract that its branch has never kept, and says so', async () => {
    const pacts = [pact('mail'), pact('email').replace('newsletter', 'social')]
    const { exitCode, stdout, published } = await withBroker(
      { pacts },
      ...['--publish', '1.2.3', '--branch', 'main'],
    )
    expect(exitCode).toBe(0)
    expect(stdout).toContain('PEND  somebody new (user registered)')
    expect(stdout).toContain('missing the following keys: mail')
    expect(stdout).toContain('Pending: 1.')
    expect(stdout).toContain('All 1 interactions are kept.')
    expect(published.map(({ success }) => success).sort()).toEqual([false, true])
  })

  test.each([
    ['its branch has kept it before', ['main'], ['--branch', 'main']],
    ['it names no branch', [], []],
  ])('is refused for a contract that is broken when %s', async (_, keptBy, words) => {
    const { exitCode, stderr } = await withBroker({ pacts: [pact('mail')], keptBy }, ...words)
    expect(exitCode).toBe(1)
    expect(stderr).toContain('FAIL  somebody new (user registered)')
  })

  test('is refused when its results cannot be published', async () => {
    const given = { pacts: [pact('email')], statusOfResults: 400 }
    const { exitCode, stderr } = await withBroker(given, '--publish', '1.2.3')
    expect(exitCode).toBe(1)
    expect(stderr).toContain('Publishing of verification results failed')
  })

  test.each([
    [['a.json', '--branch', 'main'], '--branch works with the contracts of a Pact Broker only'],
    [['a.json', '--wip-since', '2026-11-01'], '--wip-since works with the contracts'],
    [['--wip-since', '2026-11-01'], '--wip-since needs --branch'],
    [['--branch', 'main', '--wip-since', 'yesterday'], '--wip-since needs a day'],
  ])('refuses %p', async (words, said) => {
    const { exitCode, stderr } = await withBroker({}, ...words)
    expect(exitCode).toBe(64)
    expect(stderr).toContain(said)
  })

  test('is refused when the broker refuses', async () => {
    const broker = fakePactBroker({ token: 'a-token' })
    const environment = { PACT_BROKER_BASE_URL: broker.url }
    const { exitCode, stderr } = await runCommand(['contract', 'verify'], { environment })
    await broker.close()
    expect(exitCode).not.toBe(0)
    expect(stderr).toContain('401')
  })

  test('refuses a malformed address', async () => {
    const environment = { PACT_BROKER_BASE_URL: 'broker' }
    const { exitCode, stderr } = await runCommand(['contract', 'verify'], { environment })
    expect(exitCode).toBe(78)
    expect(stderr).toContain('PACT_BROKER_BASE_URL must be an address')
  })
})

const TYPE = { combine: 'AND', matchers: [{ match: 'type' }] }

describe('auth contract serve', () => {
  test('answers a verifier until it gets a signal to stop', async () => {
    const command = [join(BIN, 'bun'), join(ROOT, 'src/main/cli.ts'), 'contract', 'serve']
    const served = spawnProcess([...command, '--port', '0'], {})
    const url = await served.waitFor(
      'its address',
      ({ stdout }) => /http:\/\/127\.0\.0\.1:\d+\//.exec(stdout)?.[0],
      20,
    )
    const answer = await fetch(url, {
      method: 'POST',
      body: JSON.stringify({
        description: 'in any words',
        providerStates: [{ name: 'user deleted', params: { subject: 'user.events.v2' } }],
      }),
    })
    expect(await answer.json()).toMatchObject({ action: 'deleted', schemaVersion: 2 })
    served.signal('SIGTERM')
    expect(await served.ended()).toMatchObject({ exitCode: 0 })
  })

  test.each([
    ['--port', 'many'],
    ['--host', 'a b'],
  ])('refuses %s %s', async (option, value) => {
    const { exitCode, stderr } = await runCommand(['contract', 'serve', option, value])
    expect(exitCode).toBe(64)
    expect(stderr).toContain(option)
  })
})
