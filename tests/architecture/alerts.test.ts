import { describe, expect, test } from 'bun:test'
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { ROOT } from '../../scripts/repository.ts'
import { findPromtool } from '../support/servers/install-promtool.ts'

const read = (path: string): Promise<string> => Bun.file(join(ROOT, path)).text()
const alerts = await read('ops/alerts.yml')
const dashboard = await read('ops/dashboard.json')
const metricsPage = await read('docs/metrics.md')

const documented = new Set(
  [...metricsPage.matchAll(/^\| `(auth_\w+)` \| (\w+)/gm)].flatMap(namesOf),
)
/** A histogram shows itself as three. */
function namesOf([, name = '', type]: RegExpExecArray | readonly string[]): string[] {
  return type === 'histogram' ? ['bucket', 'count', 'sum'].map((end) => `${name}_${end}`) : [name]
}

/** As GitHub makes them. */
const anchorOf = (heading: string): string =>
  heading
    .toLowerCase()
    .replaceAll(/[^\w\s-]/g, '')
    .trim()
    .replaceAll(/\s/g, '-')

describe('the alarms', () => {
  test('are accepted by Prometheus', async () => {
    const { stdout } = await promisify(execFile)(await findPromtool(), [
      ...['check', 'rules', '--lint=all', '--lint-fatal', join(ROOT, 'ops/alerts.yml')],
    ])
    expect(stdout).toContain('SUCCESS')
  }, 240_000)

  test('are about metrics that exist', () => {
    const used = new Set([...alerts.matchAll(/\bauth_\w+/g)].map(([name]) => name))
    expect([...used].filter((name) => !documented.has(name))).toEqual([])
    expect(used.size).toBeGreaterThan(10)
  })

  test('each lead to a heading of the runbook', async () => {
    const runbook = await read('docs/runbook.md')
    const headings = new Set(
      [...runbook.matchAll(/^#+ (.+)$/gm)].map(([, text = '']) => anchorOf(text)),
    )
    const names = [...alerts.matchAll(/- alert: (\w+)/g)].map(([, name = '']) => name)
    const links = [...alerts.matchAll(/runbook: docs\/runbook\.md#(\S+)/g)].map(
      ([, anchor = '']) => anchor,
    )
    expect(links).toHaveLength(names.length)
    expect(links.filter((anchor) => !headings.has(anchor))).toEqual([])
    expect(names.filter((name) => !runbook.includes(name))).toEqual([])
  })
})

test('the dashboard shows metrics that exist', () => {
  const used = new Set([...dashboard.matchAll(/\bauth_\w+/g)].map(([name]) => name))
  expect([...used].filter((name) => !documented.has(name))).toEqual([])
  expect(used.size).toBeGreaterThan(10)
  expect(JSON.parse(dashboard)).toMatchObject({ uid: 'auth-service', panels: expect.any(Array) })
})
