import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { apiDocument } from '../../src/adapters/http/api-document.ts'
import { errorsDocument } from '../../src/adapters/http/problems/problem-pages.ts'
import { firstSettingsTable, settingsTables } from '../../src/main/config/all-settings.ts'
import { statesTable, verificationMatrix } from '../contracts/contract-tables.ts'
import { ROOT, readFrom } from '../repository.ts'
import { apiTypes } from './api-types.ts'
import { asyncApiDocument } from './asyncapi-document.ts'
import { eventTypes } from './event-types.ts'
import { renderSecurityCases } from './security-cases-page.ts'

/** A file in the repository that this script generates: the whole file, or the part between two marks. */
export type Document = { readonly path: string; readonly render: () => Promise<string> }

/**
 * A document of which only the part between `<!-- name -->` and `<!-- /name -->` is generated.
 * @throws Error when the marks are missing in the file.
 */
export const partOf = (path: string, name: string, render: () => Promise<string>): Document => ({
  path,
  render: async () => replaceBetween(await readFrom(path), name, await render()),
})

export const replaceBetween = (text: string, name: string, content: string): string => {
  const [opening, closing] = [`<!-- ${name} -->`, `<!-- /${name} -->`]
  const [start, end] = [text.indexOf(opening), text.indexOf(closing)]
  if (start < 0 || end < start) throw new Error(`the marks ${opening} and ${closing} are missing`)
  return `${text.slice(0, start + opening.length)}\n${content.trim()}\n${text.slice(end)}`
}

const API_TYPES = 'tests/support/builders/http/openapi.generated.ts'

/** Every generated document. A new one is one entry here, and `bun run documents` writes it. */
const DOCUMENTS: readonly Document[] = [
  {
    path: 'docs/openapi.json',
    render: async () => `${JSON.stringify(apiDocument(), null, 2)}\n`,
  },
  { path: API_TYPES, render: apiTypes },
  { path: 'docs/errors.md', render: async () => errorsDocument() },
  { path: 'docs/security-cases.md', render: renderSecurityCases },
  { path: 'docs/asyncapi.yaml', render: asyncApiDocument },
  ...[1, 2].map((version) => ({
    path: `packages/user-events/src/contract/user-event-v${version}.generated.ts`,
    render: () => eventTypes(version),
  })),
  partOf('README.md', 'settings', async () => firstSettingsTable()),
  partOf('docs/configuration.md', 'settings', async () => settingsTables()),
  partOf('contracts/README.md', 'states', async () => statesTable()),
  partOf('contracts/README.md', 'matrix', verificationMatrix),
]

/** The paths of the documents whose file differs from what would be generated now. */
export const stalePaths = async (
  documents: readonly Document[],
  root = ROOT,
): Promise<string[]> => {
  const checked = await Promise.all(
    documents.map(async ({ path, render }) => {
      const present = await readFrom(path, root).catch(() => null)
      return { path, stale: present !== (await render()) }
    }),
  )
  return checked.filter(({ stale }) => stale).map(({ path }) => path)
}

/** Writes one document after the other, because two documents may be parts of one file. */
const writeAll = async (documents: readonly Document[]): Promise<void> => {
  for (const { path, render } of documents) {
    await mkdir(dirname(join(ROOT, path)), { recursive: true })
    await writeFile(join(ROOT, path), await render())
  }
}

if (import.meta.main) {
  if (process.argv.includes('--write')) await writeAll(DOCUMENTS)
  const stale = await stalePaths(DOCUMENTS)
  for (const path of stale) console.error(`${path} is out of date. Run: bun run documents`)
  process.exitCode = stale.length === 0 ? 0 : 1
}
