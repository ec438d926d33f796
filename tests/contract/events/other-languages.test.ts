import { describe, expect, test } from 'bun:test'
import { readFileSync } from 'node:fs'
import { cp } from 'node:fs/promises'
import { join } from 'node:path'
import { ROOT } from '../../../scripts/repository.ts'
import { temporaryFolder } from '../../support/processes/test-run/temporary-folder.ts'
import { installGo } from '../../support/servers/provide/install-programs.ts'

const { path: go } = await installGo()

/** Runs a command in a folder, and answers what it said. */
const run = async (folder: string, ...command: readonly string[]) => {
  const child = Bun.spawn([...command], {
    cwd: folder,
    env: {
      ...process.env,
      GOTOOLCHAIN: 'local',
      GOCACHE: join(ROOT, 'node_modules/.cache/go'),
      PYTHONDONTWRITEBYTECODE: '1',
    },
    stdout: 'pipe',
    stderr: 'pipe',
  })
  const [stdout, stderr] = await Promise.all([child.stdout.text(), child.stderr.text()])
  return { exitCode: await child.exited, said: stdout + stderr }
}
const python = (root: string) =>
  run(join(root, 'examples/python'), 'python3', '-m', 'unittest', 'test_user_events')
const golang = (root: string) => run(join(root, 'examples/go'), go, 'test', '-v', './...')

describe('the example', () => {
  test('in Python passes all vectors', async () => {
    expect(await python(ROOT)).toMatchObject({ exitCode: 0, said: expect.stringMatching(/OK\n$/) })
  }, 300_000)

  test('in Go passes all vectors', async () => {
    const { exitCode, said } = await golang(ROOT)
    for (const name of ['TestVectors', 'TestDeadLetters', 'TestDelays'])
      expect(said).toContain(`--- PASS: ${name}`)
    expect(exitCode).toBe(0)
  }, 900_000)

  test('in each language fails when one verdict or one dead letter is another', async () => {
    for (const [file, right, wrong] of [
      ['vectors/return.json', '"stale"', '"applied"'],
      ['dead-letters/letters.json', '"dead-letter-attempts": "10"', '"dead-letter-attempts": "9"'],
    ] as const) {
      const root = temporaryFolder()
      for (const part of ['examples/python', 'examples/go', 'contracts/user-events'])
        await cp(join(ROOT, part), join(root, part), { recursive: true })
      const path = join(root, 'contracts/user-events', file)
      const text = readFileSync(path, 'utf8')
      expect(text).toContain(right)
      await Bun.write(path, text.replace(right, wrong))
      expect((await python(root)).said).toContain('FAILED (failures=1)')
      expect((await golang(root)).said).toContain('--- FAIL')
    }
  }, 900_000)
})
