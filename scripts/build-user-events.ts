import { copyFile, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { ROOT } from './repository.ts'

/**
 * Makes `packages/user-events/dist/`: the package as JavaScript and declarations for whoever installs it. In this
 * repository Bun and the compiler read its sources, by the condition `bun`.
 */
const PACKAGE = join(ROOT, 'packages/user-events')
const DIST = join(PACKAGE, 'dist')

await rm(DIST, { recursive: true, force: true })
const { exitCode, stdout } = Bun.spawnSync(
  [join(ROOT, 'node_modules/.bin/tsc'), '-p', join(PACKAGE, 'tsconfig.json')],
  { cwd: ROOT },
)
if (exitCode !== 0) throw new Error(stdout.toString())

// The compiler rewrites imports in what runs, and leaves those in declarations alone.
const declarations = (await readdir(DIST)).filter((name) => name.endsWith('.d.ts'))
for (const name of declarations) {
  const path = join(DIST, name)
  const text = await readFile(path, 'utf8')
  await writeFile(path, text.replaceAll(/((?:from |import\()(['"])\.\/[^'"]+)\.ts\2/g, '$1.js$2'))
}
await copyFile(join(ROOT, 'LICENSE'), join(PACKAGE, 'LICENSE'))
// Not on standard output: that is for `npm pack --json`.
console.error(`dist: ${declarations.length} modules`)
