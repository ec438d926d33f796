import { afterAll } from 'bun:test'
import { removeTemporaryFolders } from './temporary-folder.ts'

// Loaded before every test run: the runner tells nobody else that it is about to end.
afterAll(removeTemporaryFolders)
