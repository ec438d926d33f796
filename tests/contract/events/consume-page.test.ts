import { expect, test } from 'bun:test'
import { cp } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { delayOf } from '../../../packages/user-events/src/consumer/retry.ts'
import { DEFAULT_LIMITS } from '../../../packages/user-events/src/index.ts'
import { ROOT, readFrom } from '../../../scripts/repository.ts'
import { temporaryFolder } from '../../support/processes/test-run/temporary-folder.ts'
import { isLongRun } from '../../support/processes/test-run/test-run.ts'
import { installGo } from '../../support/servers/provide/install-programs.ts'

const page = await readFrom('docs/consume.md')

test('the page names every subject that the account of a consumer may use, and no other request', async () => {
  const accounts = await readFrom('ops/nats/accounts.conf')
  const [, imports = ''] = /\n {2}backend \{(.*?)\n {2}\}/s.exec(accounts) ?? []
  const allowed = [...imports.matchAll(/subject: "([^"]+)"/g)].map(([, subject = '']) =>
    subject
      .replace(/USER_EVENTS(_DIRECT)?/, '<stream>')
      .replace('backend', '<consumer>')
      .replace('$JS.ACK.*.*.', '$JS.ACK.<domain>.<account>.')
      .replace(/(?:\.\*)+(?:\.>)?$/, '.>'),
  )
  const [, section = ''] = /## What a client of NATS needs(.*?)\n## /s.exec(page) ?? []
  const named = [...section.matchAll(/`((?:\$JS|dlq)\.[^`]+)`/g)].map(([, subject]) => subject)
  expect(new Set(named)).toEqual(new Set(allowed))
})

test('the page shows the delays of the package', () => {
  const { firstRetrySeconds, lastRetrySeconds, deliveries } = DEFAULT_LIMITS
  const delays = Array.from({ length: deliveries - 1 }, (_, failed) =>
    delayOf(failed + 1, firstRetrySeconds, lastRetrySeconds),
  )
  expect(page).toContain(`| delay in s | ${delays.join(' | ')} | none: dead letter |`)
})

test('the loop in Go on the page is well-formed, and compiles against the client of NATS in the long form', async () => {
  const folder = temporaryFolder()
  const { path: go } = await installGo()
  const [, code = ''] = /```go\n(.*?)```/s.exec(page) ?? []
  await Bun.write(join(folder, 'main.go'), code)
  const run = async (...command: readonly string[]) => {
    const child = Bun.spawn([...command], {
      cwd: folder,
      env: { ...process.env, GOCACHE: join(ROOT, 'node_modules/.cache/go') },
      stdout: 'pipe',
      stderr: 'pipe',
    })
    const [stdout, stderr] = await Promise.all([child.stdout.text(), child.stderr.text()])
    return { exitCode: await child.exited, said: stdout + stderr }
  }
  expect(await run(join(dirname(go), 'gofmt'), '-l', '.')).toEqual({ exitCode: 0, said: '' })
  // Compiling the client takes most of a minute on two cores.
  if (!isLongRun) return
  await Bun.write(join(folder, 'main_test.go'), 'package main\n')
  await Bun.write(join(folder, 'entry.go'), 'package main\n\nfunc main() {}\n')
  await cp(join(ROOT, 'examples/go'), join(folder, 'userevents'), { recursive: true })
  await Bun.write(
    join(folder, 'go.mod'),
    `module example.com/consumer

go 1.24

replace example.com/userevents => ./userevents

require (
	example.com/userevents v0.0.0
	github.com/nats-io/nats.go v1.48.0
)
`,
  )
  expect(await run(go, 'mod', 'tidy')).toMatchObject({ exitCode: 0 })
  expect(await run(go, 'vet', '.')).toEqual({ exitCode: 0, said: '' })
}, 900_000)
