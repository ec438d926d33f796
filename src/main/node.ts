import { serve } from 'srvx/node'
import { compose } from './compose.ts'
import { run } from './run.ts'

await run(serve, compose)
