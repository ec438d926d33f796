import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { lintFromString, loadConfig } from '@redocly/openapi-core'
import { ROOT } from '../repository.ts'

/** What is wrong with an OpenAPI document by the rules of redocly.yaml. A warning counts as an error. */
export const lintApiDocument = async (source: string): Promise<string[]> => {
  const config = await loadConfig({ configPath: join(ROOT, 'redocly.yaml') })
  const absoluteRef = join(ROOT, 'docs/openapi.json')
  const problems = await lintFromString({ source, absoluteRef, config })
  return problems.map(
    ({ severity, ruleId, message, location }) =>
      `${severity} ${ruleId} at ${location[0]?.pointer ?? '#/'}: ${message}`,
  )
}

if (import.meta.main) {
  const problems = await lintApiDocument(await readFile(join(ROOT, 'docs/openapi.json'), 'utf8'))
  for (const problem of problems) console.error(problem)
  process.exitCode = problems.length === 0 ? 0 : 1
}
