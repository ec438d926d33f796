import { mkdir, symlink, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { cruise } from 'dependency-cruiser'
import law from '../../../../.dependency-cruiser.ts'
import { ROOT } from '../../../../scripts/repository.ts'

/** Texts of files by their paths. */
export type Files = Readonly<Record<string, string>>

/** Writes files into a new folder, which finds the packages of this repository. */
export const plant = async (root: string, files: Files): Promise<void> => {
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(root, path)), { recursive: true })
    await writeFile(join(root, path), text)
  }
  await symlink(join(ROOT, 'node_modules'), join(root, 'node_modules'))
  await writeFile(join(root, 'package.json'), '{ "devDependencies": { "fast-check": "*" } }')
}

/** The modules under the folders and their imports, with the violations of the dependency law. */
export const cruiseSource = async (root: string, folders: string[]) => {
  const { output } = await cruise(folders, {
    ...law.options,
    validate: true,
    ruleSet: { forbidden: law.forbidden },
    baseDir: root,
  })
  if (typeof output === 'string') throw new Error('a report instead of a result')
  return output
}
