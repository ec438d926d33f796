import { afterAll } from 'bun:test'
import { endEverything, endOnSignals } from './at-the-end.ts'
import { removeTemporaryFolders } from './temporary-folder.ts'
import { removeRunFolder } from './test-run.ts'

// Loaded before all test files (bunfig.toml): only the `afterAll` of such a file runs after the tests of all files.

endOnSignals(removeRunFolder)

afterAll(async () => {
  const faults = await endEverything()
  removeRunFolder()
  removeTemporaryFolders()
  if (faults.length > 0) throw new AggregateError(faults, 'not everything could be cleared up')
}, 120_000)
