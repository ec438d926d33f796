import { afterAll } from 'bun:test'
import { removeTemporaryFolders } from './temporary-folder.ts'

// A dozen databases are some ten thousand files.
const MILLISECONDS = 60_000

// Loaded before every test run: the runner tells nobody else that it is about to end.
afterAll(removeTemporaryFolders, MILLISECONDS)
