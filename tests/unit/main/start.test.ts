import { describe, expect, test } from 'bun:test'
import { existsSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { serve } from 'srvx/bun'
import { findOwner } from '../../../src/adapters/filesystem/data-directory.ts'
import { fail } from '../../../src/domain/shared/result.ts'
import type { RunningService } from '../../../src/main/lifecycle/start.ts'
import { start } from '../../../src/main/lifecycle/start.ts'
import { stop } from '../../../src/main/lifecycle/stop.ts'
import {
  makeFakeCompose,
  withEnvironment,
} from '../../support/fakes/operations/fake-composition.ts'
import { temporaryFolder } from '../../support/processes/test-run/temporary-folder.ts'

const newFolder = () => join(temporaryFolder(), 'data')

const started = async (
  { compose }: ReturnType<typeof makeFakeCompose>,
  variables: Readonly<Record<string, string>>,
): Promise<RunningService> => {
  const running = await withEnvironment(variables, () => start(serve, compose))
  if (!running.ok) throw new Error(running.refusal.lines.join())
  return running.value
}

const refusalOf = (
  { compose }: ReturnType<typeof makeFakeCompose>,
  variables: Readonly<Record<string, string>>,
) =>
  withEnvironment(variables, async () => {
    const running = await start(serve, compose)
    return running.ok ? null : running.refusal
  })

describe('a start in this process', () => {
  test('serves both listeners at the ports it found and tells the command line', async () => {
    const fake = makeFakeCompose()
    const folder = newFolder()
    const running = await started(fake, { DATA_DIR: folder })
    const { listener, management, publicUrl } = running.config
    for (const { host, port } of [listener, management])
      expect(await (await fetch(`http://${host}:${port}`)).text()).toBe(publicUrl)
    expect(await findOwner(folder)).toMatchObject({ managementPort: management.port })
    expect(await stop(running, 'SIGTERM')).toBe(0)
    expect(await findOwner(folder)).toBeNull()
  })

  test('starts and stops in order', async () => {
    const fake = makeFakeCompose()
    const running = await started(fake, { DATA_DIR: 'memory:' })
    await stop(running, 'SIGINT')
    expect(fake.calls).toEqual([
      ...['compose', 'migrate', 'ready'],
      ...['service.stopping', 'unready', 'stores closed', 'service.stopped'],
    ])
  })

  test('keeps the address that it was given', async () => {
    const variables = { DATA_DIR: 'memory:', PUBLIC_URL: 'https://auth.acme.org' }
    const running = await started(makeFakeCompose(), variables)
    expect(running.config.publicUrl).toBe('https://auth.acme.org')
    await stop(running, 'SIGTERM')
  })

  test('with bad settings is refused before anything is touched', async () => {
    const fake = makeFakeCompose()
    const folder = newFolder()
    expect(await refusalOf(fake, { DATA_DIR: folder, LOG_LEVEL: 'loud' })).toMatchObject({
      exitCode: 78,
    })
    expect(existsSync(folder)).toBe(false)
    expect(fake.calls).toEqual([])
  })

  test('on a newer schema is refused, closes the stores and frees the directory', async () => {
    const fake = makeFakeCompose({ migrate: async () => fail({ kind: 'newer-schema' }) })
    const folder = newFolder()
    expect(await refusalOf(fake, { DATA_DIR: folder })).toMatchObject({ exitCode: 65 })
    expect(fake.calls).toEqual(['compose', 'stores closed'])
    expect(await findOwner(folder)).toBeNull()
  })

  test('that fails frees the directory and passes the fault on', async () => {
    const fake = makeFakeCompose({ migrate: () => Promise.reject(new Error('no disk')) })
    const folder = newFolder()
    await expect(refusalOf(fake, { DATA_DIR: folder })).rejects.toThrow('no disk')
    expect(fake.calls).toEqual(['compose', 'stores closed'])
    expect(await findOwner(folder)).toBeNull()
  })

  test.each(['PORT', 'MANAGEMENT_PORT'])('with %s in use is refused with 69', async (variable) => {
    const other = createServer()
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve))
    const address = other.address()
    const port = typeof address === 'object' && address !== null ? address.port : 0
    const fake = makeFakeCompose()
    const folder = newFolder()
    const refusal = await refusalOf(fake, { DATA_DIR: folder, [variable]: String(port) })
    other.close()
    expect(refusal?.exitCode).toBe(69)
    expect(refusal?.lines).toEqual([
      `Cannot listen on 127.0.0.1:${port}: the port is in use. Set ${variable}, or stop the other process.`,
    ])
    expect(fake.calls).toEqual([])
    expect(await findOwner(folder)).toBeNull()
  })

  test('on an address of another machine is refused with 69', async () => {
    const refusal = await refusalOf(makeFakeCompose(), { DATA_DIR: 'memory:', HOST: '192.0.2.1' })
    expect(refusal?.exitCode).toBe(69)
  })
})

describe('a stop in this process', () => {
  test('that takes too long gives up with 1', async () => {
    const fake = makeFakeCompose({ stop: () => new Promise(() => {}) })
    const running = await started(fake, { DATA_DIR: 'memory:', SHUTDOWN_SECONDS: '1' })
    expect(await stop(running, 'SIGTERM')).toBe(1)
    expect(fake.calls.at(-1)).toBe('service.stop-timeout')
  })
})
