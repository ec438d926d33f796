import { serve } from 'srvx/bun'
import { compose } from './compose.ts'
import { run } from './run.ts'

await run(serve, compose)
