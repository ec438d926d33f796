import { afterAll, expect, test } from 'bun:test'
import { execFileSync } from 'node:child_process'
import { chmodSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { ROOT } from '../../../scripts/repository.ts'
import { isAlive, treeOf } from '../../support/processes/native/process-tree.ts'
import type { Spawned } from '../../support/processes/native/spawn-process.ts'
import { BIN, spawnProcess } from '../../support/processes/native/spawn-process.ts'
import { temporaryFolder } from '../../support/processes/test-run/temporary-folder.ts'
import { eventually, Hopeless } from '../../support/processes/timing/eventually.ts'

const started: Spawned[] = []
afterAll(() => {
  for (const command of started) command.signal('SIGKILL')
})

/** The words that a process was started with; none once it is gone. */
const wordsOf = (pid: number): string => {
  try {
    if (process.platform !== 'linux')
      return execFileSync('ps', ['-o', 'args=', '-p', String(pid)], { encoding: 'utf8' })
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ')
  } catch {
    return ''
  }
}

test.each([
  ['SIGTERM', 143],
  ['SIGINT', 130],
] as const)(
  'the test command that gets %s ends its servers, the services under test and its folders',
  async (signal, code) => {
    const folder = temporaryFolder()
    // PostgreSQL runs as another user than root.
    chmodSync(folder, 0o755)
    const command = spawnProcess(
      [
        ...[join(BIN, 'bun'), join(ROOT, 'scripts/tests/run-tests.ts')],
        'tests/integration/events/change-to-message.test.ts',
      ],
      { TMPDIR: folder },
    )
    started.push(command)
    // One of each: a shared server, and a service that a test has started.
    const processes = await eventually('a service under test', 60, () => {
      if (!isAlive(command.processId)) throw new Hopeless(command.output().stderr)
      const pids = treeOf(command.processId)
      const words = pids.map(wordsOf)
      for (const program of ['nats-server', 'redis-server', '/postgres', 'src/main/bun.ts'])
        expect(words.some((one) => one.includes(program))).toBe(true)
      return pids
    })
    expect(readdirSync(folder)).not.toEqual([])

    command.signal(signal)
    expect((await command.ended()).exitCode).toBe(code)
    await eventually('the end of every process', 10, () =>
      expect(processes.filter(isAlive).map(wordsOf)).toEqual([]),
    )
    expect(readdirSync(folder)).toEqual([])
  },
  120_000,
)
