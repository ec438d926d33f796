import { describe, expect, test } from 'bun:test'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Service } from '../../support/processes/service/start-service.ts'
import { startService, startToEnd } from '../../support/processes/service/start-service.ts'
import { temporaryFolder } from '../../support/processes/test-run/temporary-folder.ts'
import { eventually } from '../../support/processes/timing/eventually.ts'

const COMMAND = [
  process.execPath,
  fileURLToPath(import.meta.resolve('../../support/processes/programs/lifecycle-service.ts')),
]
const start = (environment: Record<string, string> = {}) =>
  startService({ command: COMMAND, environment })
const refuse = (
  environment: Record<string, string> = {},
  dataDirectory = join(temporaryFolder(), 'data'),
) => startToEnd({ command: COMMAND, environment, dataDirectory })

const toldIn = (stdout: string): readonly string[] =>
  stdout.split('\n').flatMap((line) => /"(?:step|event)":"([^"]+)"/.exec(line)?.[1] ?? [])
const isOfTask = (step: string) => step.startsWith('task ')
/** Without the lines of the scheduled task, which come at any time. */
const stepsOf = (stdout: string) => toldIn(stdout).filter((step) => !isOfTask(step))
const tasksOf = (stdout: string) => toldIn(stdout).filter(isOfTask)
const turnsOf = (steps: readonly string[]) => steps.filter((step) => step === 'task began').length

const when = async (service: Service, holds: (stdout: string) => boolean) => {
  while (!holds(service.output().stdout)) await Bun.sleep(5)
}
const until = (service: Service, step: string) => when(service, (stdout) => stdout.includes(step))

describe('a start', () => {
  test('composes, migrates and becomes ready before it says so', async () => {
    const service = await start()
    const { stdout } = await service.stop()
    expect(stepsOf(stdout).slice(0, 3)).toEqual(['compose', 'migrate', 'ready'])
  })

  test('with free ports shows them everywhere', async () => {
    const service = await start()
    const publicUrl = await (await fetch(service.url)).text()
    await service.stop()
    expect(new URL(publicUrl).port).toBe(new URL(service.url).port)
    expect(new URL(publicUrl).port).not.toBe('0')
  })

  test('that fails says so in one line and releases the data directory', async () => {
    const folder = join(temporaryFolder(), 'data')
    const broken = await refuse({ FAIL: 'compose' }, folder)
    expect(broken.exitCode).toBe(70)
    expect(broken.stderr).toBe('The service failed: no stores today: disk on fire\n')
    const next = await startService({ command: COMMAND, dataDirectory: folder })
    expect((await next.stop()).exitCode).toBe(0)
  })

  test('on a newer schema ends with 65, closes the stores and never serves', async () => {
    const refused = await refuse({ FAIL: 'migrate' })
    expect(refused.exitCode).toBe(65)
    expect(refused.stderr).toContain('newer version. Nothing was changed.')
    expect(stepsOf(refused.stdout)).toEqual(['compose', 'migrate', 'stores closed'])
  })

  test('with an unhandled rejection ends instead of running in part [LE7]', async () => {
    const refused = await refuse({ FAIL: 'rejection' })
    expect(refused.exitCode).toBe(70)
    expect(refused.stderr).toBe('The service failed: forgotten while starting\n')
    expect(stepsOf(refused.stdout)).toEqual(['compose'])
  })
})

describe('a running service', () => {
  test('logs an unhandled rejection, answers that request and keeps running [LE7]', async () => {
    const service = await start()
    expect(await (await fetch(`${service.url}/forget`)).text()).toBe('answered')
    await service.seen('process.unhandled-rejection')
    expect((await fetch(service.url)).status).toBe(200)
    expect((await service.stop()).exitCode).toBe(0)
  })

  test('never runs a task beside itself', async () => {
    const service = await start()
    await when(service, (stdout) => turnsOf(tasksOf(stdout)) > 3)
    const { stdout } = await service.stop()
    const turns = tasksOf(stdout)
    expect(turns).toEqual(Array(turnsOf(turns)).fill(['task began', 'task done']).flat())
  })
})

describe('a stop', () => {
  test.each(['SIGTERM', 'SIGINT'] as const)('by %s ends with 0, in order', async (signal) => {
    const service = await start()
    const { exitCode, stdout } = await service.stop(signal)
    expect(exitCode).toBe(0)
    const steps = stepsOf(stdout)
    expect(steps.slice(steps.indexOf('service.stopping'))).toEqual([
      ...['service.stopping', 'unready', 'stores closed', 'service.stopped'],
    ])
  })

  test('answers what it has accepted before it closes the stores', async () => {
    const service = await start()
    const slow = fetch(`${service.url}/slow`)
    await until(service, 'slow request began')
    const ended = service.stop()
    expect(await (await slow).text()).toBe('late but whole')
    const steps = stepsOf((await ended).stdout)
    expect(steps.indexOf('slow request done')).toBeLessThan(steps.indexOf('stores closed'))
  })

  test('accepts nothing new while it finishes', async () => {
    const service = await start()
    const stuck = fetch(`${service.url}/stuck`).catch(() => null)
    await until(service, 'stuck request began')
    service.signal('SIGTERM')
    await until(service, 'unready')
    await eventually('a refusal', 10, async () => {
      const asked = fetch(service.url, { keepalive: false })
      expect(await asked.catch(() => 'refused')).toBe('refused')
    })
    // The service has not finished yet. A second signal ends it at once.
    expect((await service.stop('SIGTERM')).exitCode).toBe(143)
    await stuck
  })

  test('waits for the task that runs', async () => {
    const service = await start()
    await when(service, (stdout) => tasksOf(stdout).at(-1) === 'task began')
    const { stdout } = await service.stop()
    const steps = toldIn(stdout)
    expect(tasksOf(stdout).at(-1)).toBe('task done')
    expect(steps.lastIndexOf('task done')).toBeLessThan(steps.indexOf('stores closed'))
  })

  test('longer than SHUTDOWN_SECONDS ends with 1 and says so', async () => {
    const service = await start({ SHUTDOWN_SECONDS: '1' })
    const stuck = fetch(`${service.url}/stuck`).catch(() => null)
    await until(service, 'stuck request began')
    const began = performance.now()
    const { exitCode, stdout } = await service.stop()
    expect(exitCode).toBe(1)
    // Without the setting it would be 20 s.
    expect(performance.now() - began).toBeLessThan(10_000)
    expect(stepsOf(stdout)).toContain('service.stop-timeout')
    await stuck
  })

  test.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('is cut short by a second signal, %s', async (signal, code) => {
    const service = await start()
    const stuck = fetch(`${service.url}/stuck`).catch(() => null)
    await until(service, 'stuck request began')
    service.signal('SIGTERM')
    await until(service, 'unready')
    expect((await service.stop(signal)).exitCode).toBe(code)
    await stuck
  })

  test('that cannot close the stores ends with 70', async () => {
    const service = await start({ FAIL: 'stop' })
    const { exitCode, stderr } = await service.stop()
    expect(exitCode).toBe(70)
    expect(stderr).toContain('the stores did not close')
  })
})
