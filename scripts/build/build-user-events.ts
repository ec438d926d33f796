import { copyFile, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { ROOT } from '../repository.ts'

/**
 * Builds `packages/user-events/dist/`: the package as JavaScript and type declarations, for npm. Inside this repository
 * Bun and the compiler read the sources of the package, through the export condition `bun`.
 */
const PACKAGE = join(ROOT, 'packages/user-events')
const DIST = join(PACKAGE, 'dist')

await rm(DIST, { recursive: true, force: true })
const { exitCode, stdout } = Bun.spawnSync(
  [join(ROOT, 'node_modules/.bin/tsc'), '-p', join(PACKAGE, 'tsconfig.json')],
  { cwd: ROOT },
)
if (exitCode !== 0) throw new Error(stdout.toString())

// The compiler rewrites `.ts` imports in the JavaScript, but not in the declarations.
const declarations = (await readdir(DIST, { recursive: true })).filter((name) =>
  name.endsWith('.d.ts'),
)
for (const name of declarations) {
  const path = join(DIST, name)
  const text = await readFile(path, 'utf8')
  await writeFile(
    path,
    text.replaceAll(/((?:from |import\()(['"])\.{1,2}\/[^'"]+)\.ts\2/g, '$1.js$2'),
  )
}
await copyFile(join(ROOT, 'LICENSE'), join(PACKAGE, 'LICENSE'))
// Written to standard error, because `npm pack --json` writes to standard output.
console.error(`dist: ${declarations.length} modules`)
