import { afterAll } from 'bun:test'
import { endEverything, endOnSignals } from '../processes/at-the-end.ts'
import { removeRunFolder } from '../processes/run-folder.ts'

// Loaded before all test files (bunfig.toml): the only place whose `afterAll` comes after all of them.

endOnSignals(removeRunFolder)

afterAll(async () => {
  const faults = await endEverything()
  removeRunFolder()
  if (faults.length > 0) throw new AggregateError(faults, 'not everything could be cleared up')
}, 60_000)
