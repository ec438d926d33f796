import { cp, rm } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { ROOT } from '../repository.ts'

/**
 * Builds the service and the command line for Node, as JavaScript with the migrations, into `dist/` or the folder that is
 * named. Packages stay in `node_modules`. Only the packages of this repository, which are TypeScript, are bundled.
 */
const DIST = resolve(ROOT, process.argv[2] ?? 'dist')
const MIGRATIONS = join(ROOT, 'src/adapters/postgres/driver/migrations')

const { dependencies, optionalDependencies } = await Bun.file(join(ROOT, 'package.json')).json()
const installed = Object.entries({ ...dependencies, ...optionalDependencies })
  .filter(([, version]) => !String(version).startsWith('workspace:'))
  .map(([name]) => name)

await rm(DIST, { recursive: true, force: true })
const built = await Bun.build({
  entrypoints: ['src/main/node.ts', 'src/main/cli.ts', 'src/adapters/pact/verifier-process.ts'].map(
    (path) => join(ROOT, path),
  ),
  naming: { entry: '[name].[ext]' },
  outdir: DIST,
  target: 'node',
  format: 'esm',
  splitting: true,
  sourcemap: 'linked',
  external: installed.flatMap((name) => [name, `${name}/*`]),
})
await cp(MIGRATIONS, join(DIST, 'migrations'), { recursive: true })
console.log(`dist: ${built.outputs.length} files`)
