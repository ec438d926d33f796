import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { join } from 'node:path'
import { ROOT } from '../../../scripts/repository.ts'
import { PASSWORD } from '../../support/builders/accounts/given-users.ts'
import { register, send, signIn } from '../../support/builders/http/given-http.ts'
import { BIN, spawnProcess } from '../../support/processes/native/spawn-process.ts'
import {
  preparedData,
  startPreparedService,
} from '../../support/processes/service/prepared-data.ts'
import type { Service } from '../../support/processes/service/start-service.ts'
import {
  readInstallation,
  runCommand,
  startService,
} from '../../support/processes/service/start-service.ts'
import { eventually } from '../../support/processes/timing/eventually.ts'

const COMMAND_MILLISECONDS = 60_000
const CHANNEL = 'nats:user.events'

const startTail = (dataDirectory: string, ...words: readonly string[]) =>
  spawnProcess([join(BIN, 'bun'), join(ROOT, 'src/main/cli.ts'), 'events', 'tail', ...words], {
    NODE_ENV: 'test',
    PORT: '0',
    MANAGEMENT_PORT: '0',
    DATA_DIR: dataDirectory,
  })

describe('with the service running, its events', () => {
  let service: Service
  beforeAll(async () => {
    service = await startPreparedService({ environment: { NODE_ENV: 'development' } })
  }, COMMAND_MILLISECONDS)
  afterAll(async () => {
    await service.stop()
  })
  const consumed = (userId: string) =>
    service
      .output()
      .stdout.split('\n')
      .filter((line) => line.startsWith('user.events {') && line.includes(userId)).length
  const adminToken = async (): Promise<string> => {
    await runCommand(['admin', 'create', '--email', 'ada@example.com', '--username', 'ada'], {
      dataDirectory: service.dataDirectory,
      stdin: PASSWORD,
    })
    return (await signIn(service, 'ada')).body.tokens.accessToken
  }

  test(
    'are followed until Ctrl-C, by ids and never by names',
    async () => {
      const before = (await register(service)).body.user
      const tail = startTail(service.dataDirectory)
      const seen = (id: string) =>
        tail.waitFor(id, ({ stdout }) => (stdout.includes(id) ? id : undefined), 20)
      await seen(before.id)
      const after = (await register(service)).body.user
      await seen(after.id)
      tail.signal('SIGINT')
      const { exitCode, stdout, stderr } = readInstallation(await tail.ended())
      expect([exitCode, stderr]).toEqual([0, ''])
      expect(stdout).toContain(`created  ${after.id} v1`)
      expect(stdout).not.toContain(after.username)
    },
    COMMAND_MILLISECONDS,
  )

  test(
    'are counted, and delivered again, by the command line and by an administrator',
    async () => {
      const { user } = (await register(service)).body
      await service.consumed(({ id }) => id === user.id)
      const replay = (...words: readonly string[]) =>
        runCommand(['events', 'replay', '--channel', CHANNEL, '--user', user.id, ...words], {
          dataDirectory: service.dataDirectory,
        })
      expect(await replay('--dry-run')).toMatchObject({
        exitCode: 0,
        stdout: '1 event would be delivered again. Nothing was changed.\n',
      })
      expect(consumed(user.id)).toBe(1)
      expect(await replay()).toMatchObject({
        exitCode: 0,
        stdout: `1 event will be delivered again on ${CHANNEL}.\n`,
      })
      const bearer = await adminToken()
      const ledger = async () =>
        (await send(service, 'GET', `/v1/admin/events?userId=${user.id}`, { bearer })).body.items[0]
      while ((await ledger()).deliveries[0].state !== 'acknowledged') await Bun.sleep(20)
      // What was printed comes by another way than the answer.
      await eventually('the second', 10, () => expect(consumed(user.id)).toBe(2))
      const asked = await send(service, 'POST', '/v1/admin/events/replay', {
        body: { channel: CHANNEL, userId: user.id },
        bearer,
      })
      expect(asked).toMatchObject({ status: 202, body: { replayed: 1 } })
      await eventually('the third', 10, () => expect(consumed(user.id)).toBe(3))
    },
    COMMAND_MILLISECONDS,
  )

  test('that are not parked are not discarded, whatever the reason', async () => {
    const { dataDirectory } = service
    const discard = (stdin: string, ...words: readonly string[]) =>
      runCommand(['events', 'discard', ...words], { dataDirectory, stdin })
    expect(await discard('the consumer is gone\n', '--channel', CHANNEL)).toMatchObject({
      exitCode: 0,
      stdout: 'No parked delivery matches. Nothing was changed.\n',
    })
    expect((await discard('', '--channel', CHANNEL)).stderr).toContain('A reason')
    expect((await discard('why not\n')).stderr).toContain('--channel, --user or --event')
  })

  test('stay in the process where no server is named, and no stream is made', async () => {
    const applied = await runCommand(['nats', 'apply'], { dataDirectory: service.dataDirectory })
    expect(applied).toMatchObject({ exitCode: 1, stdout: '' })
    expect(applied.stderr).toContain('NATS_URL is not set')
  })
})

describe('without the service, its events', () => {
  test(
    'are listed, and can be delivered again by the next start',
    async () => {
      const dataDirectory = await preparedData()
      const environment = { NODE_ENV: 'development' }
      const service = await startService({ dataDirectory, environment })
      const { user } = (await register(service)).body
      await service.consumed(({ id }) => id === user.id)
      await service.stop()
      const tail = readInstallation(await startTail(dataDirectory, '--user', user.id).ended())
      expect(tail).toMatchObject({ exitCode: 0, stderr: '' })
      expect(tail.stdout).toContain(`created  ${user.id} v1`)
      expect(tail.stdout).toEndWith('there is nothing to wait for.\n')
      const replay = ['events', 'replay', '--channel', CHANNEL, '--user', user.id]
      expect(await runCommand(replay, { dataDirectory })).toMatchObject({ exitCode: 0 })
      const again = await startService({ dataDirectory, environment })
      await again.consumed(({ id }) => id === user.id)
      await again.stop()
    },
    COMMAND_MILLISECONDS,
  )
})
