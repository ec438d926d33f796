import { serve } from 'srvx/deno'
import { compose } from './compose.ts'
import { run } from './lifecycle/run.ts'

await run(serve, compose)
