import { serve } from 'srvx/deno'
import { compose } from './compose.ts'
import { run } from './run.ts'

await run(serve, compose)
