import { readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { ROOT } from '../../../../scripts/repository.ts'
import { temporaryFolder } from '../../processes/test-run/temporary-folder.ts'

const IMPORTED = /(?<= from )'([^']+)'/g

/**
 * A module of the repository with one change in its source, as a new module. Without a change it is the module as it is. What it
 * imports is the original. Throws when the text to change is not there exactly once.
 */
export const plantedFault = async <Module>(
  path: string,
  right = '',
  wrong = '',
): Promise<Module> => {
  const file = join(ROOT, path)
  const source = await readFile(file, 'utf8')
  if (right !== '' && source.split(right).length !== 2)
    throw new Error(`${path} does not say once: ${right}`)
  const changed = source
    .replace(right, () => wrong)
    .replace(IMPORTED, (_, name: string) => `'${Bun.resolveSync(name, dirname(file))}'`)
  const twin = join(temporaryFolder(), `twin-${Bun.hash(changed)}.ts`)
  await writeFile(twin, changed)
  return import(twin)
}
